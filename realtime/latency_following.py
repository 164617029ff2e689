"""How fast the instrument follows a singer who is already singing: new notes, vibrato, dynamics.

All is read from the sound that comes out, by analyses that are centred on the sample they speak of,
so that they add no delay of their own. Pitch is heard through `bare_sine`, a voice with nothing but
the oscillators: the same shaping and ramps as in any voice, and a sine's frequency can be told
within 0.8 ms to either side. Loudness is heard through the voice in question, as its decoder has a
word in it.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ddsp_core.units import cents_between
from realtime.latency_sounds import Audio, Play, Random, Wave

FIFTH = 1.5
REGISTERS_HZ = (80.0, 160.0, 320.0, 1000.0)
IN_TUNE_CENTS = 50.0
STAYS_S = 0.05
NOTE_S = 0.35
VIBRATO_HZ, VIBRATO_CENTS = 6.0, 50.0
VIBRATO_NOTES_HZ = (110.0, 220.0, 440.0, 880.0)
SWELL_HZ, SWELL_DB = 5.0, 6.0
LEVEL_DB, STEP_DB = -24.0, 12.0
STEADY_NOTES_HZ = (1000.0 / 9.0, 1000.0 / 3.0, 8000.0 / 9.0)
LEVEL_WINDOW_S = 0.009
"""Whole numbers of periods of these notes, so that their level has no ripple."""
FIRST_S = 0.5
"""How long a note is let settle before it is measured."""
WHOLE_S = 2.0
"""How long vibrato and swells are measured: whole numbers of cycles."""


class Following(NamedTuple):
    """A modulation, from in to out."""

    lag_ms: float
    depth_kept: float


class NewNote(NamedTuple):
    """A step of a fifth; `in_tune_ms` is infinite if the new note was never in tune."""

    f0_hz: float
    in_tune_ms: float


def new_notes(play: Play, sample_rate: int, n_steps: int = 20, seed: int = 0) -> list[NewNote]:
    """Steps up and down a fifth, without a gap: how long until the new note is in tune and stays.

    Args:
        play: an instrument that sings a bare sine.
        n_steps: up and as many down, in each register.
    """
    random = np.random.default_rng(seed)
    found = []
    for low_hz, high_hz in pairwise(REGISTERS_HZ):
        for _ in range(n_steps):
            f0_hz = low_hz * (high_hz / FIFTH / low_hz) ** random.random()
            found += _two_steps(play, sample_rate, f0_hz, random)
    return found


def _two_steps(play: Play, sample_rate: int, f0_hz: float, random: Random) -> list[NewNote]:
    lengths = np.round((NOTE_S + random.uniform(0.0, 0.02, 3)) * sample_rate).astype(int)
    curve = np.repeat([f0_hz, FIFTH * f0_hz, f0_hz], lengths)
    heard_hz = sine_hz(play(sung(curve, sample_rate)), sample_rate)
    starts = np.cumsum(lengths)[:2]
    ends = np.cumsum(lengths)[1:]
    steps = zip(starts, ends, (FIFTH * f0_hz, f0_hz), strict=True)
    return [
        NewNote(hz, 1e3 * in_tune_s(heard_hz[start:end], hz, sample_rate))
        for start, end, hz in steps
    ]


def in_tune_s(heard_hz: Wave, f0_hz: float, sample_rate: int) -> float:
    """Seconds until the pitch is right for `STAYS_S` on end."""
    is_wrong = np.abs(cents_between(heard_hz, f0_hz)) > IN_TUNE_CENTS
    n_stays = round(STAYS_S * sample_rate)
    wrong_before = np.concatenate(([0], np.cumsum(is_wrong)))
    stays = np.flatnonzero(wrong_before[n_stays:] == wrong_before[:-n_stays])
    return float(stays[0]) / sample_rate if len(stays) else float("inf")


def vibrato(play: Play, sample_rate: int, f0_hz: float) -> Following:
    """Vibrato of 6 Hz, 50 cents to either side, through an instrument that sings a bare sine."""
    times_s = _times_s(sample_rate)
    swing = np.sin(2 * np.pi * VIBRATO_HZ * times_s)
    curve = f0_hz * 2.0 ** (VIBRATO_CENTS / 1200.0 * swing)
    heard_hz = sine_hz(play(sung(curve, sample_rate)), sample_rate)
    heard_cents = cents_between(heard_hz, f0_hz)
    return _following(VIBRATO_CENTS * swing, heard_cents, VIBRATO_HZ, sample_rate)


def swell(play: Play, sample_rate: int, f0_hz: float) -> Following:
    """Loudness that goes up and down by 6 dB, five times a second."""
    times_s = _times_s(sample_rate)
    swell_db = LEVEL_DB + SWELL_DB * np.sin(2 * np.pi * SWELL_HZ * times_s)
    audio = _at_level(f0_hz, swell_db, sample_rate)
    return _following(
        level_db(audio, sample_rate), level_db(play(audio), sample_rate), SWELL_HZ, sample_rate
    )


def level_step_ms(play: Play, sample_rate: int, f0_hz: float) -> tuple[float, float]:
    """A step up and one down by 12 dB: from half way, in dB, of the input to that of the output."""
    n = round(FIRST_S * sample_rate)
    levels_db = np.repeat([LEVEL_DB, LEVEL_DB + STEP_DB, LEVEL_DB], n)
    audio = _at_level(f0_hz, levels_db, sample_rate)
    heard_db, sung_db = level_db(play(audio), sample_rate), level_db(audio, sample_rate)
    up, down = (
        _half_way(heard_db[part]) - _half_way(sung_db[part])
        for part in (slice(n // 2, n + n // 2), slice(n + n // 2, 2 * n + n // 2))
    )
    return 1e3 * up / sample_rate, 1e3 * down / sample_rate


def _half_way(curve_db: Wave) -> int:
    """Where a curve that steps in its middle has made half of its way."""
    settled = len(curve_db) // 8
    before, after = curve_db[:settled].mean(), curve_db[-settled:].mean()
    way = (curve_db - before) / (after - before)
    return int(np.flatnonzero(way >= 0.5)[0])


def _following(given: Wave, heard: Wave, rate_hz: float, sample_rate: int) -> Following:
    """Compares two curves by what each has at one frequency."""
    n = round(WHOLE_S * sample_rate)
    turn = np.exp(-2j * np.pi * rate_hz * np.arange(n) / sample_rate)
    begin = round(FIRST_S * sample_rate)
    ratio = (heard[begin : begin + n] @ turn) / (given[begin : begin + n] @ turn)
    return Following(float(-1e3 * np.angle(ratio) / (2 * np.pi * rate_hz)), float(abs(ratio)))


def _times_s(sample_rate: int) -> Wave:
    return np.arange(round((FIRST_S + WHOLE_S + 0.05) * sample_rate)) / sample_rate


def _at_level(f0_hz: float, levels_db: Wave, sample_rate: int) -> Audio:
    tone = sung(np.full(len(levels_db), f0_hz), sample_rate)
    gain = 10.0 ** (levels_db / 20.0) / np.sqrt(np.mean(tone**2))
    return np.asarray(gain * tone, np.float32)


def sung(f0_hz: Wave, sample_rate: int, n_harmonics: int = 20) -> Audio:
    """A saw-like tone of that pitch curve, peaks near 0.3, no harmonic above 0.45 of the rate."""
    phase = 2 * np.pi * np.cumsum(f0_hz) / sample_rate
    audio = np.zeros(len(f0_hz))
    for k in range(1, n_harmonics + 1):
        audio += np.where(k * f0_hz < 0.45 * sample_rate, np.sin(k * phase) / k, 0.0)
    return np.asarray(0.17 * audio, np.float32)


def sine_hz(audio: Audio, sample_rate: int) -> Wave:
    """Frequency of a sine at each sample, from 40 samples to either side; (T,) -> (T,).

    x[n - k] + x[n + k] = 2 cos(k w) x[n] for a sine of w radians a sample: cos(k w) by least
    squares over a window centred on n. Zero where there is silence.
    """
    k, half = 8, 32
    x = np.pad(np.asarray(audio, np.float64), k)
    here, around = x[k:-k], x[: -2 * k] + x[2 * k :]
    power = _centred_sum(here * here, half)
    cosine = _centred_sum(here * around, half) / np.maximum(2.0 * power, 1e-20)
    hz = np.arccos(np.clip(cosine, -1.0, 1.0)) * sample_rate / (2 * np.pi * k)
    return np.where(power > 1e-10, np.maximum(hz, 1e-3), 1e-3)


def level_db(audio: Audio, sample_rate: int) -> Wave:
    """Level at each sample, over a window centred on it. (T,) -> (T,)."""
    half = round(0.5 * LEVEL_WINDOW_S * sample_rate)
    power = _centred_sum(np.asarray(audio, np.float64) ** 2, half) / (2 * half)
    return np.asarray(10.0 * np.log10(np.maximum(power, 1e-12)))


def _centred_sum(values: Wave, half: int) -> Wave:
    """Sum over `half` samples before and as many from each sample on."""
    sums = np.concatenate(([0.0], np.cumsum(values)))
    at = np.arange(len(values))
    return sums[np.minimum(at + half, len(values))] - sums[np.maximum(at - half, 0)]
