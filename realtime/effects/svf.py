"""The state-variable filter that our filters are made of, one sample at a time.

Two trapezoidal integrators in a loop that is solved, not delayed. What it remembers are the charges
of its capacitors, so its frequency can be swept sample by sample without a click, which a biquad's
delayed samples do not allow.

Source: A. Simper (2013), "Linear Trapezoidal Integrated State Variable Filter With Low Noise
Optimisation"; V. Zavalishin (2018), "The Art of VA Filter Design", 4.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Charges = NDArray[np.float64]
"""Of the two capacitors. Shape: (2,)."""

HIGHEST = 0.49
"""Of the sample rate: frequencies above it are taken as this."""


@njit(nogil=True, cache=True)
def warped(frequency_hz: float, sample_rate: float) -> float:
    """The integrators' gain that puts the filter at this frequency exactly."""
    return math.tan(math.pi * min(frequency_hz / sample_rate, HIGHEST))


@njit(nogil=True, cache=True)
def solved(g: float, k: float) -> float:
    """What the loop without delay comes to; k is 1 / Q."""
    return 1.0 / (1.0 + g * (g + k))


@njit(nogil=True, cache=True)
def tick(sample: float, g: float, loop: float, charges: Charges) -> tuple[float, float]:
    """One sample; returns band pass and low pass. High pass is sample - k * band - low.

    Args:
        g: of `warped`.
        loop: of `solved`.
    """
    above = sample - charges[1]
    band = loop * (charges[0] + g * above)
    low = charges[1] + g * band
    charges[0] = 2.0 * band - charges[0]
    charges[1] = 2.0 * low - charges[1]
    return band, low
