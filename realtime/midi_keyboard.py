"""Every voice as a MIDI instrument: notes become the pitch and loudness that nobody sings.

Messages come in MIDI's thread and wait, with their time; the audio thread takes up those that came
during the block before, each at its place. So a note is heard a block later than at best, but
always by the same time. A keyboard knows its notes: nothing is tracked, no confidence doubted.
"""

import math
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.checkpoint import VoiceFile
from ddsp_core.units import midi_to_hz
from realtime.controls import find_control
from realtime.desk import Change
from realtime.midi_notes import NoteState, Sounding
from realtime.note_source import CERTAIN

Curve = NDArray[np.float32]

MOST_WAITING = 4096
SILENCE_DB = -100.0
ATTACK_S = (0.06, 0.012)
"""Of the softest and the loudest note."""
ATTACK_FROM_DB = -24.0
AGAIN_FROM_DB = -12.0
"""A note that is struck again while it sounds dips so far."""
RELEASE_DB_PER_S = 300.0
LEVEL_TIME_S = 0.02
"""Of pressure, expression and the velocity of tied notes: one step of a controller is no click."""
PRESSURE_DB = 9.0
EXPRESSION_DB = 40.0
"""Per decade: half way down the pedal a note is 12 dB softer."""
VIBRATO_HZ, VIBRATO_SEMITONES = 5.5, 0.5


class Range(NamedTuple):
    """Loudness of the softest and the loudest note, dB as voices measure it."""

    softest_db: float
    loudest_db: float


USUAL_RANGE = Range(-42.0, -16.0)


class Keyboard:
    """Takes messages, for any number of voices that play them.

    Args:
        is_mpe: the instrument sends each note on a channel of its own, and does not say so.
        now_s: the clock of the messages' times.
    """

    controls: Mapping[str, float] = {"gate_db": find_control("gate_db").minimum}
    """Nothing is to be kept out, and a pedal may make notes softer than any microphone's noise."""

    def __init__(self, is_mpe: bool = False, now_s: Callable[[], float] = time.monotonic) -> None:
        self._is_mpe, self.now_s = is_mpe, now_s
        self._players: list[KeyboardPlayer] = []
        self.a4_hz = 440.0
        """What all notes are tuned to, as the control of that name."""

    def notes_for(self, voice: VoiceFile) -> "KeyboardPlayer":
        """For a voice that was loaded: velocities mean what it has learned."""
        config = voice.config
        return self.player(config.hop_size / config.sample_rate, range_of(voice.statistics))

    def player(self, hop_s: float, loudness: Range = USUAL_RANGE) -> "KeyboardPlayer":
        """For one voice: a `NoteSource`.

        Args:
            hop_s: seconds a hop.
            loudness: what velocities 1 and 127 mean to the voice.
        """
        player = KeyboardPlayer(NoteState(self._is_mpe), hop_s, loudness, self)
        self._players.append(player)
        return player

    def on_message(self, data: Sequence[int], _port: str = "", time_s: float | None = None) -> None:
        """Keeps one whole message until it is its turn (MIDI's thread).

        Args:
            time_s: when it came in; None: now.
        """
        at_s = self.now_s() if time_s is None else time_s
        for player in self._players:
            player.waiting.append((at_s, bytes(data)))

    def follow(self, change: Change) -> None:
        """What the desk tells: panic, and the pitch of A."""
        if change.what == "panic":
            self.silence()
        elif change.what == "control" and change.name == "a4_hz":
            self.a4_hz = float(change.value)

    def silence(self) -> None:
        """All notes end: panic."""
        self.on_message([0xFF])


class KeyboardPlayer:
    """Pitch and loudness of one voice, hop by hop; see `Keyboard.player`."""

    def __init__(self, notes: NoteState, hop_s: float, loudness: Range, keyboard: Keyboard) -> None:
        self.waiting: deque[tuple[float, bytes]] = deque(maxlen=MOST_WAITING)
        self._notes, self._hop_s, self._keyboard = notes, hop_s, keyboard
        self._loudness = loudness
        self._last: Sounding | None = None
        self._hz = 440.0
        self._level_db = SILENCE_DB
        self._envelope_db = SILENCE_DB
        self._attack_db_s = 0.0
        self._vibrato_cycles = 0.0
        self._level_rate = 1.0 - math.exp(-hop_s / LEVEL_TIME_S)

    def read(self, n_hops: int) -> tuple[Curve, Curve, Curve]:
        """f0_hz, confidence and loudness_db of the next hops (audio thread). Shape: (N,) each."""
        now_s = self._keyboard.now_s()
        f0_hz, confidence, loudness_db = (np.empty(n_hops, np.float32) for _ in range(3))
        for n in range(n_hops):
            self._take_until(now_s - (n_hops - 1 - n) * self._hop_s)
            self._move(self._notes.sounding)
            loudness = max(self._level_db + self._envelope_db, SILENCE_DB)
            f0_hz[n], loudness_db[n] = self._hz, loudness
            confidence[n] = CERTAIN if loudness > SILENCE_DB else 0.0
        return f0_hz, confidence, loudness_db

    def _take_until(self, time_s: float) -> None:
        while self.waiting and self.waiting[0][0] <= time_s:
            self._notes.take(self.waiting.popleft()[1])

    def _move(self, now: Sounding | None) -> None:
        """One hop further."""
        before, self._last = self._last, now
        if now is None:
            self._envelope_db -= RELEASE_DB_PER_S * self._hop_s
            self._envelope_db = max(self._envelope_db, SILENCE_DB)
            return
        if before is None:
            self._strike(now)
        self._level_db += self._level_rate * (self._wanted_db(now) - self._level_db)
        self._envelope_db = min(self._envelope_db + self._attack_db_s * self._hop_s, 0.0)
        self._vibrato_cycles = (self._vibrato_cycles + VIBRATO_HZ * self._hop_s) % 1.0
        swing = VIBRATO_SEMITONES * now.wheel * math.sin(2.0 * math.pi * self._vibrato_cycles)
        tuning = self._keyboard.a4_hz / 440.0
        self._hz = tuning * float(midi_to_hz(now.pitch + swing))

    def _strike(self, note: Sounding) -> None:
        """A note begins that is not tied to one before."""
        is_sounding = self._envelope_db > AGAIN_FROM_DB
        self._envelope_db = AGAIN_FROM_DB if is_sounding else ATTACK_FROM_DB
        self._level_db = self._wanted_db(note)
        slow_s, fast_s = ATTACK_S
        self._attack_db_s = -ATTACK_FROM_DB / (slow_s + note.velocity * (fast_s - slow_s))

    def _wanted_db(self, note: Sounding) -> float:
        softest_db, loudest_db = self._loudness
        level_db = softest_db + note.velocity * (loudest_db - softest_db)
        level_db += PRESSURE_DB * note.pressure
        return level_db + EXPRESSION_DB * math.log10(max(note.expression, 1e-3))


def range_of(statistics: Mapping[str, Any]) -> Range:
    """From the loudness of a voice's training set: what velocities mean to it."""
    quantiles = statistics.get("loudness_quantiles_db", {})
    if not {"5", "99"} <= quantiles.keys():
        return USUAL_RANGE
    return Range(quantiles["5"], quantiles["99"])
