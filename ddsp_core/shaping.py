"""From what was sung to what shall be played: pitch and loudness shift, and a gate for voices.

Sound starts with the loudness, before the pitch is certain: one or two periods have to be heard
before there is a pitch, 5 to 15 ms that nobody wants to wait. So the gate has two leaves. The
noise (bow, breath) opens as soon as it is loud enough; the tone once it is clearly pitched as
well. Both stay open through consonants, on the pitch and at most the loudness of the note before,
so that a sung line stays a line. They close when the sound falls 6 dB under the threshold, or
when nothing pitched was heard for a third of a second (breath, hiss, talk from the stalls); then
only a pitch, or silence, makes them ready again.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.features import Features
from ddsp_core.loudness_map import LoudnessMap, map_loudness, tables_of
from ddsp_core.units import DB_FLOOR

Curve = NDArray[np.float32]
Levels = NDArray[np.float64]

HYSTERESIS_DB = 6.0
SURE = 0.5
"""Confidence from which a frame counts as pitched; below it pitch and loudness are held."""
CERTAIN = 2.0
"""Confidence of a pitch that nobody heard but somebody played: no leap is doubted."""
UNPITCHED_S = 0.3
LEAP_SEMITONES = 4.0
LEAP_SOFTER_DB = 3.0
WIDE_SEMITONES = 13.0
DOUBT_S = 0.03
"""The edges of consonants are heard as far pitches for up to 30 ms. So a leap that is softer than
the note before, or wider than an octave, is played only once it has lasted that long; out of
silence anything is believed at once."""
FORGET_DB_PER_S = 60.0
"""How fast the note before stops being a measure of softness."""
SCRATCH_S = 0.04
"""A note's beginning: so long noise may stand in for a tone that is not certain yet."""
SCRATCH_SHARE = 0.5
SOFT_SCRATCH_SHARE = 3.0
"""Of the tone's level, at the first moment: of a loud note, and of one so soft that its beginning
would go unheard."""
LOUD_DB, SOFT_DB = -30.0, -50.0
ATTACK_S = 0.005
RELEASE_S = 0.05
START_HZ = 220.0


class ShapingControls(NamedTuple):
    """Per hop. Shape: (N,) each."""

    semitones: Curve
    loudness_shift_db: Curve
    gate_db: Curve


class Shaped(NamedTuple):
    """What the decoder is given, the gate's gains 0...1, and by what share of the tone's level the
    noise stands in for it (see `attack`). Shape: (N,) each."""

    f0_hz: Curve
    loudness_db: Curve
    tone_gain: Curve
    noise_gain: Curve
    scratch: Curve


class ShapingState(NamedTuple):
    """Memory of the gate: see `shape_hops`."""

    memory: NDArray[np.float64]


def start_shaping() -> ShapingState:
    """The state before the first frame: the gate is closed."""
    return ShapingState(np.array([0.0, 0.0, 0.0, 0.0, START_HZ, 0.0, DB_FLOOR, 0.0, 0.0, 0.0]))


@njit(nogil=True, cache=True)
def _is_odd(leap_semitones: float, below_recent_db: float) -> bool:
    """Whether a pitch so far from the last one is likelier a consonant than a note."""
    softer = leap_semitones > LEAP_SEMITONES and below_recent_db > LEAP_SOFTER_DB
    return leap_semitones > WIDE_SEMITONES or softer


@njit(nogil=True, cache=True)
def _released(gain: float, factor: float) -> float:
    """A gain one frame further on its way to silence, which it reaches."""
    return gain * factor if gain * factor >= 1e-4 else 0.0


@njit(nogil=True, cache=True)
def _scratch(begun_s: float, loudness_db: float) -> float:
    """The share at which noise stands in for the tone, so long after it began."""
    softness = min(max((LOUD_DB - loudness_db) / (LOUD_DB - SOFT_DB), 0.0), 1.0)
    share = SCRATCH_SHARE + softness * (SOFT_SCRATCH_SHARE - SCRATCH_SHARE)
    return share * max(0.0, 1.0 - begun_s / SCRATCH_S)


@njit(nogil=True, cache=True)
def shape_hops(
    f0_hz: Curve, confidence: Curve, loudness_db: Curve, semitones: Curve, shift_db: Curve,
    gate_db: Curve, sung_db: Levels, played_db: Levels, hop_s: float, memory: Levels,
    out_f0_hz: Curve, out_loudness_db: Curve, out_tone: Curve, out_noise: Curve, out_scratch: Curve,
) -> None:  # fmt: skip
    """Rewrites memory: whether noise and tone are open, their gains, held f0 and loudness,
    recent loudness, and three stop-watches. `sung_db` is mapped onto `played_db`: see
    `loudness_map`."""
    noise_open, tone_open, noise, tone, held_hz, held_db, recent_db = memory[:7]
    unpitched_s, leap_s, begun_s = memory[7:]
    attack = hop_s / ATTACK_S
    release = math.exp(-hop_s / RELEASE_S)
    for n in range(len(f0_hz)):
        loudness = loudness_db[n]
        recent_db = max(recent_db - FORGET_DB_PER_S * hop_s, DB_FLOOR)
        pitched = confidence[n] >= SURE
        leap = abs(12.0 * math.log2(f0_hz[n] / held_hz)) if pitched else 0.0
        leap_s = leap_s + hop_s if leap > LEAP_SEMITONES else 0.0
        is_doubted = tone > 0.0 and leap_s < DOUBT_S and confidence[n] < CERTAIN
        if is_doubted and _is_odd(leap, recent_db - loudness):
            pitched = False
        unpitched_s = 0.0 if pitched else unpitched_s + hop_s
        if pitched:
            held_hz, held_db, leap_s = f0_hz[n], loudness, 0.0
            recent_db = max(recent_db, loudness)
        if loudness < gate_db[n] - HYSTERESIS_DB:
            noise_open, unpitched_s = 0.0, 0.0
        elif unpitched_s > UNPITCHED_S:
            noise_open = 0.0
        elif loudness >= gate_db[n]:
            noise_open = 1.0
        tone_open = noise_open if pitched else min(tone_open, noise_open)
        begun_s = begun_s + hop_s if noise_open else 0.0
        noise = 1.0 if noise_open else _released(noise, release)
        tone = min(tone + attack, 1.0) if tone_open else _released(tone, release)
        # A silent tone may take any reading for its pitch: nobody hears it settle.
        hz = held_hz if tone > 0.0 else f0_hz[n]
        out_f0_hz[n] = hz * 2.0 ** (semitones[n] / 12.0)
        level_db = min(loudness, held_db) if tone > 0.0 else loudness
        out_loudness_db[n] = map_loudness(sung_db, played_db, level_db) + shift_db[n]
        out_tone[n] = tone
        out_noise[n] = noise
        out_scratch[n] = _scratch(begun_s, loudness) * (1.0 - tone) if noise_open else 0.0
    memory[:] = (
        noise_open, tone_open, noise, tone, held_hz, held_db, recent_db, unpitched_s, leap_s,
        begun_s,
    )  # fmt: skip


class Shaping:
    """Applies the performer's pitch, loudness and gate controls to features.

    Args:
        sample_rate: Hz.
        hop_size: samples a frame.
        loudness_map: from the singer's loudness to the instrument's; the gate hears the singer.

    Shape:
        Features (N,), ShapingControls (N,) -> Shaped (N,).
    """

    def __init__(
        self, sample_rate: int, hop_size: int, loudness_map: LoudnessMap | None = None
    ) -> None:
        self.hop_s = hop_size / sample_rate
        self.map = tables_of(loudness_map)

    def forward(
        self, inputs: tuple[Features, ShapingControls], state: ShapingState | None = None
    ) -> tuple[Shaped, ShapingState]:
        """Shaped frames; the gate is closed at the beginning."""
        features, controls = inputs
        memory = (start_shaping() if state is None else state).memory.copy()
        shaped = Shaped(*(np.empty_like(features.f0_hz) for _ in Shaped._fields))
        shape_hops(*features, *controls, *self.map, self.hop_s, memory, *shaped)
        return shaped, ShapingState(memory)
