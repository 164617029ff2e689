"""Parameters on their way to where they were turned, sample by sample.

Two equal exponentials one after the other: neither the value nor its slope jumps, so that a knob
whose steps come a block apart is not heard as steps (a single exponential leaves a corner at each).
What is counted is samples, so it does not matter how the sound is cut.
"""

import math
from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.bound import Bound
from realtime.controls import Control

Curves = NDArray[np.float64]
"""Shape: (P, T), or (P, 1) while nothing moves."""

TIME_CONSTANTS = 4.744
"""(1 + x) exp(-x) = 0.05: after a parameter's smoothing time 95 % of the way is done."""
CLOSE_ENOUGH = 1e-6
"""Of a parameter's range: what is left to go is then taken in one step, at -120 dB."""


@njit(nogil=True, cache=True)
def move(
    targets: Curves, rates: Curves, nearly: Curves, memory: Curves, curves: Curves
) -> bool:  # fmt: skip
    """Fills curves (P, T); memory (2, P) moves on. Returns whether everything has arrived."""
    is_still = True
    for p in range(len(targets)):
        first, second, target = memory[0, p], memory[1, p], targets[p]
        for i in range(curves.shape[1]):
            first += rates[p] * (target - first)
            second += rates[p] * (first - second)
            if abs(target - first) < nearly[p] and abs(target - second) < nearly[p]:
                first = second = target
            curves[p, i] = second
        memory[0, p], memory[1, p] = first, second
        is_still = is_still and first == target and second == target
    return is_still


class Ramps:
    """Moves parameters towards their targets.

    Args:
        controls: with their smoothing times; 0 is at once.
        sample_rate: in Hz.
    """

    def __init__(self, controls: Sequence[Control], sample_rate: int) -> None:
        times_s = [control.smoothing_s for control in controls]
        self._rates = np.array(
            [-math.expm1(-TIME_CONSTANTS / (t * sample_rate)) if t else 1.0 for t in times_s]
        )
        spans = [control.maximum - control.minimum for control in controls]
        self._nearly = CLOSE_ENOUGH * np.array(spans)
        self._memory: Curves | None = None
        self._arrived: Curves | None = None
        self._move = Bound(move)
        start = np.zeros(len(controls))  # compiles it: the audio thread shall not
        self._move(start, self._rates, self._nearly, np.zeros((2, len(start))), start[:, None])

    def forward(self, targets: Curves, n_samples: int) -> Curves:
        """The next values: (P,) -> (P, n_samples), or (P, 1) if none of them moves.

        `targets` is a new array whenever one of them changes, and is not written to.
        """
        if self._memory is None:
            self._memory = np.stack((targets, targets))
        if self._arrived is targets:
            return targets[:, None]
        curves = np.empty((len(targets), n_samples))
        if self._move(targets, self._rates, self._nearly, self._memory, curves):
            self._arrived = targets
        return curves
