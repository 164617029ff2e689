"""Playing on with other flags: what may be asked for, and the way back when it does not play."""

import argparse
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ddsp_core.errors import ChanterelleError, DeviceError
from realtime import restart
from realtime.restart import Restart, flags_of, taken_up, with_flags
from realtime.standing import Standing, StandingFile, new_file
from realtime.supervisor import AGAIN, MARK

ARGS = argparse.Namespace(
    preset="violin,cello", set_list=None, input="file:in.wav", output="file:out.wav",
    block_size=128, singer=None,
)  # fmt: skip
FLAGS = {
    "preset": "violin,cello",
    "input": "file:in.wav",
    "output": "file:out.wav",
    "block_size": "128",
}


class Left(Exception):  # noqa: N818 (what os._exit does is no error)
    """In place of os._exit."""


@pytest.fixture
def descriptor(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    lifeline, our_end = os.pipe()
    with new_file() as file:
        monkeypatch.setenv(MARK, f"{file.fileno()},{lifeline}")
        yield file.fileno()
        os.close(our_end)


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of os._exit."""
    found: list[int] = []

    def leave(code: int) -> None:
        found.append(code)
        raise Left

    monkeypatch.setattr(os, "_exit", leave)
    return found


def the_performance(flags: dict[str, str] = FLAGS, *, records: bool = False) -> Any:
    presets = [SimpleNamespace(name="violin"), SimpleNamespace(name="cello")]
    now = Standing(place=1, controls={"room_mix": 0.2}, flags=flags, proven=flags)
    left: list[Standing] = []
    return SimpleNamespace(
        wishes=SimpleNamespace(flags=flags),
        tape=SimpleNamespace(is_recording=records),
        host=SimpleNamespace(presets=presets, number=1),
        keeper=SimpleNamespace(now=lambda: now),
        left=left,
        leave=left.append,
    )


def asked_of(performance: Any, flags: object, play: str = "") -> Standing:
    Restart(performance)({"flags": flags, "play": play})
    (standing,) = performance.left
    return cast(Standing, standing)


def test_flags_go_there_and_back() -> None:
    assert flags_of(ARGS) == FLAGS
    other = {**FLAGS, "block_size": "64", "singer": "Ann"}
    del other["output"]
    changed = with_flags(ARGS, other)
    assert (changed.block_size, changed.singer, changed.output) == (64, "Ann", None)
    assert flags_of(changed) == other


@pytest.mark.usefixtures("descriptor")
def test_another_block_size_keeps_all_that_was_turned() -> None:
    standing = asked_of(the_performance(), {"block_size": "64"})
    assert standing.flags == {**FLAGS, "block_size": "64"}
    assert standing.proven == FLAGS
    assert (standing.place, standing.controls) == (1, {"room_mix": 0.2})


@pytest.mark.usefixtures("descriptor")
def test_in_another_set_the_same_preset_plays_on_at_its_new_place() -> None:
    standing = asked_of(the_performance(), {"preset": "flute,echo,cello"})
    assert (standing.place, standing.controls) == (2, {"room_mix": 0.2})


@pytest.mark.usefixtures("descriptor")
def test_another_preset_begins_as_its_file_says() -> None:
    standing = asked_of(the_performance(), {"preset": "violin,cello,flute"}, play="flute")
    assert (standing.place, standing.controls) == (2, {})
    assert standing.proven == FLAGS


@pytest.mark.usefixtures("descriptor")
@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"block_size": "7"}, "block size: "),
        ({"block_size": "many"}, "block size: "),
        ({"preset": "viola"}, "no preset 'viola'"),
        ({"singer": "Nobody"}, "no singer"),
        ({"osc": "9000"}, "osc"),
        ({"block_size": 64}, "block_size: 64"),
        (None, "no flags"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_stops(flags: object, words: str) -> None:
    performance = the_performance()
    with pytest.raises(ChanterelleError, match=words):
        asked_of(performance, flags)
    assert not performance.left


@pytest.mark.usefixtures("descriptor")
def test_a_take_ends_first() -> None:
    with pytest.raises(ChanterelleError, match="end the take first"):
        asked_of(the_performance(records=True), {"block_size": "64"})


def test_without_a_supervisor_nobody_would_start_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MARK, raising=False)
    with pytest.raises(ChanterelleError, match="nobody would start"):
        asked_of(the_performance(), {"block_size": "64"})


@pytest.mark.usefixtures("descriptor")
def test_a_set_list_keeps_its_presets() -> None:
    with pytest.raises(ChanterelleError, match="a set list plays"):
        asked_of(the_performance({"set_list": "show.yaml"}), {"preset": "flute"})


def test_the_successor_plays_with_what_was_asked_for(descriptor: int) -> None:
    wanted = {**FLAGS, "block_size": "64"}
    StandingFile(descriptor).write(Standing(flags=wanted, proven=FLAGS))
    played: list[int] = []

    def play(
        args: argparse.Namespace, _end: threading.Event, _file: object, _before: object
    ) -> int:
        played.append(args.block_size)
        return 0

    assert taken_up(ARGS, play) == 0
    assert played == [64]


def test_what_does_not_play_goes_back_and_says_why(descriptor: int, codes: list[int]) -> None:
    wanted = {**FLAGS, "input": "Nothing like it"}
    before = Standing(place=1, flags=wanted, proven=FLAGS)
    StandingFile(descriptor).write(before)

    def play(*_: object) -> int:
        raise DeviceError("--input", "no device 'Nothing like it'", "USB Mic")

    with pytest.raises(Left):
        taken_up(ARGS, play)
    assert codes == [AGAIN]
    kept = StandingFile(descriptor).read()
    assert kept is not None
    assert (kept.place, kept.flags) == (1, FLAGS)
    assert "playing on as before: --input: no device" in kept.said


def test_a_crash_goes_back_too(descriptor: int) -> None:
    wanted = {**FLAGS, "block_size": "16"}
    StandingFile(descriptor).write(Standing(flags=wanted, proven=FLAGS))
    found: list[Standing | None] = []

    def play(*_: object) -> int:
        found.append(StandingFile(descriptor).read())  # what a successor would see now
        return 0

    taken_up(ARGS, play)
    assert found[0] is not None
    assert found[0] == replace(found[0], flags=FLAGS, proven=FLAGS)
    assert "crashed" in found[0].said


def test_who_has_played_with_its_flags_does_not_go_back(descriptor: int, codes: list[int]) -> None:
    StandingFile(descriptor).write(Standing(flags=FLAGS, proven=FLAGS))

    def play(*_: object) -> int:
        raise DeviceError("--input", "unplugged", "")

    with pytest.raises(DeviceError, match="unplugged"):
        taken_up(ARGS, play)
    assert not codes


def test_there_is_one_table_of_what_may_change() -> None:
    assert set(restart.CHANGEABLE) <= {*vars(ARGS)}
