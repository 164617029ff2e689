"""Where a performance stands is kept as it changes, and put back as it was."""

from collections.abc import Iterator

import pytest
from desks import FakeInstrument, a_desk, a_preset

from realtime.desk import Desk
from realtime.keeper import Keeper, go_on
from realtime.session import Status
from realtime.set_list import SetList, Song
from realtime.set_position import SetPosition
from realtime.standing import Standing, StandingFile, new_file
from realtime.tempo import Tempo

PRESETS = (a_preset("violin"), a_preset("cello", octave_shift=-1), a_preset("flute"))
STATUS = Status(0.0, 0.0, 0, 0, 0.0, "")
SONGS = (
    Song(title="One", presets=(PRESETS[0], PRESETS[1]), tempo_bpm=90.0),
    Song(title="Two", presets=(PRESETS[2], PRESETS[1])),
)


@pytest.fixture
def descriptor() -> Iterator[int]:
    with new_file() as file:
        yield file.fileno()


def performance(songs: tuple[Song, ...] = SONGS) -> tuple[Desk, FakeInstrument, SetPosition]:
    desk, instrument, _ = a_desk(PRESETS)
    Tempo(desk)
    return desk, instrument, SetPosition(desk, SetList(songs))


def kept(descriptor: int) -> Standing:
    found = StandingFile(descriptor).read()
    assert found is not None
    return found


def test_everything_that_was_turned_stands_again(descriptor: int) -> None:
    desk, instrument, position = performance()
    take = "takes/one"
    keeper = Keeper(StandingFile(descriptor), desk, position, lambda: take)
    position.begin()
    desk.do("song", "Two")
    desk.do("next_preset")
    desk.set("room_mix", 0.9)
    desk.set("echo.mix", 0.7)
    desk.do("bypass_effect", "echo")
    desk.do("bypass")
    desk.do("tempo", 132.0)
    keeper.show(STATUS)

    found = kept(descriptor)
    assert (found.song, found.place, found.take) == (1, 1, "takes/one")
    again, successor, place = performance()
    go_on(found, again, place)
    assert (place.song_index, place.preset_index, successor.number) == (1, 1, 1)
    assert successor.control_values == instrument.control_values
    assert successor.control_values["echo.mix"] == 0.7
    assert successor.effects_out == {"echo"}
    assert successor.is_bypassed
    assert successor.tempo_bpm == 132.0


@pytest.mark.parametrize("stood_out", [False, True])
def test_an_effect_that_the_preset_leaves_out_is_as_it_was(stood_out: bool) -> None:
    desk, instrument, position = performance()
    choose = instrument.choose

    def chosen(number: int) -> None:
        choose(number)
        instrument.effects_out = {"echo"}  # as the preset's file says

    instrument.choose = chosen  # type: ignore[method-assign]
    go_on(Standing(effects_out=("echo",) if stood_out else ()), desk, position)
    assert ("echo" in instrument.effects_out) is stood_out


def test_a_take_that_has_ended_is_not_kept(descriptor: int) -> None:
    desk, _, position = performance()
    takes = ["takes/one"]
    keeper = Keeper(StandingFile(descriptor), desk, position, lambda: takes[0])
    keeper.show(STATUS)
    takes[0] = ""
    keeper.show(STATUS)
    assert kept(descriptor).take == ""


def test_what_an_edited_set_lacks_is_left_out() -> None:
    desk, instrument, position = performance(SONGS[:1])
    standing = Standing(song=7, place=9, controls={"gone.mix": 0.5, "room_mix": 0.8})
    go_on(standing, desk, position)
    assert (position.song_index, position.preset_index) == (0, 1)
    assert instrument.control_values["room_mix"] == 0.8
    assert "gone.mix" not in instrument.control_values


def test_an_effect_that_is_gone_is_left_out() -> None:
    desk, instrument, position = performance()
    go_on(Standing(effects_out=("gone", "echo")), desk, position)
    assert instrument.effects_out == {"echo"}


def test_the_song_s_own_tempo_stands_until_another_is_set(descriptor: int) -> None:
    desk, instrument, position = performance()
    keeper = Keeper(StandingFile(descriptor), desk, position, lambda: "")
    position.begin()
    keeper.show(STATUS)
    assert kept(descriptor).tempo_bpm == instrument.tempo_bpm == 90.0
