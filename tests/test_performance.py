"""A performance around a host that only passes sound on: takes, messages, and what is taken up."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from cli_fixtures import DelayHost
from desks import a_preset
from fakes import FakeCard

from ddsp_core.errors import AudioError
from realtime.desk import Change
from realtime.performance import Performance, Wishes
from realtime.performance_hands import Hands
from realtime.session import Status
from realtime.set_list import SetList, Song
from realtime.standing import StandingFile, new_file

PRESETS = (a_preset("violin"), a_preset("cello"))
SET = SetList((Song(title="", presets=PRESETS),))
PATIENCE_S = 10.0


@pytest.fixture
def descriptor() -> Iterator[int]:
    with new_file() as file:
        yield file.fileno()


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[list[Performance]]:
    """Every one that a test makes; closed at its end."""
    made: list[Performance] = []
    yield made
    for one in made:
        one.tape.close()


def a_performance(
    begun: list[Performance], wishes: Wishes, descriptor: int | None = None
) -> Performance:
    standing = StandingFile(descriptor) if descriptor is not None else None
    host, card = DelayHost(PRESETS), FakeCard([])
    one = Performance(host, SET, card, wishes, threading.Event(), standing=standing)  # type: ignore[arg-type]
    begun.append(one)
    return one


def messages(performance: Performance) -> list[str]:
    said: list[str] = []

    def listen(change: Change) -> None:
        if change.what == "message":
            said.append(str(change.value))

    performance.desk.listen(listen)
    return said


def wait_until(is_so: Callable[[], bool]) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.01)


def test_a_folder_that_refuses_is_said_before_there_is_sound(
    begun: list[Performance], tmp_path: Path
) -> None:
    (tmp_path / "takes").write_text("a file")
    one = a_performance(begun, Wishes(record=tmp_path / "takes"))
    with pytest.raises(AudioError, match="takes"):
        one.begin()


def test_a_pedal_whose_disk_refuses_is_a_message(begun: list[Performance], tmp_path: Path) -> None:
    (tmp_path / "takes").write_text("a file")
    one = a_performance(begun, Wishes())
    one.tape._parent = tmp_path / "takes"
    said = messages(one)
    one.begin()
    one.desk.do("record")
    wait_until(lambda: any("recording stopped" in text for text in said))
    assert not one.tape.is_recording
    one.desk.do("record")  # once more: no crash
    wait_until(lambda: sum("recording stopped" in text for text in said) == 2)


def test_two_presses_make_two_takes(begun: list[Performance], tmp_path: Path) -> None:
    one = a_performance(begun, Wishes(record=tmp_path))
    said = messages(one)
    one.begin()
    for _ in range(3):
        one.desk.do("record")
    one.tape.close()
    assert len(list(tmp_path.iterdir())) == 2
    assert [text.split(" ")[0] for text in said] == ["recorded", "recording", "recorded"]


def test_ending_no_take_is_nothing_to_tell(begun: list[Performance], tmp_path: Path) -> None:
    one = a_performance(begun, Wishes())
    said = messages(one)
    one.begin()
    one.desk.do("record", 0.0)
    assert said == []


def test_after_a_crash_preset_and_take_go_on(
    begun: list[Performance], tmp_path: Path, descriptor: int
) -> None:
    first = a_performance(begun, Wishes(record=tmp_path), descriptor)
    first.begin()
    first.desk.do("next_preset")
    first.desk.set("room_mix", 0.9)
    first.show(first.status)

    before = StandingFile(descriptor).read()
    assert before is not None
    first.tape.close()
    second = a_performance(begun, Wishes(record=tmp_path), descriptor)
    second.begin(before)
    second.tape.close()
    assert second.host.number == 1
    assert second.host.control_values["room_mix"] == 0.9
    (take,) = tmp_path.iterdir()
    assert second.tape.folder == take


def test_a_take_that_was_ended_is_not_gone_on_with(
    begun: list[Performance], tmp_path: Path, descriptor: int
) -> None:
    first = a_performance(begun, Wishes(record=tmp_path), descriptor)
    first.begin()
    first.desk.do("record", 0.0)
    first.show(first.status)
    second = a_performance(begun, Wishes(record=tmp_path), descriptor)
    second.begin(StandingFile(descriptor).read())
    assert not second.tape.is_recording


def test_a_view_that_has_gone_is_left_out(begun: list[Performance]) -> None:
    one = a_performance(begun, Wishes())
    seen: list[Status] = []

    class Gone:
        def show(self, status: Status) -> None:
            seen.append(status)
            raise OSError("the window was closed")

    one.views.append(Gone())
    one.show(one.status)
    one.show(one.status)
    assert len(seen) == 1


def test_the_stage_view_is_told_everything(begun: list[Performance], tmp_path: Path) -> None:
    one = a_performance(begun, Wishes(record=tmp_path))
    one.begin()
    wait_until(lambda: one.tape.disk_free_s is not None)
    one.desk.do("bypass")
    one.desk.do("tempo", 97.0)
    one.desk.set("a4_hz", 442.0)
    one.desk.say("hello")
    state = Hands(one).state()
    assert (state.preset, state.next_preset) == ("Violin", "Cello")
    assert state.is_bypassed
    assert (state.tempo_bpm, state.a4_hz) == (97.0, 442.0)
    assert state.message == "hello"
    assert state.message_age_s < PATIENCE_S
    assert state.recording_s == 0.0
    assert state.disk_free_s is not None
    assert state.disk_free_s > 0.0
    one.desk.do("record")
    wait_until(lambda: one.tape.disk_free_s is None)
    assert Hands(one).state().recording_s is None


def test_the_take_knows_what_was_asked_and_not_what_was_put_back(
    begun: list[Performance], tmp_path: Path, descriptor: int
) -> None:
    first = a_performance(begun, Wishes(record=tmp_path), descriptor)
    first.begin()
    noted: list[dict[str, object]] = []
    first.tape.note = lambda event: noted.append(dict(event))  # type: ignore[method-assign, assignment]
    first.desk.do("next_preset", source="keys")
    assert [event["what"] for event in noted] == ["preset"]
    first.show(first.status)
    second = a_performance(begun, Wishes(), descriptor)
    second.tape.note = first.tape.note  # type: ignore[method-assign]
    noted.clear()
    second.begin(StandingFile(descriptor).read())
    assert noted == []
    about = yaml.safe_load(next(tmp_path.glob("*/take.yaml")).read_text())
    assert about["presets"][0]["name"] == "violin"
