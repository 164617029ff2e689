"""THE table of controls: every parameter that a performer can touch, once.

Command-line flags, preset YAML, MIDI maps, the live view and the docs derive from `CONTROLS`; a
default stands nowhere else.
"""

import math
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ddsp_core.errors import ControlError, did_you_mean
from ddsp_core.scales import SCALES

Curve = Literal["linear", "log"]


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
    curve: Curve = "linear"
    """How a knob's way is laid out; log: equal turns are equal ratios, above a minimum > 0."""
    choices: tuple[str, ...] = ()
    """Words for the whole numbers from the minimum on; "C#/Db" is said as C# or Db."""

    @property
    def allowed(self) -> str:
        """What it takes, for people."""
        numbers = f"{self.minimum:g} to {self.maximum:g} {self.unit}".rstrip()
        return f"{', '.join(self.choices)} ({numbers})" if self.choices else numbers

    def check(self, value: object, where: str = "") -> float:
        """`value` as a float, rounded to the step; raises ControlError if it is out of range.

        A word of the choices counts as its number, in small or capital letters.
        """
        place = where or self.name
        if isinstance(value, str) and (choice := self._choice(value)) is not None:
            return choice
        allowed = f"{self.name} takes {self.allowed}"
        number = _as_number(value, place, allowed, bool(self.choices))
        if number < self.minimum:
            raise ControlError(place, f"{number:g} is below {self.minimum:g}", allowed)
        if number > self.maximum:
            raise ControlError(place, f"{number:g} is above {self.maximum:g}", allowed)
        return float(round(number / self.step) * self.step) if self.step else number

    def shown(self, value: float) -> str:
        """A value for people: its word, if it has one.

        >>> find_control("key").shown(3.0), find_control("gate_db").shown(-50.0)
        ('D#/Eb', '-50')
        """
        return self.choices[round(value - self.minimum)] if self.choices else f"{value:g}"

    def _choice(self, word: str) -> float | None:
        """The number that a word stands for."""
        said = word.strip().lower().replace("_", " ").replace("-", " ")
        for number, choice in enumerate(self.choices):
            if said in (choice.lower(), *choice.lower().split("/")):
                return float(self.minimum + number)
        return None


KEYS = ("C", "C#/Db", "D", "D#/Eb", "E", "F", "F#/Gb", "G", "G#/Ab", "A", "A#/Bb", "B")

# Input gain and loudness go through the analysis and the decoder, once a hop: any faster, and a
# whole turn of the knob is heard as lines beside the tone (benchmarks/zipper.py).
CONTROLS: tuple[Control, ...] = (
    Control("input_gain_db", -24, 36, 0, "dB", 0.35, "gain of the microphone before anything else"),
    Control(
        "gate_db", -90, 0, -55, "dB", 0.0, "A-weighted loudness below which the voice is silent"
    ),
    Control("octave_shift", -3, 3, 0, "octaves", 0.0, "whole octaves up or down", step=1),
    Control("transpose_semitones", -12, 12, 0, "semitones", 0.02, "pitch shift, fractions allowed"),
    Control("autotune", 0, 1, 0, "", 0.02, "0: as sung, 1: on the notes of key and scale"),
    Control(
        "autotune_time_s", 0, 0.5, 0.05, "s", 0.02, "its pace within a note; 0: no vibrato is left"
    ),
    Control("key", 0, 11, 0, "", 0.0, "the scale's first note", step=1, choices=KEYS),
    Control("scale", 0, 7, 0, "", 0.0, "the notes to tune to", step=1, choices=tuple(SCALES)),
    Control("a4_hz", 392, 466, 440, "Hz", 0.02, "what all notes are tuned to"),
    Control("glide_s", 0, 1, 0, "s", 0.02, "portamento: from one note to the next"),
    Control("vibrato_depth", 0, 2, 1, "", 0.02, "0: none, 1: as sung, 2: twice as deep"),
    Control(
        "drone_note", 0, 127, 0, "", 0.0, "this MIDI note sounds while you sing (0: off)", step=1
    ),
    Control(
        "loudness_shift_db", -24, 24, 0, "dB", 0.08, "how much louder the instrument is played"
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


def _as_number(value: object, place: str, allowed: str, has_words: bool) -> float:
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
    problem = (
        "is not finite" if is_number else "is not one of them" if has_words else "is not a number"
    )
    raise ControlError(place, f"{reprlib.repr(value)} {problem}", allowed)
