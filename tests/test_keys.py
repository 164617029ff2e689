"""Keys: every one does what its table says."""

import io
import os
import random
import signal
from pathlib import Path

import pytest
from desks import a_desk

from realtime.commands import BY_NAME as COMMANDS
from realtime.controls import Control
from realtime.desk import Change, Desk
from realtime.keys import HAND, Keys, next_value
from realtime.keys_table import BY_NAME, KEYS, OWN, SEQUENCES, names_of


def keys_of(desk: Desk, **arguments: object) -> Keys:
    return Keys(desk, stream=io.StringIO(), **arguments)  # type: ignore[arg-type]


def test_every_action_exists_and_says_what_it_does() -> None:
    assert all(key.action in OWN or key.action in COMMANDS for key in KEYS)
    assert all(key.doc for key in KEYS)
    assert {key.action for key in KEYS} >= set(OWN)
    names = [name for key in KEYS for name in key.names]
    assert len(names) == len(set(names))
    assert {name for name in names if len(name) > 1} == set(SEQUENCES.values())


def test_every_key_that_is_a_command_asks_for_it() -> None:
    desk, _, _ = a_desk()
    asked: list[str] = []
    for name in COMMANDS:
        desk.provide(
            name, lambda value, source, name=name: asked.append(f"{name} {value} {source}")
        )
    keys = keys_of(desk)
    for name, key in BY_NAME.items():
        asked.clear()
        keys.press(name, 10.0)
        value = name if key.action == "preset" else None
        by_key = [] if key.action in OWN else [f"{key.action} {value} keys"]
        assert asked == (["learn echo.time_s keys"] if name == "l" else by_key)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        (b"\x1b[C\x1bOD r", ["right", "left", "space", "r"]),
        (b"\x1b", ["escape"]),
        (b"\x1b\x1b[A", ["escape", "up"]),
        (b"\x1b[1;5C", []),  # Ctrl-right
        (b"\x1bx", []),  # Alt-x
        ("ß→".encode(), []),
        (b"\x1b[999", []),
        (b"r" * 60, []),  # pasted
    ],
)
def test_what_terminals_send(typed: bytes, names: list[str]) -> None:
    assert names_of(typed) == names


def test_any_bytes_are_typed_without_harm() -> None:
    desk, instrument, _ = a_desk()
    keys = keys_of(desk)
    rng = random.Random(1)
    pieces = [bytes([k]) for k in range(256)] + list(SEQUENCES) + [b"\x1b[", b"\x1bO", b";5"]
    for _ in range(3000):
        for name in names_of(b"".join(rng.choices(pieces, k=rng.randrange(12)))):
            keys.press(name)
    for name, value in instrument.control_values.items():
        assert instrument.find_control(name).check(value) == value


def test_a_key_that_is_held_down_switches_once() -> None:
    desk, _, _ = a_desk()
    keys = keys_of(desk)
    takes: list[object] = []
    desk.provide("record", lambda value, _source: takes.append(value))
    for step in range(40):  # half a second, then thirty a second
        keys.press("r", 100.0 + (0.5 + 0.033 * step if step else 0.0))
    assert len(takes) == 1
    keys.press("r", 103.0)
    assert len(takes) == 2


def test_a_key_pressed_twice_is_heard_twice() -> None:
    desk, instrument, _ = a_desk()
    keys = keys_of(desk)
    for now_s in (10.0, 10.3, 11.0, 11.03, 11.06):
        keys.press("b", now_s)
    assert instrument.asked == [("bypass", True), ("bypass", False), ("bypass", True)]


def test_a_control_is_chosen_and_turned() -> None:
    desk, instrument, changes = a_desk()
    keys = keys_of(desk)
    keys.press("+")
    assert "Tab" in str(changes[-1].value)
    keys.press("tab")
    first = keys.selected
    assert first is not None
    assert first.name == next(iter(instrument.control_values))
    keys.press("+")
    assert changes[-1] == Change("control", first.name, first.value + 1.0, HAND)
    assert keys.selected == first._replace(value=first.value + 1.0)
    keys.press("0")
    assert keys.selected == first
    keys.press("shift-tab")
    assert keys.selected is not None
    assert keys.selected.name == "echo.time_s"  # the last of all
    keys.press("tab")
    assert keys.selected == first


def test_a_chosen_parameter_may_go_with_its_preset() -> None:
    desk, instrument, changes = a_desk()
    keys = keys_of(desk)
    keys.press("shift-tab")
    instrument._values = dict(instrument.presets[0].controls)
    assert keys.selected is None
    keys.press("-")
    assert "Tab" in str(changes[-1].value)
    keys.press("tab")
    assert keys.selected is not None


@pytest.mark.parametrize(
    ("control", "value", "steps"),
    [
        (Control("mix", 0, 1, 0, "", 0, ""), 0.401, [0.42, 0.44]),
        (Control("shift", -3, 3, 0, "", 0, "", step=1), 2.0, [3.0, 3.0]),
        (Control("gain_db", -24, 36, 0, "dB", 0, ""), -0.4, [1.0, 2.0]),
        (Control("cutoff_hz", 20, 20000, 1000, "Hz", 0, "", curve="log"), 1000, [1148.2, 1318.3]),
    ],
)
def test_turns_are_even_and_stay_in_range(
    control: Control, value: float, steps: list[float]
) -> None:
    for expected in steps:
        value = next_value(control, value, 1)
        assert value == pytest.approx(expected, abs=0.1 if expected > 100 else 1e-9)
    for _ in range(200):
        value = control.check(next_value(control, value, -1))
    assert value == control.minimum


def test_what_cannot_be_done_becomes_a_message() -> None:
    desk, _, changes = a_desk()
    desk.provide("record", lambda _value, _source: 1 / 0)  # type: ignore[arg-type, return-value]
    keys = keys_of(desk)
    keys.press("9")
    assert "1 to 3" in str(changes[-1].value)
    keys.press("down")
    assert "nobody here" in str(changes[-1].value)
    keys.press("r")
    assert "ZeroDivisionError" in str(changes[-1].value)
    assert {change.what for change in changes} == {"message"}


def test_learning_is_of_the_chosen_control() -> None:
    desk, _, changes = a_desk()
    learnt: list[object] = []
    desk.provide("learn", lambda value, _source: learnt.append(value))
    keys = keys_of(desk)
    keys.press("l", 1.0)
    assert "Tab" in str(changes[-1].value)
    keys.press("tab", 1.1)
    keys.press("l", 2.0)
    assert learnt == ["input_gain_db"]


def test_quitting_a_recording_is_asked_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    desk, _, changes = a_desk()
    ended: list[bool] = []
    is_recording = [True]
    keys = keys_of(desk, end=lambda: ended.append(True), is_recording=lambda: is_recording[0])
    keys.press("q", 10.0)
    assert not ended
    assert "q again" in str(changes[-1].value)
    keys.press("q", 10.2)  # held down
    assert not ended
    keys.press("q", 11.0)
    assert ended == [True]
    is_recording[0] = False
    keys.press("q", 20.0)
    assert ended == [True, True]


def test_without_a_terminal_there_are_no_keys() -> None:
    desk, _, _ = a_desk()
    before = signal.getsignal(signal.SIGTSTP)
    with Path(os.devnull).open() as nothing:
        for stream in (io.StringIO("rrr"), nothing):
            with Keys(desk, stream=stream):
                assert signal.getsignal(signal.SIGTSTP) is before
