"""The last thing before the speaker: nothing above -1 dBFS, and no corner on the way there.

A peak follower with instant attack and exponential release drives a gain. Up to the knee the gain
is 1, bit for bit; above it the level bends through tanh towards the ceiling, which it never passes.
No look-ahead, no delay.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.units import db_to_gain

CEILING = db_to_gain(-1.0)
KNEE = db_to_gain(-6.0)
RELEASE_S = 0.1


class LimiterState(NamedTuple):
    """Level of the peak follower, linear."""

    peak: float


@njit(nogil=True, cache=True)
def gain_of(peak: float) -> float:
    """Of a sound whose follower stands at this level."""
    if peak <= KNEE:
        return 1.0
    span = CEILING - KNEE
    return (KNEE + span * math.tanh((peak - KNEE) / span)) / peak


@njit(nogil=True, cache=True)
def limit(audio: NDArray[np.float32], out: NDArray[np.float32], peak: float, fall: float) -> float:
    """Fills out (T,), which may be audio itself; returns the follower's level at its end."""
    for i in range(len(audio)):
        level = abs(audio[i])
        peak = max(level, peak * fall)
        out[i] = audio[i] * gain_of(peak)
    return peak if peak > 1e-20 else 0.0


def release(sample_rate: int) -> float:
    """By what factor the follower falls each sample."""
    return math.exp(-1.0 / (RELEASE_S * sample_rate))


class Limiter:
    """Soft limiter at -1 dBFS.

    Shape:
        audio (T,) -> (T,).
    """

    def __init__(self, sample_rate: int) -> None:
        self.release = release(sample_rate)

    def forward(
        self, audio: NDArray[np.float32], state: LimiterState | None = None
    ) -> tuple[NDArray[np.float32], LimiterState]:
        """Audio with its peaks bent under the ceiling."""
        out = np.empty_like(audio)
        peak = limit(audio, out, state.peak if state else 0.0, self.release)
        return out, LimiterState(peak)
