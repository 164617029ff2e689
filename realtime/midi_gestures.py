"""From MIDI bytes to what a hand did: a knob turned to a value, a key pressed, a program chosen.

Pure, with the little that MIDI asks a receiver to remember: which NRPN is being sent, the coarse
halves of 14-bit pairs, the bank (MIDI 1.0 Detailed Specification 4.2, pages 10 to 19).
"""

from collections.abc import Sequence
from typing import NamedTuple

from realtime.mapping import MOST_7_BIT, MOST_14_BIT

LENGTHS = {0x80: 3, 0x90: 3, 0xA0: 3, 0xB0: 3, 0xC0: 2, 0xD0: 2, 0xE0: 3}
SYSTEM_LENGTHS = {0xF1: 2, 0xF2: 3, 0xF3: 2, 0xF6: 1}
FIRST_SYSTEM, FIRST_REALTIME = 0xF0, 0xF8
UNDEFINED = frozenset((0xF4, 0xF5, 0xF9, 0xFD))
SYSEX = 0xF0

BANK_COARSE, DATA_COARSE, BANK_FINE, DATA_FINE = 0, 6, 32, 38
INCREMENT, DECREMENT = 96, 97
NRPN_FINE, NRPN_COARSE, RPN_FINE, RPN_COARSE = 98, 99, 100, 101
FIRST_FINE, LAST_FINE = 32, 63
NOTHING = MOST_7_BIT
"""Both halves of a parameter's number: none is selected any more (RPN null)."""


class Gesture(NamedTuple):
    """One thing that a hand did."""

    source: str
    """Of `mapping.SOURCES`."""
    channel: int
    """From 1."""
    number: int
    """Of the knob, key, program (from 1); 0 for bend and pressure."""
    value: int
    """0...most; of a program: its bank; 0 of a note: released."""
    most: int = MOST_7_BIT
    bits: int = 7

    @property
    def is_pressed(self) -> bool:
        """As a switch: a pedal from its middle on, a key however softly."""
        if self.source == "note":
            return self.value > 0
        return self.source == "program" or 2 * self.value > self.most


def check_bytes(data: Sequence[int]) -> None:
    """Raises ValueError unless this is one whole message."""
    if not data or not 0x80 <= data[0] <= 0xFF:
        raise ValueError("no status byte")
    status = data[0]
    if status in UNDEFINED:
        raise ValueError("an undefined status")
    if status == SYSEX:
        return
    length = LENGTHS.get(status & 0xF0) or SYSTEM_LENGTHS.get(status, 1)
    if len(data) != length or any(byte > MOST_7_BIT or byte < 0 for byte in data[1:]):
        raise ValueError("wrong data bytes")


class Pair:
    """A value sent in two halves, the coarse one first.

    Its coarse half alone works at once. Where fine halves were never heard it is stretched, so that
    a 7-bit knob reaches both ends and the middle; else the fine half starts at 0 again, as the
    specification asks, unless the coarse half only repeats: then no knob has jumped back.
    """

    def __init__(self) -> None:
        self._coarse = -1
        self._fine = -1

    def coarse(self, half: int) -> int:
        """The value now, 0...16383."""
        if self._fine >= 0 and half != self._coarse:
            self._fine = 0
        self._coarse = half
        return half << 7 | self._fine if self._fine >= 0 else stretched(half)

    def fine(self, half: int) -> int | None:
        """The value now; None before any coarse half."""
        self._fine = half
        return self._coarse << 7 | half if self._coarse >= 0 else None

    def step(self, by: int) -> int | None:
        """The value one further; None before any coarse half."""
        if self._coarse < 0:
            return None
        now = self._coarse << 7 | max(self._fine, 0)
        value = min(max(now + by, 0), MOST_14_BIT)
        self._coarse, self._fine = value >> 7, value & 0x7F
        return value


def stretched(value: int) -> int:
    """7 bits as 14: ends to ends, middle to middle (M2-115-U, MIDI 2.0 bit scaling, 2023).

    >>> [stretched(value) for value in (0, 64, 127)]
    [0, 8192, 16383]
    """
    low = value & 0x3F
    return value << 7 | (low << 1 | low >> 5 if value > 64 else 0)


class _Channel:
    """What one channel remembers."""

    def __init__(self) -> None:
        self.pairs: dict[int, Pair] = {}
        self.bank_coarse, self.bank_fine = 0, -1
        self.parameter = [NOTHING, NOTHING]
        """Coarse and fine half of the number that data entry means."""
        self.is_nrpn = False
        self.entered: tuple[int, Pair] = (-1, Pair())

    @property
    def bank(self) -> int:
        """By its coarse half alone where no fine one was ever sent."""
        if self.bank_fine < 0:
            return self.bank_coarse
        return self.bank_coarse << 7 | self.bank_fine

    @property
    def is_selected(self) -> bool:
        """Whether data entry means a parameter."""
        return self.parameter != [NOTHING, NOTHING]

    def data(self) -> Pair:
        """Of the NRPN that is selected."""
        number = self.parameter[0] << 7 | self.parameter[1]
        if self.entered[0] != number:
            self.entered = (number, Pair())
        return self.entered[1]


class MidiParser:
    """One port's messages, one after the other."""

    def __init__(self) -> None:
        self._channels = [_Channel() for _ in range(16)]

    def gestures(self, data: Sequence[int]) -> list[Gesture]:
        """What a whole message (`check_bytes`) says; mostly one gesture, none of system messages.

        >>> MidiParser().gestures([0xB0, 70, 64])
        [Gesture(source='cc', channel=1, number=70, value=64, most=127, bits=7)]
        """
        kind, channel = data[0] & 0xF0, (data[0] & 0x0F) + 1
        if kind == 0xB0:
            return self._control_change(channel, data[1], data[2])
        if kind in (0x80, 0x90):
            return [Gesture("note", channel, data[1], data[2] if kind == 0x90 else 0)]
        if kind == 0xA0:
            return [Gesture("key_pressure", channel, data[1], data[2])]
        if kind == 0xC0:
            bank = self._channels[channel - 1].bank
            return [Gesture("program", channel, data[1] + 1, bank, MOST_14_BIT)]
        if kind == 0xD0:
            return [Gesture("pressure", channel, 0, data[1])]
        if kind == 0xE0:
            return [Gesture("bend", channel, 0, data[2] << 7 | data[1], MOST_14_BIT, 14)]
        return []

    def _control_change(self, channel: int, number: int, value: int) -> list[Gesture]:
        state = self._channels[channel - 1]
        if number in (NRPN_COARSE, NRPN_FINE, RPN_COARSE, RPN_FINE):
            state.is_nrpn = number in (NRPN_COARSE, NRPN_FINE)
            state.parameter[number in (NRPN_FINE, RPN_FINE)] = value
        elif number in (DATA_COARSE, DATA_FINE, INCREMENT, DECREMENT) and state.is_selected:
            return self._data_entry(channel, number, value)
        elif number == BANK_COARSE:
            state.bank_coarse = value
        elif number == BANK_FINE:
            state.bank_fine = value
        return [Gesture("cc", channel, number, value), *self._pair(channel, number, value)]

    def _pair(self, channel: int, number: int, value: int) -> list[Gesture]:
        """The same as half of a 14-bit value."""
        if number > LAST_FINE:
            return []
        pair = self._channels[channel - 1].pairs.setdefault(number % FIRST_FINE, Pair())
        whole = pair.coarse(value) if number < FIRST_FINE else pair.fine(value)
        if whole is None:
            return []
        return [Gesture("cc", channel, number % FIRST_FINE, whole, MOST_14_BIT, 14)]

    def _data_entry(self, channel: int, number: int, value: int) -> list[Gesture]:
        """Of an NRPN; RPNs are for synthesizers (bend range, tuning)."""
        state = self._channels[channel - 1]
        if not state.is_nrpn:
            return []
        pair = state.data()
        if number == DATA_COARSE:
            whole: int | None = pair.coarse(value)
        elif number == DATA_FINE:
            whole = pair.fine(value)
        else:
            whole = pair.step(1 if number == INCREMENT else -1)
        if whole is None:
            return []
        parameter = state.parameter[0] << 7 | state.parameter[1]
        return [Gesture("nrpn", channel, parameter, whole, MOST_14_BIT, 14)]
