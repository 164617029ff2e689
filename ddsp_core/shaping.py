"""From what was sung to what shall be played: pitch and loudness shift, and a gate for voices.

The gate opens on a note: loud enough *and* clearly pitched. It stays open through consonants, on
the pitch and at most the loudness of the note before, so that a sung line stays a line. It closes
when the sound falls 6 dB under the threshold, or when nothing pitched was heard for a third of a
second (breath, hiss, talk from the stalls).
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.features import Features

Curve = NDArray[np.float32]

HYSTERESIS_DB = 6.0
SURE = 0.5
"""Confidence from which a frame counts as a note; tracker's own scale."""
DOUBTFUL = 0.3
"""Confidence below which pitch and loudness are held."""
UNPITCHED_S = 0.3
ATTACK_S = 0.005
RELEASE_S = 0.05
START_HZ = 220.0


class ShapingControls(NamedTuple):
    """Per hop. Shape: (N,) each."""

    semitones: Curve
    loudness_shift_db: Curve
    gate_db: Curve


class Shaped(NamedTuple):
    """What the decoder is given, and the gate's gain 0...1. Shape: (N,) each."""

    f0_hz: Curve
    loudness_db: Curve
    gate_gain: Curve


class ShapingState(NamedTuple):
    """Memory of the gate: see `_shape`."""

    memory: NDArray[np.float64]


@njit(nogil=True, cache=True)
def _shape(
    f0_hz: Curve, confidence: Curve, loudness_db: Curve, semitones: Curve, shift_db: Curve,
    gate_db: Curve, hop_s: float, memory: NDArray[np.float64],
    out_f0_hz: Curve, out_loudness_db: Curve, out_gain: Curve,
) -> None:  # fmt: skip
    """memory = [open, gain, held f0, held loudness, seconds without pitch], rewritten."""
    is_open, gain, held_hz, held_db, unpitched_s = memory
    attack = hop_s / ATTACK_S
    release = math.exp(-hop_s / RELEASE_S)
    for n in range(len(f0_hz)):
        loudness = loudness_db[n]
        unpitched_s = 0.0 if confidence[n] >= DOUBTFUL else unpitched_s + hop_s
        if confidence[n] >= DOUBTFUL:
            held_hz, held_db = f0_hz[n], loudness
        if is_open and (loudness < gate_db[n] - HYSTERESIS_DB or unpitched_s > UNPITCHED_S):
            is_open = 0.0
        elif not is_open and loudness >= gate_db[n] and confidence[n] >= SURE:
            is_open = 1.0
        gain = min(gain + attack, 1.0) if is_open else gain * release
        if gain < 1e-4:
            gain = 0.0
        out_f0_hz[n] = held_hz * 2.0 ** (semitones[n] / 12.0)
        out_loudness_db[n] = min(loudness, held_db) + shift_db[n]
        out_gain[n] = gain
    memory[:] = (is_open, gain, held_hz, held_db, unpitched_s)


class Shaping:
    """Applies the performer's pitch, loudness and gate controls to features.

    Args:
        sample_rate: Hz.
        hop_size: samples a frame.

    Shape:
        Features (N,), ShapingControls (N,) -> Shaped (N,).
    """

    def __init__(self, sample_rate: int, hop_size: int) -> None:
        self.hop_s = hop_size / sample_rate

    def forward(
        self, inputs: tuple[Features, ShapingControls], state: ShapingState | None = None
    ) -> tuple[Shaped, ShapingState]:
        """Shaped frames; the gate is closed at the beginning."""
        features, controls = inputs
        start = np.array([0.0, 0.0, START_HZ, 0.0, 0.0])
        memory = start if state is None else state.memory.copy()
        shaped = Shaped(*(np.empty_like(features.f0_hz) for _ in Shaped._fields))
        _shape(*features, *controls, self.hop_s, memory, *shaped)
        return shaped, ShapingState(memory)
