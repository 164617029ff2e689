"""From a knob to a control's value and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.controls import BY_NAME, CONTROLS, Control
from realtime.mapping_curves import bent, knob_to_value, usable_curve, value_to_travel

KNOBS = (127, 16383)
CONTINUOUS = [control for control in CONTROLS if not control.step]
STEPPED = [control for control in CONTROLS if control.step]
EACH = pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
CURVES = ("linear", "log", "exponential")


@EACH
@pytest.mark.parametrize("most", KNOBS)
def test_a_knob_reaches_both_ends_and_never_turns_back(control, most):
    places = sorted({*range(0, most, max(most // 500, 1)), most})
    values = [knob_to_value(place, most, control) for place in places]
    assert (values[0], values[-1]) == (control.minimum, control.maximum)
    assert values == sorted(values)


@pytest.mark.parametrize("control", CONTINUOUS, ids=lambda control: control.name)
def test_every_position_of_a_continuous_knob_is_a_value_of_its_own(control):
    assert len({knob_to_value(cc, 127, control) for cc in range(128)}) == 128


@pytest.mark.parametrize("control", CONTINUOUS, ids=lambda control: control.name)
@pytest.mark.parametrize("most", KNOBS)
def test_the_notch_in_the_middle_is_the_middle_of_a_linear_control(control, most):
    middle = knob_to_value((most + 1) // 2, most, control, curve="linear")
    assert middle == (control.minimum + control.maximum) / 2


@pytest.mark.parametrize("control", STEPPED, ids=lambda control: control.name)
def test_every_step_gets_an_equal_share_of_the_knob(control):
    values = [knob_to_value(place, 16383, control) for place in range(16384)]
    steps = [control.check(step) for step in range(int(control.minimum), int(control.maximum) + 1)]
    assert sorted(set(values)) == steps
    shares = [values.count(step) for step in steps]
    assert max(shares) - min(shares) <= 1


@given(
    control=st.sampled_from(CONTROLS),
    place=st.integers(0, 16383),
    most=st.sampled_from(KNOBS),
    ends=st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)),
    curve=st.sampled_from((None, *CURVES)),
)
def test_a_range_of_ones_own_is_never_left(control, place, most, ends, curve):
    span = control.maximum - control.minimum
    first, last = (control.check(control.minimum + end * span) for end in ends)
    value = knob_to_value(min(place, most), most, control, (first, last), curve)
    assert min(first, last) <= value <= max(first, last)
    assert knob_to_value(0, most, control, (first, last), curve) == pytest.approx(first)
    assert knob_to_value(most, most, control, (first, last), curve) == pytest.approx(last)


@given(
    control=st.sampled_from(CONTINUOUS),
    travel=st.floats(0.0, 1.0),
    curve=st.sampled_from(CURVES),
    is_turned_round=st.booleans(),
)
def test_where_a_knob_would_stand_is_the_way_back(control, travel, curve, is_turned_round):
    ends = (control.minimum, control.maximum)
    ends = ends[::-1] if is_turned_round else ends
    value = bent(travel, *ends, usable_curve(curve, *ends))
    assert value_to_travel(value, control, ends, curve) == pytest.approx(travel, abs=1e-6)


def test_log_turns_are_factors_and_exponential_begins_slowly():
    frequency = Control("cutoff_hz", 20, 20000, 1000, "Hz", 0.02, "a test", curve="log")
    assert knob_to_value(64, 127, frequency) == pytest.approx((20 * 20000) ** 0.5)
    assert knob_to_value(64, 127, BY_NAME["room_mix"], curve="exponential") == pytest.approx(0.1)


def test_a_range_with_its_larger_end_first_turns_the_knob_round():
    octave = BY_NAME["octave_shift"]
    values = [knob_to_value(cc, 127, octave, (1.0, -1.0)) for cc in (0, 64, 127)]
    assert values == [1.0, 0.0, -1.0]


def test_steps_finer_than_one_are_all_reached():
    fine = Control("fine", 0, 2, 0, "", 0.0, "a test", step=0.25)
    found = sorted({knob_to_value(cc, 127, fine) for cc in range(128)})
    assert found == [k * 0.25 for k in range(9)]
