"""Where a sound begins, by the detector that BRAVE was judged with.

The sound is high-passed at 600 Hz and its level taken in dB, sample by sample, never below a floor.
A fast follower of that level rises 16 dB above a slow one: an onset. It is deaf to slow swells and
to what is softer than the floor, and it needs no window, so its own delay is a few samples.

Source: F. Caspe, J. Shier, M. Sandler, C. Saitis, A. McPherson, "Designing Neural Synthesizers for
Low-Latency Interaction", J. Audio Eng. Soc. 2025 (https://arxiv.org/abs/2503.11562); the constants
are those of its evaluation (https://github.com/jorshi/nas-eval). The followers' speeds are counted
in samples there, whatever the rate, and so they are here.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Audio = NDArray[np.float32]
Levels = NDArray[np.float64]

HIGH_PASS_HZ = 600.0
HIGH_PASS_Q = 0.707
RISE_DB = 16.0
FLOOR_DB = -55.0
FAST_RISE, FAST_FALL = 1.0 / 3.0, 1.0 / 383.0
SLOW = 1.0 / 2205.0


def find_onset(audio: Audio, sample_rate: int) -> int | None:
    """The first sample at which the sound has begun; None if it never does.

    What comes before `audio` counts as silence.

    Shape:
        audio: (T,)

    >>> silence = np.zeros(1000, np.float32)
    >>> find_onset(silence, 48000) is None
    True
    """
    above = np.flatnonzero(rise_db(audio, sample_rate) >= RISE_DB)
    return int(above[0]) if len(above) else None


def rise_db(audio: Audio, sample_rate: int) -> Levels:
    """By how much the fast follower stands above the slow one. (T,) -> (T,)."""
    rise = np.empty(len(audio))
    _rise_db(np.asarray(audio, np.float64), *_high_pass(sample_rate), rise)
    return rise


def _high_pass(sample_rate: int) -> tuple[float, float, float]:
    """Gain and feedback of a second-order high-pass: bilinear transform, tan for the warp."""
    k = math.tan(math.pi * HIGH_PASS_HZ / sample_rate)
    gain = 1.0 / (1.0 + k / HIGH_PASS_Q + k * k)
    return gain, 2.0 * (k * k - 1.0) * gain, (1.0 - k / HIGH_PASS_Q + k * k) * gain


@njit(nogil=True, cache=True)
def _rise_db(x: Levels, gain: float, a1: float, a2: float, rise: Levels) -> None:
    first, second = 0.0, 0.0
    fast, slow = FLOOR_DB, FLOOR_DB
    for i in range(len(x)):
        y = gain * x[i] + first
        first = -2.0 * gain * x[i] - a1 * y + second
        second = gain * x[i] - a2 * y
        level_db = max(20.0 * math.log10(abs(y) + 1e-8), FLOOR_DB)
        fast += (FAST_RISE if level_db > fast else FAST_FALL) * (level_db - fast)
        slow += SLOW * (level_db - slow)
        rise[i] = fast - slow
