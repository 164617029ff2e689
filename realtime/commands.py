"""The table of commands: everything that a performer can ask for besides turning a control.

MIDI maps, OSC addresses, keys, set lists and the docs derive from `COMMANDS`, as they do from the
table of controls.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ddsp_core.errors import ControlError, did_you_mean

Argument = Literal["", "switch", "number", "text"]
"""switch: on (0.5 and more) or off, toggled where nothing is given; text: also a number from 1."""


@dataclass(frozen=True)
class Command:
    """One thing to ask for, and what it is told."""

    name: str
    argument: Argument
    doc: str


COMMANDS: tuple[Command, ...] = (
    Command("next_preset", "", "the next preset of the song, or the first one of the next song"),
    Command("previous_preset", "", "the preset before"),
    Command("preset", "text", "the preset of this name, or of this place in the set"),
    Command("keep_preset", "", "the preset begins as it is turned now, whenever it is chosen"),
    Command("next_song", "", "the first preset of the next song"),
    Command("previous_song", "", "the first preset of the song before"),
    Command("song", "text", "the song of this title, or of this place in the set list"),
    Command("bypass", "switch", "the microphone as it is, as late as the instrument would be"),
    Command("bypass_effect", "text", "in or out with an effect of the preset, by its name"),
    Command("effect_order", "text", "effects of one side in this order: hall, echo"),
    Command("panic", "", "silence at once: notes, tails and echoes end"),
    Command("record", "switch", "a take begins or ends"),
    Command("tempo", "number", "beats a minute, 20 to 400"),
    Command("tap_tempo", "", "two taps or more set the tempo"),
    Command("learn", "text", "the next knob that moves turns this control; again: no longer"),
    Command("forget", "text", "the knob that was learned for this control turns it no more"),
    Command("reset_counters", "", "late blocks, xruns and load are counted from now on"),
)

BY_NAME: Mapping[str, Command] = {command.name: command for command in COMMANDS}


def find_command(name: str, where: str = "") -> Command:
    """The command of that name; an unknown name raises ControlError with what exists."""
    if name not in BY_NAME:
        raise ControlError(where or name, f"unknown command {name!r}", did_you_mean(name, BY_NAME))
    return BY_NAME[name]
