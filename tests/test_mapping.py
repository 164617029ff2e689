import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from realtime.controls import BY_NAME, CONTROLS, Control
from realtime.mapping import MidiEntry, MidiMap
from realtime.mapping_curves import knob_to_value

ALL_CC = range(128)
CONTINUOUS = [control for control in CONTROLS if not control.step]
STEPPED = [control for control in CONTROLS if control.step]
EACH = pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)


def turn(cc: int, value: int, channel: int = 1) -> mido.Message:
    """A knob's message; channels as printed on instruments."""
    return mido.Message("control_change", control=cc, value=value, channel=channel - 1)


@EACH
def test_a_knob_reaches_both_ends_and_never_turns_back(control):
    values = [knob_to_value(cc, 127, control) for cc in ALL_CC]
    assert (values[0], values[-1]) == (control.minimum, control.maximum)
    assert values == sorted(values)


@pytest.mark.parametrize("control", CONTINUOUS, ids=lambda control: control.name)
def test_every_position_of_a_continuous_knob_is_a_value_of_its_own(control):
    assert len({knob_to_value(cc, 127, control) for cc in ALL_CC}) == 128


@EACH
def test_the_notch_in_the_middle_is_the_middle(control):
    middle = (control.minimum + control.maximum) / 2
    # An even number of steps has none in the middle.
    has_no_middle = control.step and (control.maximum - control.minimum) / control.step % 2
    assert knob_to_value(64, 127, control) == middle + (control.step / 2 if has_no_middle else 0)


@pytest.mark.parametrize("control", STEPPED, ids=lambda control: control.name)
def test_every_step_gets_an_equal_share_of_the_knob(control):
    values = [knob_to_value(cc, 127, control) for cc in ALL_CC]
    steps = [control.check(step) for step in range(int(control.minimum), int(control.maximum) + 1)]
    assert sorted(set(values)) == steps
    shares = [values.count(step) for step in steps]
    assert max(shares) - min(shares) <= 1


@given(
    control=st.sampled_from(CONTROLS),
    cc=st.sampled_from(ALL_CC),
    ends=st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)),
)
def test_a_range_of_ones_own_is_never_left(control, cc, ends):
    span = control.maximum - control.minimum
    first, last = (control.check(control.minimum + end * span) for end in ends)
    value = knob_to_value(cc, 127, control, (first, last))
    assert min(first, last) <= value <= max(first, last)
    assert knob_to_value(0, 127, control, (first, last)) == first
    assert knob_to_value(127, 127, control, (first, last)) == last


def test_a_range_with_its_larger_end_first_turns_the_knob_round():
    octave = BY_NAME["octave_shift"]
    assert [knob_to_value(cc, 127, octave, (1.0, -1.0)) for cc in (0, 64, 127)] == [1.0, 0.0, -1.0]


def test_steps_finer_than_one_are_all_reached():
    fine = Control("fine", 0, 2, 0, "", 0.0, "a test", step=0.25)
    assert sorted({knob_to_value(cc, 127, fine) for cc in ALL_CC}) == [k * 0.25 for k in range(9)]


def test_only_the_mapped_knob_turns_a_control():
    knobs = MidiMap(
        [MidiEntry(cc=20, control="octave_shift"), MidiEntry(cc=21, control="room_mix")]
    )
    assert knobs.apply(turn(20, 127)) == [("octave_shift", 3.0)]
    assert knobs.apply(turn(21, 0)) == [("room_mix", 0.0)]
    assert knobs.apply(turn(22, 0)) == []


def test_one_knob_may_turn_two_controls():
    knobs = MidiMap(
        [
            MidiEntry(cc=1, control="dry_wet"),
            MidiEntry(cc=1, control="room_mix", range=(1.0, 0.5)),
        ]
    )
    assert knobs.apply(turn(1, 127)) == [("dry_wet", 1.0), ("room_mix", 0.5)]


def test_channels_count_from_one_as_on_instruments():
    knobs = MidiMap([MidiEntry(cc=1, control="dry_wet", channel=16)])
    assert knobs.apply(mido.Message.from_bytes([0xBF, 1, 127])) == [("dry_wet", 1.0)]
    assert knobs.apply(mido.Message.from_bytes([0xB0, 1, 127])) == []


@pytest.mark.parametrize(
    "data",
    [
        *([0x90, 20, 64], [0x80, 20, 64], [0xA0, 20, 64], [0xC0, 20], [0xD0, 20]),
        *([0xE0, 20, 64], [0xF0, 20, 0xF7], [0xF1, 20], [0xF2, 20, 64], [0xF8]),
    ],
)
def test_other_messages_turn_nothing(data):
    knobs = MidiMap([MidiEntry(cc=20, control="octave_shift")])
    assert knobs.apply(mido.Message.from_bytes(data)) == []


@pytest.mark.parametrize(
    "wrong",
    [{"cc": 128}, {"cc": -1}, {"cc": "20"}, {"channel": 0}, {"channel": 17}],
)
def test_entries_are_strict(wrong):
    with pytest.raises(ValidationError):
        MidiEntry.model_validate({"cc": 20, "control": "octave_shift"} | wrong)
