"""What a knob, pedal, pad or wheel does: a line of a preset's MIDI map, as it stands in YAML.

    midi:
      - {cc: 20, control: octave_shift, range: [-1, 1], channel: 1}
      - {cc: 1, bits: 14, control: echo.mix, curve: exponential}
      - {nrpn: 300, control: room_mix, pickup: false}
      - {note: 36, control: octave_shift, value: -1}
      - {cc: 64, command: bypass, mode: momentary}
      - {program: 12, bank: 0, command: preset, value: Duet}

Channels and programs count from 1, as they are printed on instruments; everything else from 0.
"""

from collections.abc import Callable
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

from ddsp_core.errors import PresetError
from realtime.commands import BY_NAME as COMMANDS
from realtime.commands import find_command
from realtime.controls import Control, find_control
from realtime.mapping_curves import Curve, check_curve

MOST_7_BIT = 127
MOST_14_BIT = 16383

SOURCES = ("cc", "nrpn", "bend", "pressure", "key_pressure", "note", "program")
SWITCHES = ("note", "program")
"""Sources that are pressed rather than turned."""
ONE_A_CHANNEL = ("bend", "pressure")
"""Sources without a number."""

Mode = Literal["absolute", "toggle", "momentary"]

_KEY = f"a whole number, 0 to {MOST_7_BIT}"
_YES = "true, or nothing"


def _number(first: int, last: int) -> int | None:
    """A field that may be left out, else a whole number between the two."""
    description = f"a whole number, {first} to {last}"
    field: int | None = Field(default=None, ge=first, le=last, description=description)
    return field


class MidiEntry(BaseModel):
    """One line: exactly one source, and exactly one control or command that it moves."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    cc: int | None = _number(0, MOST_7_BIT)
    nrpn: int | None = _number(0, MOST_14_BIT)
    bend: Literal[True] | None = Field(default=None, description=_YES)
    pressure: Literal[True] | None = Field(default=None, description=_YES)
    """Of the whole channel (aftertouch)."""
    key_pressure: int | None = _number(0, MOST_7_BIT)
    note: int | None = _number(0, MOST_7_BIT)
    program: int | None = _number(1, MOST_7_BIT + 1)
    bank: int | None = _number(0, MOST_14_BIT)
    """Of `program`; None: in any bank."""
    channel: int | None = _number(1, 16)
    """None: any."""
    bits: Literal[7, 14] = Field(default=7, description="7, or 14 for a pair: cc n and n + 32")
    control: str | None = Field(
        default=None, description="the name of a control, or of an effect's as in echo.mix"
    )
    command: str | None = Field(default=None, description="the name of a command")
    value: FiniteFloat | str | None = Field(
        default=None, description="what each press sets, or what the command is told"
    )
    range: tuple[FiniteFloat, FiniteFloat] | None = Field(
        default=None, strict=False, description="two numbers, as in [0, 1]"
    )
    """Values at the knob's two ends, the larger one first to turn it round; None: the control's."""
    curve: Curve | None = Field(default=None, description="linear, log or exponential")
    """None: the control's own."""
    mode: Mode | None = Field(default=None, description="absolute, toggle or momentary")
    """None: absolute for what is turned, toggle for what is pressed and for commands."""
    pickup: bool | None = Field(default=None, description="true or false")
    """Ignored until it has been where the control stands; None: for knobs that stay where they
    are (cc, nrpn) and controls without steps."""

    @property
    def source(self) -> str:
        """Which of `SOURCES`."""
        return next(name for name in SOURCES if getattr(self, name) is not None)

    @property
    def number(self) -> int:
        """Of the knob, key or program; 0 where there is but one a channel."""
        return 0 if self.source in ONE_A_CHANNEL else int(getattr(self, self.source))

    @property
    def acts_as(self) -> Mode:
        """The mode, given or usual."""
        if self.mode:
            return self.mode
        is_turned = self.source not in SWITCHES and self.value is None
        return "absolute" if is_turned and (self.control or self.range) else "toggle"

    @property
    def target(self) -> str:
        """The name of the control or command."""
        return self.control or self.command or ""

    @property
    def spoken(self) -> str:
        """The source as a performer reads it: `cc 20, channel 1`."""
        number = "" if self.source in ONE_A_CHANNEL else f" {self.number}"
        channel = f", channel {self.channel}" if self.channel else ""
        return f"{self.source.replace('_', ' ')}{number}{channel}"

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for names in (SOURCES, ("control", "command")):
            given = [name for name in names if getattr(self, name) is not None]
            if len(given) != 1:
                found = f"both {' and '.join(given)}" if given else "none of these"
                raise ValueError(f"{found}: a line takes exactly one of {', '.join(names)}")
        for wrong, rule in self._clashes():
            if wrong:
                raise ValueError(rule)
        return self

    def _clashes(self) -> tuple[tuple[bool, str], ...]:
        source, is_pressed = self.source, self.source in SWITCHES
        high_cc = source == "cc" and self.number > 31
        return (
            (self.bits == 14 and (source != "cc" or high_cc), "bits: 14 is for cc 0 to 31"),
            (self.bank is not None and source != "program", "bank: goes with program"),
            (self.mode == "absolute" and is_pressed, f"mode: absolute: a {source} is pressed"),
            (self.mode == "momentary" and source == "program", "mode: a program has no release"),
            (self.value is not None and self.range is not None, "value and range: one of the two"),
            (self.value is not None and self.mode == "absolute", "value: nothing is turned to it"),
            (bool(self.pickup) and self.acts_as != "absolute", "pickup: goes with mode absolute"),
            (bool(self.pickup) and self.command is not None, "pickup: goes with a control"),
        )


Finder = Callable[[str, str], Control | None]
"""Finds a control by its name, else raises ControlError for a place in a file; None: not known
here, but perhaps once it is loaded (a plug-in's parameter)."""


def check_entry(entry: MidiEntry, where: str, find: Finder = find_control) -> None:
    """Whether what a line names exists, and its values fit.

    Args:
        where: file and line, as in `duet.yaml: midi[2]`.
        find: knows the preset's effects as well; else only the table's controls are known.

    Raises:
        ControlError, PresetError: with where, what was given and what is allowed.
    """
    if entry.command is not None:
        _check_command(entry, where)
        if entry.range:
            _check_ends(entry, *entry.range, where)
        return
    control = find(str(entry.control), f"{where}.control")
    if control is None:
        return
    if entry.value is not None:
        control.check(entry.value, f"{where}.value")
    ends = entry.range or (control.minimum, control.maximum)
    first, last = (control.check(end, f"{where}.range") for end in ends)
    _check_ends(entry, first, last, where)


def _check_ends(entry: MidiEntry, first: float, last: float, where: str) -> None:
    if first == last:
        raise PresetError(f"{where}.range", f"{first:g} at both ends", "two different values")
    check_curve(entry.curve, first, last, f"{where}.curve")


def _check_command(entry: MidiEntry, where: str) -> None:
    command = find_command(str(entry.command), f"{where}.command")
    argument, name = command.argument, command.name
    if argument == "" and (entry.value is not None or entry.range):
        raise PresetError(where, f"{name} is told nothing", "no value and no range")
    if argument == "text" and entry.value is None:
        raise PresetError(f"{where}.value", "it is missing", f"{name} takes a name or a number")
    if argument == "number" and isinstance(entry.value, str):
        raise PresetError(f"{where}.value", repr(entry.value), f"{name} takes a number")
    if argument == "number" and entry.value is None and entry.acts_as != "absolute":
        raise PresetError(f"{where}.value", "it is missing", f"{name} takes a number, or a range")
    if entry.acts_as == "absolute" and argument != "number":
        raise PresetError(f"{where}.mode", "absolute", f"{name} takes toggle or momentary")
    if entry.acts_as == "momentary" and argument != "switch":
        switches = ", ".join(known for known, one in COMMANDS.items() if one.argument == "switch")
        raise PresetError(f"{where}.mode", "momentary", f"is for controls and {switches}")
