"""Whether a note begins in the right octave, and how soon it is in tune, out of silence.

Sung-like notes through an instrument that is a bare sine, so that its pitch can be read from the
sound that comes out (`latency_following.sine_hz`).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.units import cents_between
from realtime.latency_following import REGISTERS_HZ, in_tune_s, sine_hz
from realtime.latency_sounds import Audio, Play, Random, Wave, in_a_row

Flags = NDArray[np.bool_]

NOTE_S = 0.25
ATTACK_S = (0.005, 0.04)
BREATH_DB = -30.0
PEAK = 0.3
MOST_HARMONICS = 20
TILT = (0.5, 1.5)
"""Harmonic k has about k to the power of minus this, ..."""
UNEVEN_DB = 6.0
"""... and up to this much less or more: vowels differ."""

START_S = 0.08
"""How much of a note is its start."""
OTHER_OCTAVE_CENTS = 100.0
LONGEST_S = 0.005
"""So long in all may a start be in a wrong octave unnoticed."""
AUDIBLE = 0.01


class Start(NamedTuple):
    """How one note begins; `in_tune_ms` is infinite if it never is."""

    f0_hz: float
    in_tune_ms: float
    wrong_octave_ms: float

    @property
    def is_wrong(self) -> bool:
        """Whether a listener would say so."""
        return self.wrong_octave_ms > 1e3 * LONGEST_S


def note_starts(play: Play, sample_rate: int, n_notes: int = 100, seed: int = 0) -> list[Start]:
    """Notes from 80 to 1000 Hz, even in semitones, one after the other with silence between.

    Args:
        play: an instrument that sings a bare sine.
    """
    random = np.random.default_rng(seed)
    low_hz, high_hz = REGISTERS_HZ[0], REGISTERS_HZ[-1]
    pitches_hz = low_hz * (high_hz / low_hz) ** random.random(n_notes)
    notes = [sung_note(f0_hz, sample_rate, random) for f0_hz in pitches_hz]
    stream, starts = in_a_row(notes, sample_rate, random, NOTE_S)
    played = play(stream)
    n = round(NOTE_S * sample_rate)
    return [
        _start(played[at : at + n], f0_hz, sample_rate)
        for at, f0_hz in zip(starts, pitches_hz, strict=True)
    ]


def _start(heard: Audio, f0_hz: float, sample_rate: int) -> Start:
    heard_hz = sine_hz(heard, sample_rate)
    octaves = cents_between(heard_hz, f0_hz) / 1200.0
    off = np.abs(octaves - np.round(octaves)) * 1200.0
    is_other = (np.round(octaves) != 0) & (off < OTHER_OCTAVE_CENTS) & _is_audible(heard)
    n_wrong = np.count_nonzero(is_other[: round(START_S * sample_rate)])
    settled_ms = 1e3 * in_tune_s(heard_hz, f0_hz, sample_rate)
    return Start(float(f0_hz), settled_ms, 1e3 * int(n_wrong) / sample_rate)


def _is_audible(audio: Audio) -> Flags:
    """Where the sine is not yet 20 dB under its level, by what it was over the last 2 ms."""
    late = [np.abs(np.roll(audio, by)) for by in range(0, 96, 8)]
    return np.asarray(np.max(late, axis=0) > AUDIBLE)


def sung_note(f0_hz: float, sample_rate: int, random: Random) -> Audio:
    """A note with a vowel of its own, a soft attack and breath. Shape: (T,)."""
    times_s = np.arange(round(NOTE_S * sample_rate)) / sample_rate
    numbers = np.arange(1, 1 + min(MOST_HARMONICS, int(0.45 * sample_rate / f0_hz)))
    gains = numbers ** -random.uniform(*TILT)
    gains *= 10.0 ** (random.uniform(-UNEVEN_DB, UNEVEN_DB, len(numbers)) / 20.0)
    phases = 2 * np.pi * random.random(len(numbers))
    tone = np.zeros(len(times_s))
    for number, gain, phase in zip(numbers, gains, phases, strict=True):
        tone += gain * np.sin(2 * np.pi * number * f0_hz * times_s + phase)
    breath = random.standard_normal(len(times_s)) * np.sqrt(np.mean(tone**2))
    rise = np.minimum(times_s / random.uniform(*ATTACK_S), 1.0)
    note: Wave = (tone + 10.0 ** (BREATH_DB / 20.0) * breath) * np.sin(np.pi / 2 * rise) ** 2
    return np.asarray(PEAK / np.abs(note).max() * note, np.float32)
