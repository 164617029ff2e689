"""A plug-in's parameters as controls, and their values as what the plug-in is set to.

VST3 knows values from 0 to 1 and a text for each. pedalboard reads the texts at a thousand places
and says what they mean: a number, a word or a switch.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.controls import Control

SMOOTHING_S = 0.02
SWITCH = ("off", "on")
MOST_STEPS = 128
"""With more values than this a parameter counts as continuous."""
WIDE = 50.0
"""From this ratio of its ends on, a frequency is laid out in equal ratios."""
INTERNAL = {"buffer_size", "sample_rate", "latency"}
"""What DISTRHO's framework tells its own plug-ins by parameters; nothing to turn."""


@dataclass(frozen=True)
class Scale:
    """One parameter: its control, and which of the plug-in's values stand for the control's."""

    key: str
    """As the plug-in calls it."""
    control: Control
    values: NDArray[np.float64]
    """Ascending."""
    raw: NDArray[np.float64]
    """0 to 1, one for each value."""

    def to_raw(self, value: float) -> float:
        """What the plug-in is set to for this value of the control."""
        return float(np.interp(value, self.values, self.raw))


def scales_of(parameters: Mapping[str, Any]) -> list[Scale]:
    """All that can be turned, with short names: `threshold` for `threshold_db`.

    Args:
        parameters: of a plug-in of pedalboard's, by its name for them.
    """
    short = {key: _short(key, parameter.label or "") for key, parameter in parameters.items()}
    known = list(short.values())
    names = {key: name if known.count(name) == 1 else key for key, name in short.items()}
    return [
        _scale(key, names[key], parameter)
        for key, parameter in parameters.items()
        if _is_for_people(short[key], parameter)
    ]


def _is_for_people(name: str, parameter: Any) -> bool:
    return name not in INTERNAL and not name.startswith("midi_cc") and len(parameter.ranges) > 1


def _short(key: str, unit: str) -> str:
    ending = "_" + re.sub(r"[^a-z0-9]+", "_", unit.strip().lower()).strip("_")
    return key.removesuffix(ending) if len(ending) > 1 else key


def _scale(key: str, name: str, parameter: Any) -> Scale:
    """The scale of one of pedalboard's parameters; in doubt from 0 to 1, as the plug-in has it."""
    ranges = sorted(parameter.ranges.items())
    raw = np.array([_middle(*ends) for ends, _ in ranges])
    raw[0], raw[-1] = 0.0, 1.0
    texts = [str(text) for _, text in ranges]
    unit = (parameter.label or "").strip()
    if parameter.type is not float:
        words = SWITCH if parameter.type is bool else tuple(texts)
        return _stepped(key, name, raw, words, parameter.raw_value)
    values = np.array([float(value) for _, value in ranges])
    if len(values) > 1 and values[0] > values[-1]:
        values, raw = values[::-1], raw[::-1]
    if (np.diff(values) <= 0).any() or not np.isfinite(values).all():
        values, raw, unit = np.linspace(0, 1, 1001), np.linspace(0, 1, 1001), ""
    return _numeric(key, name, values, raw, unit, parameter.raw_value)


def _middle(start: float, end: float) -> float:
    """Where a value shown by a rounded text lies; the next one begins at `end`."""
    return (start + max(start, end - 1e-3)) / 2


def _stepped(
    key: str, name: str, raw: NDArray[np.float64], words: tuple[str, ...], now: float
) -> Scale:
    default = float(np.argmin(np.abs(raw - now)))
    choices = words if len(set(words)) == len(words) else ()
    doc = " / ".join(words)
    control = Control(name, 0, len(words) - 1, default, "", 0.0, doc, step=1, choices=choices)
    return Scale(key, control, np.arange(len(words), dtype=np.float64), raw)


def _numeric(
    key: str,
    name: str,
    values: NDArray[np.float64],
    raw: NDArray[np.float64],
    unit: str,
    now: float,
) -> Scale:
    low, high = float(values[0]), float(values[-1])
    up = np.argsort(raw)
    n_digits = 6 - math.floor(math.log10(high - low))  # of the texts it has fewer
    found = round(float(np.interp(now, raw[up], values[up])), n_digits) + 0.0  # never -0
    default = min(max(found, low), high)
    steps = np.diff(values)
    step = float(steps[0]) if len(values) <= MOST_STEPS and np.allclose(steps, steps[0]) else None
    is_ratio = unit.lower() == "hz" and low > 0 and high / low >= WIDE and not step
    control = Control(
        name,
        low,
        high,
        default,
        unit,
        0.0 if step else SMOOTHING_S,
        name.replace("_", " "),
        step=step,
        curve="log" if is_ratio else "linear",
        choices=SWITCH if values.tolist() == [0.0, 1.0] and step else (),
    )
    return Scale(key, control, values, raw)
