"""Carrying a map's line out: turn, toggle or hold, and pick a knob up only where the control is.

A knob that was turned in another preset, or whose control somebody else has moved, stands elsewhere
than its control. It is ignored until it passes there: then nothing jumps. A hand that has a control
keeps it until another one moves it: another knob, OSC, a preset.
"""

from typing import NamedTuple

from ddsp_core.errors import ControlError
from realtime.controls import Control
from realtime.desk import Desk
from realtime.mapping import MidiEntry
from realtime.mapping_curves import (
    bent,
    knob_to_value,
    knob_travel,
    usable_curve,
    value_to_travel,
)
from realtime.midi_gestures import Gesture

SOURCE = "midi"
"""Of changes at the desk."""

NEAR = 2 / 126
"""Of a knob's travel: as good as passing through."""

MOST_KNOBS = 4096
"""Remembered; who sends from more of them is not a hand."""

STAYING = ("cc", "nrpn")
"""Sources that stay where they are put; a wheel springs back, pressure ends."""


class Knob(NamedTuple):
    """One physical knob, key or wheel."""

    port: str
    source: str
    bits: int
    channel: int
    number: int


class Hands:
    """Where every knob stands, and which of them has which control."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._stands: dict[Knob, Gesture] = {}
        self._holders: dict[str, Knob] = {}
        self._before_press: dict[str, float] = {}

    def note_down(self, gesture: Gesture, port: str) -> Gesture | None:
        """Remembers where a knob stands; returns where it stood, None if nobody knows."""
        knob = knob_of(gesture, port)
        before = self._stands.get(knob)
        if len(self._stands) >= MOST_KNOBS:
            self._stands.clear()
        self._stands[knob] = gesture
        return before

    def let_go(self, control: str) -> None:
        """Another hand has moved this control."""
        self._holders.pop(control, None)

    def move(self, entry: MidiEntry, gesture: Gesture, port: str, before: Gesture | None) -> None:
        """Does what a line says.

        Raises ControlError for a command that fails; a control that the preset lacks is left out.
        """
        if entry.acts_as == "absolute":
            if entry.command:
                self._desk.do(entry.command, _told(entry, gesture), SOURCE)
            else:
                self._turn(entry, gesture, knob_of(gesture, port), before)
        elif is_edge(gesture, before):
            self._press(entry, gesture.is_pressed)

    def _turn(self, entry: MidiEntry, gesture: Gesture, knob: Knob, before: Gesture | None) -> None:
        name, control = entry.target, self._find(entry.target)
        if control is None:
            return
        if needs_pickup(entry, control) and self._holders.get(name) != knob:
            value = self._desk.instrument.control_values.get(name, control.default)
            goal = value_to_travel(value, control, entry.range, entry.curve)
            if not passes(before, gesture, goal):
                return
        value = knob_to_value(gesture.value, gesture.most, control, entry.range, entry.curve)
        self._desk.set(name, value, SOURCE)
        self._holders[name] = knob

    def _press(self, entry: MidiEntry, is_pressed: bool) -> None:
        is_held = entry.acts_as == "momentary"
        if not is_pressed and not is_held:
            return
        if entry.command:
            value = float(is_pressed) if is_held else entry.value
            self._desk.do(entry.command, value, SOURCE)
            return
        control = self._find(entry.target)
        if control is not None:
            value = self._pressed_value(entry, control, is_pressed)
            self._holders.pop(entry.target, None)
            self._desk.set(entry.target, value, SOURCE)

    def _pressed_value(self, entry: MidiEntry, control: Control, is_pressed: bool) -> float | str:
        """Where a switch puts a control."""
        name = entry.target
        now = self._desk.instrument.control_values.get(name, control.default)
        if entry.value is not None:
            if not is_pressed:
                return self._before_press.pop(name, now)
            self._before_press[name] = now
            return entry.value
        first, last = entry.range or (control.minimum, control.maximum)
        if entry.acts_as == "momentary":
            return last if is_pressed else first
        return first if abs(now - last) < abs(now - first) else last

    def _find(self, name: str) -> Control | None:
        """None for what only other presets have."""
        try:
            return self._desk.instrument.find_control(name, name)
        except ControlError:
            return None


def knob_of(gesture: Gesture, port: str) -> Knob:
    """Which knob made the gesture."""
    return Knob(port, gesture.source, gesture.bits, gesture.channel, gesture.number)


def is_edge(gesture: Gesture, before: Gesture | None) -> bool:
    """Whether a switch was pressed or released, rather than still is; keys say so themselves."""
    if gesture.source in ("note", "program"):
        return True
    was_pressed = before is not None and before.is_pressed
    return gesture.is_pressed != was_pressed


def needs_pickup(entry: MidiEntry, control: Control) -> bool:
    """Unless the line says so: for knobs that stay where they are and controls without steps."""
    if entry.pickup is not None:
        return entry.pickup
    return entry.source in STAYING and not control.step


def passes(before: Gesture | None, now: Gesture, goal: float) -> bool:
    """Whether a knob passes through `goal`, 0...1 of its travel, or is as good as there."""
    travels = [knob_travel(gesture.value, gesture.most) for gesture in (before, now) if gesture]
    return min(travels) - NEAR <= goal <= max(travels) + NEAR


def _told(entry: MidiEntry, gesture: Gesture) -> float:
    """The number that a command is given by a knob."""
    first, last = entry.range or (0.0, 1.0)
    curve = usable_curve(entry.curve or "linear", first, last)
    return bent(knob_travel(gesture.value, gesture.most), first, last, curve)
