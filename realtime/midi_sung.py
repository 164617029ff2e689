"""What is sung as MIDI notes: on and off, what differs of the pitch as bend, loudness as CC 11.

A singer's pitch is never a note, and vibrato is wider than half a semitone. So a note goes on,
bent, until the voice has come to rest on another one; only then the new one is pressed, before the
old one is let go: a synthesizer that ties notes makes no new attack of it. Past samples only.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Readings = NDArray[np.float32]

SURE = 0.5
BEGIN_S, END_S = 0.008, 0.06
"""So long a pitch must be there before it is a note, and be gone before the note ends: consonants
are shorter."""
NEAR_S, FAR_S = 0.09, 0.045
"""So long a voice must rest on another note before that is pressed. At the turning points of a
vibrato it rests as well, for up to 60 ms, but not far from its note."""
WITHIN = 0.8
"""Semitones that a pitch may move in those times."""
OTHER_NOTE, FAR_NOTE = 0.6, 1.3
"""So far from the middle of a note another one is meant; 0.5 would flutter between two."""
BEND_RANGE = 2.0
"""Semitones: what instruments expect unless somebody sets it."""
BEND_CENTRE, BEND_MOST = 8192, 16383
BEND_STEP, BEND_EVERY_S = 0.02, 0.005
EXPRESSION_EVERY_S = 0.01
HYSTERESIS_DB = 6.0
LOUD_DB = -15.0
"""Velocity and expression 127."""
EXPRESSION = 11
SOFTEST = 20
"""The least velocity and expression of a note that sounds: below, many instruments are silent."""

NOTE_OFF, NOTE_ON, CONTROL, BEND = 0x80, 0x90, 0xB0, 0xE0


class _Sounding(NamedTuple):
    note: int
    bend: int
    expression: int


class SungNotes:
    """Turns readings into MIDI messages.

    Args:
        hop_s: seconds a hop.
        gate_db: loudness from which a note begins.
        channel: 1...16.
    """

    def __init__(self, hop_s: float, gate_db: float = -50.0, channel: int = 1) -> None:
        self._hop_s, self._gate_db, self._channel = hop_s, gate_db, channel - 1
        self._sounding: _Sounding | None = None
        self._pitches: list[float] = []
        """Of the last hops that were sure, as far back as `NEAR_S`."""
        self._gone_s = self._bent_s = self._expressed_s = 0.0

    def hear(self, readings: Readings) -> list[tuple[int, int, int]]:
        """What to send for the next hops.

        Args:
            readings: f0_hz, confidence, loudness_db of each. Shape: (N, 3).
        """
        messages: list[tuple[int, int, int]] = []
        for f0_hz, confidence, loudness_db in readings.tolist():
            messages += self._hear_hop(f0_hz, confidence, loudness_db)
        return messages

    def silence(self) -> list[tuple[int, int, int]]:
        """What ends the note that sounds."""
        if self._sounding is None:
            return []
        off = (NOTE_OFF | self._channel, self._sounding.note, 0)
        self._sounding = None
        return [off]

    def _hear_hop(
        self, f0_hz: float, confidence: float, loudness_db: float
    ) -> list[tuple[int, int, int]]:
        threshold_db = self._gate_db - (HYSTERESIS_DB if self._sounding else 0.0)
        if confidence < SURE or loudness_db < threshold_db or f0_hz <= 0.0:
            self._gone_s += self._hop_s
            self._pitches.clear()
            return self.silence() if self._gone_s >= END_S else []
        self._gone_s = 0.0
        pitch = 69.0 + 12.0 * math.log2(f0_hz / 440.0)
        self._pitches = [*self._pitches, pitch][-round(NEAR_S / self._hop_s) :]
        if self._sounding is None:
            if not self._rests(BEGIN_S):
                return []
            return self._press(pitch, loudness_db)
        if self._is_other(self._sounding.note):
            return self._tie(pitch, loudness_db)
        return self._bend(pitch, self._sounding) + self._express(loudness_db)

    def _rests(self, for_s: float, note: int | None = None, beyond: float = 0.0) -> bool:
        """Whether the pitch has kept still so long, so far from a note."""
        n_hops = max(round(for_s / self._hop_s), 1)
        last = self._pitches[-n_hops:]
        is_still = len(last) == n_hops and max(last) - min(last) <= WITHIN
        return is_still and (note is None or all(abs(one - note) > beyond for one in last))

    def _is_other(self, note: int) -> bool:
        return (
            self._rests(NEAR_S, note, OTHER_NOTE)
            or self._rests(FAR_S, note, FAR_NOTE)
            or self._rests(BEGIN_S, note, BEND_RANGE)  # no bend reaches it
        )

    def _press(self, pitch: float, loudness_db: float) -> list[tuple[int, int, int]]:
        level = self._level(loudness_db)
        note = min(max(round(pitch), 0), 127)
        self._sounding = _Sounding(note, -1, level)
        bend = self._bend(pitch, self._sounding, at_once=True)
        express = (CONTROL | self._channel, EXPRESSION, level)
        return [*bend, express, (NOTE_ON | self._channel, note, level)]

    def _tie(self, pitch: float, loudness_db: float) -> list[tuple[int, int, int]]:
        """The new note before the old one ends."""
        off = self.silence()
        return [*self._press(pitch, loudness_db), *off]

    def _bend(
        self, pitch: float, sounding: _Sounding, at_once: bool = False
    ) -> list[tuple[int, int, int]]:
        self._bent_s += self._hop_s
        share = min(max((pitch - sounding.note) / BEND_RANGE, -1.0), 1.0)
        bend = min(BEND_CENTRE + round(share * BEND_CENTRE), BEND_MOST)
        step = BEND_STEP / BEND_RANGE * BEND_CENTRE
        if not at_once and (abs(bend - sounding.bend) < step or self._bent_s < BEND_EVERY_S):
            return []
        self._bent_s = 0.0
        self._sounding = sounding._replace(bend=bend)
        return [(BEND | self._channel, bend & 0x7F, bend >> 7)]

    def _express(self, loudness_db: float) -> list[tuple[int, int, int]]:
        self._expressed_s += self._hop_s
        assert self._sounding is not None
        level = self._level(loudness_db)
        if level == self._sounding.expression or self._expressed_s < EXPRESSION_EVERY_S:
            return []
        self._expressed_s = 0.0
        self._sounding = self._sounding._replace(expression=level)
        return [(CONTROL | self._channel, EXPRESSION, level)]

    def _level(self, loudness_db: float) -> int:
        share = (loudness_db - self._gate_db) / (LOUD_DB - self._gate_db)
        return min(max(round(SOFTEST + share * (127 - SOFTEST)), SOFTEST), 127)
