"""From where a knob stands to the value of a control, and back: pure arithmetic.

A knob's ends give the range's ends, and its notch in the middle (64 of 127, 8192 of 16383) half of
its travel. A stepped control gets an equal share of the knob for each of its steps.
"""

import math
from typing import Literal

from ddsp_core.errors import PresetError
from realtime.controls import Control

Curve = Literal["linear", "log", "exponential"]
"""log: equal turns multiply by equal factors (times, frequencies); exponential: slow at first, for
what is heard soonest near its first end (a tenth of the way at half the knob)."""

STEEPNESS = 81.0
"""Of `exponential`: (81^0.5 - 1) / 80 = a tenth."""

Ends = tuple[float, float]


def knob_travel(value: int, most: int = 127) -> float:
    """0...1 for a knob's 0...`most`; 0.5 at its notch.

    >>> [knob_travel(value) for value in (0, 64, 127)], knob_travel(8192, 16383)
    ([0.0, 0.5, 1.0], 0.5)
    """
    centre = (most + 1) // 2
    if value <= centre:
        return value / (2 * centre)
    return 0.5 + (value - centre) / (2 * (most - centre))


def knob_to_value(
    value: int, most: int, control: Control, ends: Ends | None = None, curve: Curve | None = None
) -> float:
    """The control's value at a knob's `value` of `most`.

    Args:
        ends: values at the knob's two ends; None: the control's.
        curve: None: the control's own.

    >>> from realtime.controls import BY_NAME
    >>> octave = BY_NAME["octave_shift"]
    >>> [knob_to_value(cc, 127, octave, (-1, 1)) for cc in (0, 42, 43, 64, 85, 86)]
    [-1.0, -1.0, 0.0, 0.0, 0.0, 1.0]
    """
    first, last = ends or (control.minimum, control.maximum)
    if control.step:
        n_steps = round(abs(last - first) / control.step) + 1
        share = (value * n_steps // (most + 1)) / max(n_steps - 1, 1)
        found = (1.0 - share) * first + share * last
    else:
        used = usable_curve(curve or own_curve(control), first, last)
        found = bent(knob_travel(value, most), first, last, used)
    # Clipped: the sum of two products may round to just outside.
    return control.check(min(max(found, min(first, last)), max(first, last)))


def value_to_travel(
    value: float, control: Control, ends: Ends | None = None, curve: Curve | None = None
) -> float:
    """Where a knob would stand, 0...1, that has turned a control to this value; clipped."""
    first, last = ends or (control.minimum, control.maximum)
    used = usable_curve(curve or own_curve(control), first, last)
    inside = min(max(value, min(first, last)), max(first, last))
    if used == "log":
        return math.log(inside / first) / math.log(last / first)
    share = (inside - first) / (last - first)
    return math.log1p(share * (STEEPNESS - 1)) / math.log(STEEPNESS) if used != "linear" else share


def bent(travel: float, first: float, last: float, curve: Curve) -> float:
    """The value at 0...1 of a knob's travel from `first` to `last`.

    >>> [round(bent(0.5, 100.0, 10000.0, curve)) for curve in ("linear", "log", "exponential")]
    [5050, 1000, 1090]
    """
    if curve == "log":
        return float(first * (last / first) ** travel)
    share = (STEEPNESS**travel - 1) / (STEEPNESS - 1) if curve == "exponential" else travel
    return (1.0 - share) * first + share * last


def own_curve(control: Control) -> Curve:
    """How the table says that a control is turned."""
    return control.curve


def usable_curve(curve: Curve, first: float, last: float) -> Curve:
    """`log` only between two values above zero, or two below."""
    return "exponential" if curve == "log" and first * last <= 0.0 else curve


def check_curve(curve: Curve | None, first: float, last: float, where: str) -> None:
    """Raises PresetError where somebody asks for `log` from or through zero."""
    if curve == "log" and usable_curve(curve, first, last) != "log":
        given = f"log between {first:g} and {last:g}"
        todo = "a range without zero, or curve: exponential"
        raise PresetError(where, given, "log needs two values above zero", todo)
