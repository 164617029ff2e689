"""Which note sounds: keys held in their order, pedals, bends and pressure, with or without MPE.

Last-note priority: the key pressed last sounds; when it is let go, the one before sounds again. In
MPE (MIDI Polyphonic Expression 1.1, M1-100-UM, MMA 2022) each note has a channel of its own, whose
bend and pressure are the note's, and a manager channel bends all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

BEND_CENTRE = 8192
MOST = 127
N_CHANNELS = 16
BEND_RANGE, MPE_CONFIGURATION, NOTHING = 0, 6, 16383
"""Registered parameter numbers; the last one is none."""
USUAL_RANGE, MPE_RANGE = 2.0, 48.0
"""Semitones of a full bend until somebody says otherwise."""
WHEEL, BREATH, DATA, EXPRESSION, DATA_FINE, SUSTAIN = 1, 2, 6, 11, 38, 64
RPN_FINE, RPN_COARSE, NRPN_FINE, NRPN_COARSE = 100, 101, 98, 99
ALL_SOUND_OFF, RESET_CONTROLLERS, ALL_NOTES_OFF = 120, 121, 123


class Sounding(NamedTuple):
    """The note that sounds now."""

    pitch: float
    """Of MIDI, bends included; 69 is A4."""
    velocity: float
    """0...1."""
    pressure: float
    """0...1."""
    expression: float
    """0...1: expression pedal and breath."""
    wheel: float
    """0...1."""


@dataclass
class _Channel:
    bend: float = 0.0
    bend_range: float = USUAL_RANGE
    pressure: float = 0.0
    expression: float = 1.0
    breath: float = 1.0
    wheel: float = 0.0
    is_sustained: bool = False
    parameter: int = NOTHING
    key_pressure: dict[int, float] = field(default_factory=dict)


class _Held(NamedTuple):
    channel: int
    note: int
    velocity: float
    is_down: bool
    """False: the pedal alone holds it."""


class NoteState:
    """Follows whole MIDI messages; the last note pressed sounds.

    Args:
        is_mpe: one zone of 15 notes from the start, for instruments that do not say so themselves.
    """

    def __init__(self, is_mpe: bool = False) -> None:
        self._channels = [_Channel() for _ in range(N_CHANNELS)]
        self._held: list[_Held] = []
        self._managers: dict[int, int] = {}
        """Channel of a note to the channel that manages it; from 0."""
        if is_mpe:
            self._configure(0, N_CHANNELS - 1)

    @property
    def sounding(self) -> Sounding | None:
        """The note that sounds; None: none does."""
        if not self._held:
            return None
        held = self._held[-1]
        own = self._channels[held.channel]
        manager = self._channels[self._managers.get(held.channel, held.channel)]
        bend = own.bend * own.bend_range
        if manager is not own:
            bend += manager.bend * manager.bend_range
        return Sounding(
            held.note + bend,
            held.velocity,
            max(own.pressure, manager.pressure, own.key_pressure.get(held.note, 0.0)),
            min(own.expression, manager.expression) * min(own.breath, manager.breath),
            max(own.wheel, manager.wheel),
        )

    @property
    def n_held(self) -> int:
        """Notes that a key or a pedal holds."""
        return len(self._held)

    def take(self, data: Sequence[int]) -> None:
        """Follows one whole message; what is not for keyboards is left alone."""
        kind, channel = data[0] & 0xF0, data[0] & 0x0F
        state = self._channels[channel]
        if kind == 0x90 and data[2] > 0:
            self._press(channel, data[1], data[2] / MOST)
        elif kind in (0x80, 0x90):
            self._let_go(channel, data[1])
        elif kind == 0xA0:
            state.key_pressure[data[1]] = data[2] / MOST
        elif kind == 0xB0:
            self._control(channel, data[1], data[2])
        elif kind == 0xD0:
            state.pressure = data[1] / MOST
        elif kind == 0xE0:
            bend = (data[1] | data[2] << 7) - BEND_CENTRE
            state.bend = bend / (BEND_CENTRE if bend < 0 else BEND_CENTRE - 1)
        elif data[0] == 0xFF:
            self.silence()

    def silence(self) -> None:
        """All notes end."""
        self._held.clear()

    def _press(self, channel: int, note: int, velocity: float) -> None:
        self._drop(channel, note)
        self._held.append(_Held(channel, note, velocity, is_down=True))

    def _let_go(self, channel: int, note: int) -> None:
        self._channels[channel].key_pressure.pop(note, None)
        manager = self._managers.get(channel, channel)
        if self._channels[channel].is_sustained or self._channels[manager].is_sustained:
            self._held = [
                held._replace(is_down=False)
                if (held.channel, held.note) == (channel, note)
                else held
                for held in self._held
            ]
        else:
            self._drop(channel, note)

    def _drop(self, channel: int, note: int) -> None:
        self._held = [held for held in self._held if (held.channel, held.note) != (channel, note)]

    def _control(self, channel: int, number: int, value: int) -> None:
        state = self._channels[channel]
        if number == WHEEL:
            state.wheel = value / MOST
        elif number == BREATH:
            state.breath = value / MOST
        elif number == EXPRESSION:
            state.expression = value / MOST
        elif number == SUSTAIN:
            state.is_sustained = value >= 64
            if not state.is_sustained:
                self._lift_pedal(channel)
        elif number in (RPN_FINE, RPN_COARSE, NRPN_FINE, NRPN_COARSE, DATA, DATA_FINE):
            self._parameter(channel, number, value)
        elif number in (ALL_SOUND_OFF, ALL_NOTES_OFF):
            self._held = [held for held in self._held if held.channel != channel]
        elif number == RESET_CONTROLLERS:
            self._channels[channel] = _Channel(bend_range=state.bend_range)
            self._lift_pedal(channel)

    def _lift_pedal(self, channel: int) -> None:
        self._held = [
            held
            for held in self._held
            if held.is_down
            or channel not in (held.channel, self._managers.get(held.channel, held.channel))
        ]

    def _parameter(self, channel: int, number: int, value: int) -> None:
        """Registered parameters: range of the bend, and MPE's zones."""
        state = self._channels[channel]
        if number in (NRPN_FINE, NRPN_COARSE):
            state.parameter = NOTHING
        elif number == RPN_COARSE:
            state.parameter = value << 7 | state.parameter & MOST
        elif number == RPN_FINE:
            state.parameter = state.parameter & MOST << 7 | value
        elif state.parameter == BEND_RANGE:
            self._set_range(channel, number, value)
        elif state.parameter == MPE_CONFIGURATION and number == DATA:
            self._configure(channel, value)

    def _set_range(self, channel: int, number: int, value: int) -> None:
        """In MPE what one note's channel is told holds for all notes of its zone."""
        manager = self._managers.get(channel)
        alike = (
            [c for c, m in self._managers.items() if m == manager] if manager is not None else []
        )
        for one in (channel, *alike):
            state = self._channels[one]
            semitones = int(state.bend_range)
            state.bend_range = float(value) if number == DATA else semitones + value / 100.0

    def _configure(self, manager: int, n_notes: int) -> None:
        """A zone of so many channels above the first or below the last one; 0: no zone."""
        if manager not in (0, N_CHANNELS - 1):
            return
        kept = {note: other for note, other in self._managers.items() if other != manager}
        way = 1 if manager == 0 else -1
        members = [manager + way * n for n in range(1, min(n_notes, N_CHANNELS - 1) + 1)]
        self._managers = {**kept, **dict.fromkeys(members, manager)}
        for member in members:
            self._channels[member].bend_range = MPE_RANGE
