"""Limiter: nothing louder than a ceiling, bent gently on the way there; channels share one gain.

The rule of `realtime/limiter.py`, whose ceiling is fixed, at any ceiling: the sound is brought to
that scale and back.
"""

import math

from numba import njit

from ddsp_core.denormals import flush_denormals, restore_denormals
from realtime.controls import Control
from realtime.effects.effect import Channels
from realtime.effects.gains import gain_core
from realtime.effects.kind import Kind
from realtime.effects.own import maker
from realtime.effects.ramps import Curves
from realtime.limiter import CEILING, gain_of

PARAMETERS = (
    Control("ceiling_db", -24, 0, -1, "dB", 0.05, "no sample is louder"),
    Control("release_s", 0.01, 1, 0.1, "s", 0, "time constant, up again", curve="log"),
)


@njit(nogil=True, cache=True)
def limit_together(
    block: Channels, curves: Curves, sample_rate: float, memory: Curves, out: Channels
) -> None:
    """(C, T) -> (C, T); memory (1,): level of the peak follower, in units of the ceiling's."""
    denormals = flush_denormals()
    peak = memory[0]
    scale = fall = 0.0
    for i in range(block.shape[1]):
        if i < curves.shape[1]:
            scale = CEILING / 10.0 ** (curves[0, i] / 20.0)
            fall = math.exp(-1.0 / (curves[1, i] * sample_rate))
        peak *= fall
        for c in range(len(block)):
            peak = max(peak, scale * abs(block[c, i]))
        gain = gain_of(peak)
        for c in range(len(block)):
            out[c, i] = gain * block[c, i]
    memory[0] = peak
    restore_denormals(denormals)


LIMITER = Kind(
    "limiter",
    "nothing louder than a ceiling",
    PARAMETERS,
    maker(PARAMETERS, gain_core(limit_together, 1)),
)
