"""Puts the live tracker's octave errors right in training data, with an offline tracker's help.

In a reverberant room the last note still sounds in the next, and a tracker that hears two periods
reads a common multiple of both: an octave, a twelfth, two octaves too low. A decoder that learns
from such frames learns to sing high when asked to sing low. The repair multiplies the live reading
by a whole number (or a fraction, where it reads too high) and so keeps its timing and its fine
movement, which are what the decoder hears when played. Elsewhere nothing is touched.
"""

import numpy as np
from numpy.typing import NDArray

from training.segments import runs

NEAR_CENTS = 50.0
Curve = NDArray[np.float32]


def repaired_f0_hz(live_hz: Curve, reference_hz: Curve) -> Curve:
    """The live pitch in the octave (or at the harmonic) of the reference.

    Frames without a reference (0 Hz) follow the nearest that has one, as long as the live pitch
    moves without a leap in between; a reference that is no multiple is taken as it is.

    Shape:
        (N,), (N,) -> (N,)

    >>> live_hz = np.array([220.0, 220.0, 147.0, 440.0], np.float32)
    >>> reference_hz = np.array([441.0, 0.0, 441.0, 441.0], np.float32)
    >>> repaired_f0_hz(live_hz, reference_hz)
    array([440., 440., 441., 440.], dtype=float32)
    """
    factors = np.ones(len(live_hz))
    heard = reference_hz > 0.0
    factors[heard] = _factor(live_hz[heard].astype(np.float64), reference_hz[heard])
    steady = _cents(live_hz[1:], live_hz[:-1]) < NEAR_CENTS
    for start, end in runs(np.append(steady, False)):
        _spread(factors[start : end + 1], heard[start : end + 1])
    return (live_hz * factors).astype(np.float32)


def _factor(live_hz: NDArray[np.float64], reference_hz: Curve) -> NDArray[np.float64]:
    """What to multiply with: 1, 2, 3... or 1/2, 1/3... where that fits, else the plain ratio."""
    ratio = reference_hz / live_hz
    whole = np.where(ratio >= 1.0, np.round(ratio), 1.0 / np.round(1.0 / np.minimum(ratio, 1.0)))
    return np.where(_cents(ratio, whole) < NEAR_CENTS, whole, ratio)


def _spread(factors: NDArray[np.float64], heard: NDArray[np.bool_]) -> None:
    """Fills the frames without a reference from the nearest with one, in place."""
    known = np.flatnonzero(heard)
    if len(known) == 0:
        return
    frames = np.arange(len(factors))
    after = np.clip(np.searchsorted(known, frames), 0, len(known) - 1)
    before = np.maximum(after - 1, 0)
    closer = np.abs(known[before] - frames) <= np.abs(known[after] - frames)
    factors[:] = factors[np.where(closer, known[before], known[after])]


def _cents(left: NDArray[np.floating], right: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.abs(1200.0 * np.log2(left / right))
