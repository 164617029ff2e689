import argparse
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddsp_core.errors import ControlError
from ddsp_core.scales import SCALES
from realtime import cli_controls
from realtime.controls import (
    BY_NAME,
    CONTROLS,
    Control,
    check_values,
    default_values,
    find_control,
)

EACH = pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
ROOM = BY_NAME["room_mix"]
OCTAVE = BY_NAME["octave_shift"]


@EACH
def test_the_table_is_sound(control):
    assert control.minimum < control.maximum
    assert control.check(control.default) == control.default
    assert control.smoothing_s >= 0.0
    assert control.name.isidentifier()
    assert control.name.islower()
    assert control.doc


@EACH
def test_a_stepped_control_can_reach_both_its_ends(control):
    assert control.check(control.minimum) == control.minimum
    assert control.check(control.maximum) == control.maximum


def test_no_name_stands_twice():
    assert len(BY_NAME) == len(CONTROLS)


@EACH
@given(value=st.floats() | st.integers() | st.text(max_size=5) | st.none() | st.booleans())
def test_a_checked_value_is_a_float_in_range_or_an_error(control, value):
    try:
        checked = control.check(value)
    except ControlError:
        return
    assert type(checked) is float
    assert control.minimum <= checked <= control.maximum
    if not (control.choices and isinstance(value, str) and value.strip()[:1].isalpha()):
        assert abs(checked - float(value)) <= (control.step or 0.0) / 2


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.4, "room_mix: 1.4 is above 1: room_mix takes 0 to 1"),
        (-0.1, "room_mix: -0.1 is below 0: room_mix takes 0 to 1"),
        (math.nan, "room_mix: nan is not finite: room_mix takes 0 to 1"),
        (math.inf, "room_mix: inf is not finite: room_mix takes 0 to 1"),
        ("loud", "room_mix: 'loud' is not a number: room_mix takes 0 to 1"),
        (True, "room_mix: True is not a number: room_mix takes 0 to 1"),
        (None, "room_mix: None is not a number: room_mix takes 0 to 1"),
        ([0.5], "room_mix: [0.5] is not a number: room_mix takes 0 to 1"),
    ],
)
def test_errors_say_what_is_allowed(value, message):
    with pytest.raises(ControlError) as caught:
        ROOM.check(value)
    assert str(caught.value) == message


def test_whole_numbers_beyond_all_floats_are_errors():
    with pytest.raises(ControlError, match=r"is not finite: room_mix takes"):
        ROOM.check(10**400)


def test_the_unit_stands_in_the_message():
    with pytest.raises(ControlError, match=r"--octave-shift: 4 is above 3: .* -3 to 3 octaves"):
        OCTAVE.check(4, "--octave-shift")


def test_texts_of_the_command_line_are_numbers():
    assert ROOM.check("0.5") == 0.5


def test_stepped_values_are_rounded_to_the_step():
    assert [OCTAVE.check(value) for value in (-3, -0.4, 0.6, 1, 2.9)] == [-3.0, 0.0, 1.0, 1.0, 3.0]
    half = Control("half", 0, 2, 0, "", 0.0, "a test", step=0.5)
    assert [half.check(value) for value in (0.2, 0.3, 1.6)] == [0.0, 0.5, 1.5]


def test_an_unknown_name_lists_what_exists():
    with pytest.raises(ControlError, match=r"unknown control 'rom_mix': did you mean room_mix\?"):
        find_control("rom_mix")


def test_given_values_lie_over_the_defaults():
    assert check_values({"room_mix": 0}) == default_values() | {"room_mix": 0.0}


def test_the_place_of_a_wrong_value_is_named():
    with pytest.raises(ControlError, match=r"^a\.yaml: controls\.room_mix: 2 is above 1"):
        check_values({"room_mix": 2}, "a.yaml: controls")
    with pytest.raises(ControlError, match=r"^a\.yaml: controls\.rom: unknown control 'rom'"):
        check_values({"rom": 2}, "a.yaml: controls")


def test_words_stand_for_numbers():
    key, scale = BY_NAME["key"], BY_NAME["scale"]
    assert [key.check(word) for word in ("C", "c#", "Db", " eb ", "B", "11", 2)] == [
        0.0, 1.0, 1.0, 3.0, 11.0, 11.0, 2.0,
    ]  # fmt: skip
    assert scale.check("harmonic minor") == scale.check("Harmonic_Minor") == 3.0
    assert [key.shown(10.0), scale.shown(0.0), ROOM.shown(0.5)] == ["A#/Bb", "chromatic", "0.5"]


@pytest.mark.parametrize("control", [c for c in CONTROLS if c.choices], ids=lambda c: c.name)
def test_every_number_of_a_choice_has_its_word(control):
    assert len(control.choices) == control.maximum - control.minimum + 1
    assert control.step == 1
    for number, word in enumerate(control.choices):
        assert control.check(word) == control.check(control.minimum + number)


def test_a_word_that_is_no_choice_lists_them():
    with pytest.raises(ControlError) as caught:
        BY_NAME["scale"].check("phrygian", "--scale")
    assert str(caught.value) == (
        "--scale: 'phrygian' is not one of them: scale takes chromatic, major, minor, "
        "harmonic minor, major pentatonic, minor pentatonic, dorian, blues (0 to 7)"
    )


def test_flags_take_words_and_the_table_shows_them(capsys):
    parser = argparse.ArgumentParser()
    cli_controls.add_control_flags(parser)
    args = parser.parse_args(["--key", "Eb", "--scale", "minor", "--autotune", "0.5"])
    given = cli_controls.given_controls(args)
    assert given == {"key": 3.0, "scale": 2.0, "autotune": 0.5}
    cli_controls.run(argparse.Namespace(json=False))
    shown = capsys.readouterr().out
    assert all(word in shown for control in CONTROLS for word in control.choices)
    cli_controls.run(argparse.Namespace(json=True))
    table = json.loads(capsys.readouterr().out)["controls"]
    assert [entry["choices"] for entry in table if entry["name"] == "scale"] == [list(SCALES)]
