"""From MIDI messages to the desk: knobs turn controls, switches give commands, programs choose.

A preset's own lines come first; knobs that were learned work under those of every preset. It runs
in the thread that brings the messages, and raises nothing into it: cables and cheap keyboards send
anything.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from ddsp_core.errors import ChanterelleError
from realtime.desk import Change, Desk
from realtime.mapping import ONE_A_CHANNEL, MidiEntry
from realtime.midi_gestures import FIRST_REALTIME, SYSEX, Gesture, MidiParser, check_bytes
from realtime.midi_hands import SOURCE, Hands

NOTE_ON, CONTROL = 0x90, 0xB0
SUSTAIN, ALL_SOUND_OFF, ALL_NOTES_OFF = 64, 120, 123
SYSTEM_RESET, ACTIVE_SENSING = 0xFF, 0xFE

Key = tuple[str, int, int]
"""Source, bits, number."""


class Activity(NamedTuple):
    """The last message, for the view."""

    text: str
    port: str
    time_s: float
    """By time.monotonic()."""


class Clock(Protocol):
    """What follows the beat of another machine."""

    def on_realtime(self, status: int, port: str, time_s: float) -> None:
        """Tick, start, stop and the like."""


class Learner(Protocol):
    """What waits for a knob to move."""

    def hear(self, gesture: Gesture) -> bool:
        """Whether it keeps the gesture to itself."""


class MidiRouter:
    """Applies messages to the desk; follows the preset that plays.

    Args:
        desk: where presets change too.
        clock: is given the real-time messages.
    """

    def __init__(self, desk: Desk, clock: Clock | None = None) -> None:
        self.n_messages = 0
        self.n_malformed = 0
        self.n_failed = 0
        self.last_error = ""
        self.learner: Learner | None = None
        self._desk, self._clock = desk, clock
        self._parsers: dict[str, MidiParser] = {}
        self._hands = Hands(desk)
        self._learned: tuple[MidiEntry, ...] = ()
        self._last: tuple[Sequence[int], str, float] | None = None
        self._own: tuple[MidiEntry, ...] = ()
        self._map: Mapping[Key, tuple[MidiEntry, ...]] = {}
        self.mapped: dict[str, str] = {}
        """What moves each control or gives each command now: `cc 20, channel 1`."""
        self.use(desk.instrument.presets[desk.instrument.number].midi)
        desk.listen(self._on_change)

    def use(self, entries: Iterable[MidiEntry]) -> None:
        """The map of the preset that plays, from any thread."""
        self._own = tuple(entries)
        self._map_anew()

    def use_learned(self, entries: Iterable[MidiEntry]) -> None:
        """What works in every preset that does not use the same knob itself."""
        self._learned = tuple(entries)
        self._map_anew()

    def _map_anew(self) -> None:
        self._map = by_source(self._own, self._learned)
        self.mapped = by_target(entry for entries in self._map.values() for entry in entries)

    @property
    def activity(self) -> Activity | None:
        """The last message that was not part of a clock; from any thread."""
        last = self._last
        return Activity(in_words(last[0]), last[1], last[2]) if last else None

    def on_message(self, data: Sequence[int], port: str = "", time_s: float | None = None) -> None:
        """Takes one message's bytes; raises nothing.

        Args:
            data: as they came in.
            port: its name: each port has its own running values.
            time_s: by time.monotonic(), when it came in; None: now.
        """
        try:
            check_bytes(data)
        except (ValueError, TypeError):
            self.n_malformed += 1
            return
        try:
            self._take(data, port, time.monotonic() if time_s is None else time_s)
        except ChanterelleError as error:
            self._desk.say(f"MIDI: {error}", SOURCE)
        except Exception as error:
            self.n_failed += 1
            self.last_error = f"{type(error).__name__}: {error}"

    def is_switch(self, data: Sequence[int]) -> bool:
        """Whether a message presses a key or moves a controller that the map uses: no music.

        Keys and pedals that are let go are music in any case, lest a note hangs.
        """
        if data[0] & 0xF0 == NOTE_ON and data[2]:
            found = self._map.get(("note", 7, data[1]), ())
        elif data[0] & 0xF0 == CONTROL and (data[1] != SUSTAIN or data[2] >= 64):
            keys = [("cc", 7, data[1]), ("cc", 14, data[1]), ("cc", 14, data[1] - 32)]
            found = tuple(entry for key in keys for entry in self._map.get(key, ()))
        else:
            return False
        return any(entry.channel in (None, (data[0] & 0x0F) + 1) for entry in found)

    def _take(self, data: Sequence[int], port: str, time_s: float) -> None:
        status = data[0]
        if FIRST_REALTIME <= status < ACTIVE_SENSING:
            if self._clock:
                self._clock.on_realtime(status, port, time_s)
            return
        if status in (ACTIVE_SENSING, SYSEX):
            return
        self.n_messages += 1
        self._last = (data, port, time_s)
        if status == SYSTEM_RESET or is_panic(data):
            self._desk.do("panic", source=SOURCE)
            return
        parser = self._parsers.get(port) or self._parsers.setdefault(port, MidiParser())
        for gesture in parser.gestures(data):
            self._do(gesture, port)

    def _do(self, gesture: Gesture, port: str) -> None:
        if self.learner and self.learner.hear(gesture):
            return
        before = self._hands.note_down(gesture, port)
        found = self._map.get((gesture.source, gesture.bits, gesture.number), ())
        entries = [entry for entry in found if hears(entry, gesture)]
        for entry in entries:
            self._hands.move(entry, gesture, port, before)
        if gesture.source == "program" and not entries:
            self._choose((gesture.value << 7) + gesture.number)

    def _choose(self, number: int) -> None:
        """The preset of this place in the set, from 1."""
        n_presets = len(self._desk.instrument.presets)
        if number <= n_presets:
            self._desk.do("preset", float(number), SOURCE)
        else:
            self._desk.say(f"program {number}: this set has {n_presets} presets", SOURCE)

    def _on_change(self, change: Change) -> None:
        if change.what == "preset":
            self.use(self._desk.instrument.presets[self._desk.instrument.number].midi)
        elif change.what == "control" and change.source != SOURCE:
            self._hands.let_go(change.name)


def by_source(
    own: Sequence[MidiEntry], learned: Sequence[MidiEntry]
) -> dict[Key, tuple[MidiEntry, ...]]:
    """Lines by what moves them; learned ones where the preset's own do not use the same source."""
    taken = {key_of(entry) for entry in own}
    found: dict[Key, tuple[MidiEntry, ...]] = {}
    for entry in (*own, *(line for line in learned if key_of(line) not in taken)):
        found[key_of(entry)] = (*found.get(key_of(entry), ()), entry)
    return found


def by_target(entries: Iterable[MidiEntry]) -> dict[str, str]:
    """Control or command to what moves it, in words; in the order in which they come."""
    found: dict[str, str] = {}
    for entry in entries:
        others = f"{found[entry.target]} and " if entry.target in found else ""
        found[entry.target] = others + entry.spoken
    return found


def key_of(entry: MidiEntry) -> Key:
    """Under which its gestures are found."""
    bits = 14 if entry.source in ("nrpn", "bend") else entry.bits
    return entry.source, bits, entry.number


def hears(entry: MidiEntry, gesture: Gesture) -> bool:
    """Whether channel and bank are right."""
    if entry.channel not in (None, gesture.channel):
        return False
    return entry.bank is None or entry.bank == gesture.value


def is_panic(data: Sequence[int]) -> bool:
    """All sound off, or all notes off."""
    return data[0] & 0xF0 == 0xB0 and data[1] in (ALL_SOUND_OFF, ALL_NOTES_OFF)


def in_words(data: Sequence[int]) -> str:
    """A message for the view.

    >>> in_words([0xB0, 20, 64]), in_words([0xC2, 4])
    ('cc 20: 64, channel 1', 'program 5, channel 3')
    """
    gestures = MidiParser().gestures(data)
    if not gestures:
        return " ".join(f"{byte:02X}" for byte in data)
    gesture = gestures[0]
    name = gesture.source.replace("_", " ")
    number = "" if gesture.source in ONE_A_CHANNEL else f" {gesture.number}"
    value = "" if gesture.source == "program" else f": {gesture.value}"
    return f"{name}{number}{value}, channel {gesture.channel}"
