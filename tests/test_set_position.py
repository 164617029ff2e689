"""Stepping through a show: over the borders of songs, and no further than its ends."""

import pytest
from desks import a_desk, a_preset

from ddsp_core.errors import ControlError
from realtime.desk import Change, Desk
from realtime.set_list import SetList, Song
from realtime.set_position import SetPosition

VIOLIN, CELLO, FLUTE = a_preset("violin"), a_preset("cello"), a_preset("flute")
SHOW = SetList(
    (
        Song("Summertime", (VIOLIN, CELLO), "slow", 84.0),
        Song("Misty", (VIOLIN,)),
        Song("Encore", (FLUTE, VIOLIN, FLUTE), "", 120.0),
    )
)
PLACES = [(0, 0), (0, 1), (1, 0), (2, 0), (2, 1), (2, 2)]


def a_show(show: SetList = SHOW) -> tuple[Desk, SetPosition, list[Change]]:
    desk, _, changes = a_desk(show.presets)
    return desk, SetPosition(desk, show), changes


def at(position: SetPosition) -> tuple[int, int]:
    return position.song_index, position.preset_index


def test_next_and_previous_walk_the_whole_show_and_stay_at_its_ends() -> None:
    desk, position, _ = a_show()
    seen = [at(position)]
    for _ in range(7):
        desk.do("next_preset")
        seen.append(at(position))
    assert seen == [*PLACES, PLACES[-1], PLACES[-1]]
    back = []
    for _ in range(6):
        desk.do("previous_preset")
        back.append(at(position))
    assert back == [*PLACES[-2::-1], PLACES[0]]


def test_the_instrument_plays_the_preset_of_each_place() -> None:
    desk, position, _ = a_show()
    for _ in range(5):
        desk.do("next_preset")
        place = position.where()
        assert desk.instrument.presets[desk.instrument.number].title == place.preset


def test_the_ends_are_said() -> None:
    desk, _, changes = a_show()
    desk.do("previous_preset", source="pedal")
    desk.do("previous_song")
    desk.do("song", "Encore")
    desk.do("next_song")
    said = [change for change in changes if change.what == "message"]
    assert said[0] == Change("message", "", "this is the first preset of the set", "pedal")
    assert [change.value for change in said[1:]] == [
        "this is the first song",
        "this is the last song",
    ]


def test_songs_are_found_by_step_title_and_number() -> None:
    desk, position, _ = a_show()
    for argument, place in (("misty", 1), (3.0, 2), ("1", 0), ("ENCORE", 2)):
        desk.do("song", argument)
        assert at(position) == (place, 0)
    desk.do("previous_song")
    assert at(position) == (1, 0)
    desk.do("next_song")
    assert at(position) == (2, 0)


@pytest.mark.parametrize("name", ["Mist", "0", 4.0, -1.0, "nan", "inf", "1e999"])
def test_an_unknown_song_lists_the_songs_and_moves_nothing(name: str | float) -> None:
    desk, position, _ = a_show()
    with pytest.raises(ControlError, match="Encore, Misty, Summertime"):
        desk.do("song", name)
    assert at(position) == (0, 0)


def test_a_new_song_is_told_before_its_preset_and_sets_the_tempo() -> None:
    desk, _, changes = a_show()
    tempi: list[object] = []
    desk.provide("tempo", lambda bpm, _source: tempi.append(bpm))
    desk.do("next_preset", source="pedal")
    assert not [change for change in changes if change.what == "song"]
    desk.do("song", 3, "osc")
    told = [change for change in changes if change.what in ("song", "preset")]
    assert told[1:] == [
        Change("song", "Encore", 2.0, "osc"),
        Change("preset", "flute", 2.0, "osc"),
    ]
    assert tempi == [120.0]
    desk.do("song", "Misty")  # without a tempo: the last one stays
    assert tempi == [120.0]


def test_begin_tells_where_the_show_starts() -> None:
    desk, position, changes = a_show()
    tempi: list[object] = []
    desk.provide("tempo", lambda bpm, _source: tempi.append(bpm))
    position.begin()
    assert changes[0] == Change("song", "Summertime", 0.0, "start")
    assert changes[1].what == "preset"
    assert tempi == [84.0]


def test_where_shows_this_and_what_comes_next() -> None:
    desk, position, _ = a_show()
    place = position.where()
    assert (place.song, place.next_song, place.song_number, place.n_songs) == (
        "Summertime",
        "Misty",
        1,
        3,
    )
    assert (place.preset, place.next_preset) == ("Violin", "Cello")
    assert (place.note, place.tempo_bpm) == ("slow", 84.0)
    desk.do("next_preset")
    assert position.where().next_preset == "Violin", "of the next song"
    position.restore(2, 2)
    assert (position.where().next_song, position.where().next_preset) == ("", "")


def test_a_place_is_restored_or_the_nearest_that_exists() -> None:
    desk, position, _ = a_show()
    position.restore(2, 1)
    assert (at(position), desk.instrument.number) == ((2, 1), 0)
    position.restore(9, 9)
    assert at(position) == (2, 2)
    position.restore(-1, -1)
    assert at(position) == (0, 0)


def test_a_preset_chosen_directly_is_followed_within_its_song_if_it_can() -> None:
    desk, position, changes = a_show()
    desk.do("preset", "cello")
    assert at(position) == (0, 1)
    desk.do("preset", "flute", "midi")
    assert at(position) == (2, 0)
    assert Change("song", "Encore", 2.0, "midi") in changes
    desk.do("preset", "violin")
    assert at(position) == (2, 1), "the violin of this song, not of the first"
    desk.do("preset", "cello")
    assert at(position) == (0, 1), "from the beginning, where nothing follows"


def test_without_a_set_list_presets_step_and_no_song_is_told() -> None:
    desk, position, changes = a_show(SetList((Song("", (CELLO, FLUTE)),)))
    position.begin()
    desk.do("next_preset")
    assert desk.instrument.number == 1
    assert not [change for change in changes if change.what == "song"]
    assert (position.where().song, position.where().n_songs) == ("", 0)
