"""THE table of controls: every parameter that a performer can touch, once.

Command-line flags, preset YAML, MIDI maps, the live view and the docs derive from `CONTROLS`; a
default stands nowhere else.
"""

import math
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass

from ddsp_core.errors import ControlError, did_you_mean


@dataclass(frozen=True)
class Control:
    """One parameter: its range, unit, default, and how fast a change takes effect."""

    name: str
    minimum: float
    maximum: float
    default: float
    unit: str
    smoothing_s: float
    doc: str
    step: float | None = None
    """Values are rounded to multiples of this (None: continuous)."""

    def check(self, value: object, where: str = "") -> float:
        """`value` as a float, rounded to the step; raises ControlError if it is out of range."""
        place = where or self.name
        allowed = f"{self.name} takes {self.minimum:g} to {self.maximum:g} {self.unit}".rstrip()
        number = _as_number(value, place, allowed)
        if number < self.minimum:
            raise ControlError(place, f"{number:g} is below {self.minimum:g}", allowed)
        if number > self.maximum:
            raise ControlError(place, f"{number:g} is above {self.maximum:g}", allowed)
        return float(round(number / self.step) * self.step) if self.step else number


CONTROLS: tuple[Control, ...] = (
    Control("input_gain_db", -24, 36, 0, "dB", 0.02, "gain of the microphone before anything else"),
    Control(
        "gate_db", -90, 0, -55, "dB", 0.0, "A-weighted loudness below which the voice is silent"
    ),
    Control("octave_shift", -3, 3, 0, "octaves", 0.0, "whole octaves up or down", step=1),
    Control("transpose_semitones", -12, 12, 0, "semitones", 0.02, "pitch shift, fractions allowed"),
    Control(
        "loudness_shift_db", -24, 24, 0, "dB", 0.02, "how much louder the instrument is played"
    ),
    Control("harmonic_gain_db", -60, 12, 0, "dB", 0.02, "level of the tone"),
    Control("noise_gain_db", -60, 12, 0, "dB", 0.02, "level of the bow, breath and key noise"),
    Control("room_mix", 0, 1, 1, "", 0.02, "0: no room, 1: the room as learned"),
    Control("dry_wet", 0, 1, 1, "", 0.02, "0: the microphone, 1: the instrument"),
    Control("output_gain_db", -60, 12, 0, "dB", 0.02, "gain before the limiter"),
)

BY_NAME: Mapping[str, Control] = {control.name: control for control in CONTROLS}


def find_control(name: str, where: str = "") -> Control:
    """The control of that name; an unknown name raises ControlError with what exists."""
    if name not in BY_NAME:
        raise ControlError(where or name, f"unknown control {name!r}", did_you_mean(name, BY_NAME))
    return BY_NAME[name]


def default_values() -> dict[str, float]:
    """Name to default value, for every control."""
    return {control.name: float(control.default) for control in CONTROLS}


def check_values(values: Mapping[str, object], where: str = "") -> dict[str, float]:
    """Defaults overlaid with `values`, each checked."""
    checked = default_values()
    for name, value in values.items():
        place = f"{where}.{name}" if where else name
        checked[name] = find_control(name, place).check(value, place)
    return checked


def _as_number(value: object, place: str, allowed: str) -> float:
    """A finite float; texts count, as the command line has nothing else, but yes and no do not."""
    try:
        number = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    except OverflowError:  # whole numbers of more than 308 digits
        number = math.inf
    if math.isfinite(number):
        return number
    is_number = isinstance(value, float | int) and not isinstance(value, bool)
    problem = "is not finite" if is_number else "is not a number"
    raise ControlError(place, f"{reprlib.repr(value)} {problem}", allowed)
