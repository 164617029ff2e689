"""What OSC packets do, without sockets: every address, buttons, times and mistakes."""

import time

import pytest
from osc_stage import TABLET, Stage
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from realtime.commands import COMMANDS
from realtime.controls import CONTROLS
from realtime.desk import Change
from realtime.osc_addresses import directory
from realtime.osc_answers import AHEAD_S, MOST_TOLD, MOST_WAITING
from realtime.osc_packet import Value


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_every_control_and_parameter_has_its_address(stage: Stage) -> None:
    for name in stage.instrument.control_values:
        control = stage.instrument.find_control(name)
        stage.forget()
        stage.hear(name.replace(".", "/"), float(control.maximum))
        assert stage.instrument.asked == [(name, control.maximum)]
        assert stage.changes == [Change("control", name, control.maximum, "osc")]
    assert not stage.answers.troubles


def test_numbers_of_every_type_and_words_turn_controls(stage: Stage) -> None:
    for value in (0.25, 1, True, False):
        builder = OscMessageBuilder("/chanterelle/room_mix")
        builder.add_arg(value)
        stage.answers.receive(builder.build().dgram, TABLET, 0.0)
        assert stage.instrument.control_values["room_mix"] == float(value)
    stage.hear("key", "Eb")
    assert stage.instrument.control_values["key"] == 3.0
    assert not stage.answers.troubles


def test_a_control_without_a_value_is_a_question(stage: Stage) -> None:
    stage.hear("echo/mix")
    assert stage.post[TABLET] == [("/chanterelle/echo/mix", (pytest.approx(0.2),))]
    assert not stage.instrument.asked


def test_every_command_has_its_address(stage: Stage) -> None:
    asked: list[tuple[str, object]] = []
    for command in COMMANDS:
        stage.desk.provide(
            command.name, lambda value, _, name=command.name: asked.append((name, value))
        )
    for command in COMMANDS:
        value = {"text": "echo", "number": 90.0}.get(command.argument, 1.0)
        stage.hear(command.name, value)
        told = value if command.argument else None
        assert asked.pop() == (command.name, told)
        assert not asked
    assert not stage.answers.troubles


def test_a_button_acts_when_pressed_and_not_when_released(stage: Stage) -> None:
    stage.hear("panic", 1.0)
    stage.hear("panic", 0.0)
    stage.hear("panic")
    assert stage.instrument.asked == [("panic", None)] * 2
    stage.forget()
    stage.hear("bypass", 1.0)
    stage.hear("bypass", 0.0)
    stage.hear("bypass")
    assert stage.instrument.asked == [("bypass", True), ("bypass", False), ("bypass", True)]
    stage.forget()
    stage.hear("preset/cello", 1.0)
    stage.hear("preset/cello", 0.0)
    stage.hear("preset/3")
    stage.hear("preset", 1)
    assert stage.instrument.asked == [("choose", 1), ("choose", 2), ("choose", 0)]


@pytest.mark.parametrize(
    ("address", "values"),
    [
        ("romm_mix", (0.5,)),
        ("room_mix", (1.5,)),
        ("room_mix", ("loud",)),
        ("room_mix", (None,)),
        ("room_mix", (0.5, 0.5)),
        ("room_mix", (float("nan"),)),
        ("echo/size", (0.5,)),
        ("preset", ("viola",)),
        ("preset", ()),
        ("panic/now", (1.0,)),
        ("panic", ("now",)),
        ("next_song", (1.0,)),
        ("bypass", ("on",)),
        ("subscribe", ("here",)),
        ("subscribe", (80,)),
        ("", (1.0,)),
    ],
)
def test_mistakes_are_counted_and_told_once(
    stage: Stage, address: str, values: tuple[Value, ...]
) -> None:
    for _ in range(5):
        stage.hear(address, *values)
    assert dict(stage.answers.troubles) == {"refused": 5}
    assert not stage.instrument.asked
    assert len(stage.said) == 1
    assert stage.said[0].startswith(f"OSC: /chanterelle/{address}")


def test_an_unknown_address_is_asked_about(stage: Stage) -> None:
    stage.hear("romm_mix", 0.5)
    stage.hear("xyzzy", 0.5)
    assert stage.said == [
        "OSC: /chanterelle/romm_mix: no such address: did you mean /chanterelle/room_mix?",
        "OSC: /chanterelle/xyzzy: no such address: see /chanterelle/help",
    ]


def test_a_stream_of_mistakes_does_not_flood_the_performer(stage: Stage) -> None:
    for number in range(500):
        stage.hear(f"nobody_{number}", 1.0)
        stage.answers.receive(b"rubbish", (f"10.0.1.{number}", 5), 0.0)
    assert dict(stage.answers.troubles) == {"refused": 500, "malformed": 500}
    assert len(stage.said) == MOST_TOLD


def test_a_host_that_fails_ends_nothing(stage: Stage) -> None:
    stage.instrument.set_control = lambda *_: 1 / 0  # type: ignore[method-assign, assignment]
    stage.hear("room_mix", 0.5)
    assert dict(stage.answers.troubles) == {"failed": 1}
    assert "ZeroDivisionError" in stage.said[0]


def test_help_names_every_address(stage: Stage) -> None:
    stage.hear("help", 9005)
    lines = [values for address, values in stage.post[(TABLET[0], 9005)]]
    assert lines == list(directory(stage.desk))
    names = {address for address, _ in lines}
    assert {"/chanterelle/echo/mix", "/chanterelle/room_mix", "/chanterelle/panic"} <= names
    for entry in (*CONTROLS, *COMMANDS):
        assert f"/chanterelle/{entry.name}" in names
    stage.hear("help", 9005)  # not again at once
    assert len(stage.post[(TABLET[0], 9005)]) == len(lines)


def in_s(wait_s: float, *values: float) -> bytes:
    bundle = OscBundleBuilder(time.time() + wait_s)  # type: ignore[arg-type]
    for value in values:
        message = OscMessageBuilder("/chanterelle/room_mix")
        message.add_arg(value)
        bundle.add_content(message.build())
    return bytes(bundle.build().dgram)


def test_bundles_wait_for_their_time(stage: Stage) -> None:
    stage.answers.receive(in_s(0.5, 0.25, 0.5), TABLET, stage.now_s)
    stage.tick(0.3)
    assert not stage.instrument.asked
    assert stage.answers.due_in_s(stage.now_s) == pytest.approx(0.2, abs=0.1)
    stage.tick(0.3)
    assert stage.instrument.asked == [("room_mix", 0.25), ("room_mix", 0.5)]


@pytest.mark.parametrize("wait_s", [-100.0, 0.0, AHEAD_S + 1.0, 1e6])
def test_bundles_of_another_clock_are_for_now(stage: Stage, wait_s: float) -> None:
    stage.answers.receive(in_s(wait_s, 0.5), TABLET, stage.now_s)
    assert stage.instrument.asked == [("room_mix", 0.5)]


def test_few_messages_wait(stage: Stage) -> None:
    for _ in range(10):
        stage.answers.receive(in_s(0.5, *[0.5] * 100), TABLET, stage.now_s)
    assert len(stage.instrument.asked) == 1000 - MOST_WAITING
    stage.tick(1.0)
    assert len(stage.instrument.asked) == 1000
