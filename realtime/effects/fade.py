"""In and out with an effect: a crossfade between what goes in and what comes out."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.bound import Bound

Channels = NDArray[np.float32]

FADE_S = 0.02


@njit(nogil=True, cache=True)
def blend(dry: Channels, wet: Channels, share: float, goal: float, step: float) -> float:
    """wet (N, T) becomes the mixture with dry (C, T); returns the share that has been reached.

    The share goes its way in even steps; its smoothstep is heard, which starts and ends level.
    """
    n_dry = len(dry)
    for i in range(wet.shape[1]):
        share = min(share + step, goal) if share < goal else max(share - step, goal)
        gain = share * share * (3.0 - 2.0 * share)
        for c in range(len(wet)):
            before = dry[min(c, n_dry - 1), i]
            wet[c, i] = before + gain * (wet[c, i] - before)
    return share


class Fade:
    """Crossfades within 20 ms.

    Args:
        sample_rate: in Hz.
        is_in: whether the effect is heard at the beginning.
    """

    def __init__(self, sample_rate: int, is_in: bool) -> None:
        self._share = float(is_in)
        self._step = 1.0 / (FADE_S * sample_rate)
        self._blend = Bound(blend)
        nothing = np.zeros((1, 0), np.float32)  # compiles it: the audio thread shall not
        self._blend(nothing, nothing, 1.0, 1.0, self._step)

    def forward(self, dry: Channels, wet: Channels, is_in: bool) -> Channels:
        """dry (C, T), wet (N, T) -> (N, T), which is wet, written over, unless it is not heard."""
        if self._share == 1.0 and is_in:
            return wet
        if self._share == 0.0 and not is_in:
            return dry if len(dry) == len(wet) else np.repeat(dry, len(wet), axis=0)
        self._share = self._blend(dry, wet, self._share, float(is_in), self._step)
        return wet
