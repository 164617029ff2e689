"""From MIDI messages to values of controls: pure, no ports, no threads."""

from collections.abc import Iterable

import mido
from pydantic import BaseModel, ConfigDict, Field

from realtime.controls import BY_NAME, Control

CC_CENTRE = 64
CC_MAX = 127


class MidiEntry(BaseModel):
    """One knob: a control-change number that turns a control, as it stands in a preset's YAML."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    cc: int = Field(ge=0, le=CC_MAX, description=f"a whole number, 0 to {CC_MAX}")
    control: str = Field(description="the name of a control")
    channel: int | None = Field(
        default=None, ge=1, le=16, description="a whole number, 1 to 16, or nothing for any"
    )
    range: tuple[float, float] | None = Field(
        default=None, strict=False, description="two numbers, as in [0, 1]"
    )
    """Values at the knob's two ends, the larger one first to turn it round; None: the control's."""

    def hears(self, message: mido.Message) -> bool:
        """Whether this knob was turned. mido counts channels from 0."""
        return (
            message.type == "control_change"
            and message.control == self.cc
            and self.channel in (None, message.channel + 1)
        )


class MidiMap:
    """All knobs of a preset.

    Args:
        entries: with names that stand in the table of controls; several may share a number.
    """

    def __init__(self, entries: Iterable[MidiEntry]) -> None:
        self._entries = tuple(entries)

    def apply(self, message: mido.Message) -> list[tuple[str, float]]:
        """Names and new values of the controls that a message turns; mostly none."""
        return [
            (entry.control, cc_to_value(message.value, BY_NAME[entry.control], entry.range))
            for entry in self._entries
            if entry.hears(message)
        ]


def cc_to_value(cc_value: int, control: Control, ends: tuple[float, float] | None = None) -> float:
    """The control's value at a knob position of 0...127.

    The knob's ends give the range's ends and 64, where knobs have their notch, its middle. A
    stepped control gets an equal share of the knob for each of its steps.

    >>> [cc_to_value(cc, BY_NAME["transpose_semitones"]) for cc in (0, 64, 127)]
    [-12.0, 0.0, 12.0]
    >>> [cc_to_value(cc, BY_NAME["octave_shift"], (-1, 1)) for cc in (0, 42, 43, 64, 85, 86)]
    [-1.0, -1.0, 0.0, 0.0, 0.0, 1.0]
    """
    first, last = ends or (control.minimum, control.maximum)
    if control.step:
        n_steps = round(abs(last - first) / control.step) + 1
        position = (cc_value * n_steps // (CC_MAX + 1)) / max(n_steps - 1, 1)
    elif cc_value <= CC_CENTRE:
        position = cc_value / (2 * CC_CENTRE)
    else:
        position = 0.5 + (cc_value - CC_CENTRE) / (2 * (CC_MAX - CC_CENTRE))
    value = (1.0 - position) * first + position * last
    # Clipped: the sum of the two products may round to just outside.
    return control.check(min(max(value, min(first, last)), max(first, last)))
