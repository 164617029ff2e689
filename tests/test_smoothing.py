import numpy as np
import pytest

from realtime.controls import CONTROLS, default_values
from realtime.smoothing import INDEX, Smoothing, as_vector

HOP_S = 128 / 48000
START = as_vector(default_values())


def moved(name: str, target: float, n_hops: int) -> np.ndarray:
    """The course of one control after a turn of its knob; the others must stand still."""
    targets = START.copy()
    targets[INDEX[name]] = target
    smoothing = Smoothing(HOP_S)
    values = smoothing.forward(START)
    course = []
    for _ in range(n_hops):
        values = smoothing.forward(targets, values)
        others = np.delete(values - START, INDEX[name])
        assert not others.any()
        course.append(values[INDEX[name]])
    return np.array(course)


def test_the_first_values_are_the_targets() -> None:
    np.testing.assert_array_equal(Smoothing(HOP_S).forward(START), START)


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_after_its_smoothing_time_a_control_is_nearly_there_and_then_exactly(
    control: object,
) -> None:
    name, target, smoothing_s = control.name, control.maximum, control.smoothing_s  # type: ignore[attr-defined]
    start = START[INDEX[name]]
    target = target if target != start else control.minimum  # type: ignore[attr-defined]
    course = moved(name, target, 2000)
    done = (course - start) / (target - start)
    assert np.all(np.diff(done) >= 0)
    assert done[round(smoothing_s / HOP_S)] >= 0.94
    assert course[-1] == target
    if smoothing_s:
        assert done[0] < 0.5


def test_the_order_is_that_of_the_table() -> None:
    values = {control.name: float(i) for i, control in enumerate(CONTROLS)}
    np.testing.assert_array_equal(as_vector(values), np.arange(len(CONTROLS)))
    assert list(INDEX) == [control.name for control in CONTROLS]
