"""High-pass: Butterworth, of 12 or 24 dB an octave."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.bound import Bound
from ddsp_core.denormals import flush_denormals, restore_denormals
from realtime.controls import Control
from realtime.effects.effect import Channels
from realtime.effects.kind import Kind
from realtime.effects.own import maker
from realtime.effects.ramps import Curves
from realtime.effects.svf import solved, tick, warped

PARAMETERS = (
    Control(
        "frequency_hz", 20, 2000, 80, "Hz", 0.05, "3 dB are lost here, more below", curve="log"
    ),
    Control("slope_db", 12, 24, 12, "dB an octave", 0.05, "how steep it is below", step=12),
)
DAMPING = math.sqrt(2.0)
"""1 / Q of the second order ..."""
DAMPING_FIRST, DAMPING_LAST = 2.0 * math.cos(math.pi / 8), 2.0 * math.sin(math.pi / 8)
"""... and of the two in the fourth: the poles of Butterworth's filter lie evenly on a circle."""


@njit(nogil=True, cache=True)
def high_pass(
    block: Channels, curves: Curves, sample_rate: float, charges: Curves, out: Channels
) -> None:
    """(C, T) -> (C, T); charges (C, 3, 2). Both slopes run side by side, one is heard."""
    denormals = flush_denormals()
    g = share = loop = loop_first = loop_last = 0.0
    for i in range(block.shape[1]):
        if i < curves.shape[1]:
            g = warped(curves[0, i], sample_rate)
            share = (curves[1, i] - 12.0) / 12.0
            loop = solved(g, DAMPING)
            loop_first, loop_last = solved(g, DAMPING_FIRST), solved(g, DAMPING_LAST)
        for c in range(len(block)):
            sample = block[c, i]
            band, low = tick(sample, g, loop, charges[c, 0])
            gentle = sample - DAMPING * band - low
            band, low = tick(sample, g, loop_first, charges[c, 1])
            steep = sample - DAMPING_FIRST * band - low
            band, low = tick(steep, g, loop_last, charges[c, 2])
            steep = steep - DAMPING_LAST * band - low
            out[c, i] = gentle + share * (steep - gentle)
    restore_denormals(denormals)


class HighPass:
    """See `own.Core`."""

    def __init__(self, sample_rate: int, n_inputs: int, options: Mapping[str, Any]) -> None:
        self.n_outputs = n_inputs
        self._rate = float(sample_rate)
        self._charges: NDArray[np.float64] = np.zeros((n_inputs, 3, 2))
        self._kernel = Bound(high_pass)

    def play(self, block: Channels, curves: Curves, out: Channels) -> None:
        """See `Core.play`."""
        self._kernel(block, curves, self._rate, self._charges, out)

    def reset(self) -> None:
        """No charge."""
        self._charges[:] = 0.0

    def tail_s(self, values: Mapping[str, float], bpm: float) -> float:
        """The slowest pole's: exp(-2 pi f sin(pi / 8) t) = 1e-4."""
        return math.log(1e4) / (math.pi * DAMPING_LAST * values["frequency_hz"])


HIGH_PASS = Kind(
    "high_pass",
    "takes rumble, steps and breath from below the voice",
    PARAMETERS,
    maker(PARAMETERS, HighPass),
)
