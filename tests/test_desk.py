"""The desk: what is turned and asked for is checked, done, and told to all who listen."""

import threading

import pytest
from desks import FakeInstrument, a_desk, a_preset

from ddsp_core.errors import ControlError
from realtime.commands import COMMANDS, find_command
from realtime.desk import Change, Desk, Instrument, is_on


def test_a_control_is_checked_set_and_told() -> None:
    desk, instrument, changes = a_desk()
    assert desk.set("room_mix", "0.25", "osc") == 0.25
    assert instrument.control_values["room_mix"] == 0.25
    assert changes == [Change("control", "room_mix", 0.25, "osc")]


def test_a_value_is_told_as_it_was_rounded() -> None:
    desk, instrument, changes = a_desk()
    assert desk.set("octave_shift", 0.7) == 1.0
    assert instrument.asked == [("octave_shift", 1.0)]
    assert changes[-1].value == 1.0


def test_a_parameter_of_an_effect_is_turned_like_any_control() -> None:
    desk, instrument, changes = a_desk()
    desk.set("echo.mix", 0.5, "midi")
    assert instrument.control_values["echo.mix"] == 0.5
    assert changes == [Change("control", "echo.mix", 0.5, "midi")]


@pytest.mark.parametrize(
    ("name", "value"),
    [("room_mix", 1.5), ("room_mix", "loud"), ("romm_mix", 0.5), ("echo.size", 0.5), ("echo", 1)],
)
def test_what_does_not_fit_changes_nothing_and_names_it(name: str, value: object) -> None:
    desk, instrument, changes = a_desk()
    with pytest.raises(ControlError, match=name):
        desk.set(name, value)
    assert not instrument.asked
    assert not changes


def test_a_listener_that_fails_keeps_nobody_from_hearing() -> None:
    desk = Desk(FakeInstrument())
    heard: list[Change] = []
    desk.listen(lambda _change: 1 / 0)
    desk.listen(heard.append)
    desk.say("hello", "keys")
    assert heard == [Change("message", "", "hello", "keys")]


def test_a_preset_is_chosen_by_place_or_name_and_its_values_told() -> None:
    desk, instrument, changes = a_desk()
    desk.do("preset", "cello", "midi")
    assert instrument.number == 1
    assert changes[0] == Change("preset", "cello", 1.0, "midi")
    told = {change.name: change.value for change in changes if change.what == "control"}
    assert told == dict(instrument.control_values)
    assert {change.source for change in changes[1:]} == {"preset"}
    desk.do("preset", 3.0)
    assert instrument.number == 2


def test_a_preset_whose_name_is_a_number_is_found_by_it() -> None:
    desk, instrument, _ = a_desk([a_preset("2"), a_preset("1")])
    desk.do("preset", "1")
    assert instrument.number == 1


@pytest.mark.parametrize("value", ["viola", "0", 4.0, -1.0, float("nan"), float("inf"), "1e999"])
def test_no_such_preset(value: float | str) -> None:
    desk, instrument, changes = a_desk()
    with pytest.raises(ControlError, match="preset"):
        desk.do("preset", value)
    assert instrument.number == 0
    assert not changes


@pytest.mark.parametrize(("number", "chosen"), [(-3, 0), (1, 1), (99, 2)])
def test_beyond_the_ends_of_the_set_stands_the_nearest(number: int, chosen: int) -> None:
    desk, instrument, _ = a_desk()
    desk.choose(number)
    assert instrument.number == chosen


def test_a_switch_is_toggled_or_set() -> None:
    desk, instrument, changes = a_desk()
    desk.do("bypass", None, "keys")
    assert instrument.is_bypassed
    desk.do("bypass", 0.0)
    assert not instrument.is_bypassed
    assert [change.value for change in changes] == [1.0, 0.0]


def test_effects_are_bypassed_by_name() -> None:
    desk, _, changes = a_desk()
    desk.do("bypass_effect", "echo")
    desk.do("bypass_effect", "echo")
    assert [change[:3] for change in changes] == [
        ("bypass_effect", "echo", 1.0),
        ("bypass_effect", "echo", 0.0),
    ]
    with pytest.raises(ControlError, match="ecco"):
        desk.do("bypass_effect", "ecco")


def test_a_preset_that_is_kept_begins_as_it_was_turned() -> None:
    desk, instrument, changes = a_desk()
    desk.set("echo.mix", 0.5)
    desk.do("keep_preset", source="console")
    assert changes[-1] == Change("keep_preset", "violin", 0.0, "console")
    desk.do("preset", "cello")
    desk.do("preset", "violin")
    assert instrument.control_values["echo.mix"] == 0.5


def test_panic_reaches_the_instrument() -> None:
    desk, instrument, changes = a_desk()
    desk.do("panic", 1.0, "midi")
    assert instrument.asked == [("panic", None)]
    assert changes == [Change("panic", "", 0.0, "midi")]


def test_whoever_provides_a_command_gets_its_argument_checked() -> None:
    desk, _, _ = a_desk()
    given: list[tuple[float | str | None, str]] = []
    for command in ("tempo", "song", "record", "next_song"):
        desk.provide(command, lambda value, source: given.append((value, source)))
    desk.do("tempo", "90", "osc")
    desk.do("song", "Solveig", "osc")
    desk.do("record", None, "osc")
    desk.do("next_song", 1.0, "osc")
    assert given == [(90.0, "osc"), ("Solveig", "osc"), (None, "osc"), (None, "osc")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tempo", None),
        ("tempo", "fast"),
        ("tempo", float("nan")),
        ("bypass", "on"),
        ("song", None),
        ("song", ""),
        ("next_preest", None),
    ],
)
def test_a_command_that_does_not_fit_is_not_carried_out(name: str, value: float | str) -> None:
    desk, instrument, changes = a_desk()
    for command in ("tempo", "song"):
        desk.provide(command, lambda *_: pytest.fail("it was carried out"))
    with pytest.raises(ControlError):
        desk.do(name, value)
    assert not instrument.asked
    assert not changes


def test_what_nobody_can_do_says_so() -> None:
    desk, _, _ = a_desk()
    with pytest.raises(ControlError, match="nobody here can do it"):
        desk.do("next_song")
    with pytest.raises(ControlError, match="next_song"):
        desk.provide("next_sogn", lambda *_: None)


def test_the_table_of_commands() -> None:
    assert len({command.name for command in COMMANDS}) == len(COMMANDS)
    assert all(command.doc for command in COMMANDS)
    assert find_command("panic").argument == ""


def test_a_switch_from_half_way_up_is_on() -> None:
    assert is_on(None, False)
    assert not is_on(None, True)
    assert is_on(0.5, True)
    assert not is_on(0.49, True)


def test_many_hands_at_once_lose_nothing() -> None:
    desk, instrument, changes = a_desk()
    values = [k / 1000 for k in range(500)]

    def turn(name: str) -> None:
        for value in values:
            desk.set(name, value, name)

    hands = [threading.Thread(target=turn, args=(n,)) for n in ("room_mix", "dry_wet", "echo.mix")]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert len(changes) == 3 * len(values)
    last = {name: instrument.control_values[name] for name in ("room_mix", "dry_wet", "echo.mix")}
    assert set(last.values()) == {values[-1]}


def test_the_fake_is_an_instrument() -> None:
    instrument: Instrument = FakeInstrument()
    assert instrument.presets[0].name == "violin"
