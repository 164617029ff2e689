"""Puts the live tracker's octave errors right in training data, with an offline tracker's help.

In a reverberant room the last note still sounds in the next, and a tracker that hears two periods
reads a common multiple of both: an octave, a twelfth, two octaves too low. A decoder that learns
from such frames learns to sing high when asked to sing low. The repair multiplies the live reading
by a whole number (or a fraction, where it reads too high) and so keeps its timing and its fine
movement, which are what the decoder hears when played.

At a change of note in such a room the live tracker may also hold the old note, or flutter to a
pitch that is no multiple of anything. There the reference itself is taken: the oscillators sound
what they are told, so nothing that a decoder learns could bring a wrong pitch nearer to the
recording. Elsewhere nothing is touched.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from training.segments import runs

NEAR_CENTS = 50.0
ECHO_S = 0.2
"""The last note drowns in the next within this: of what the live tracker read too low on violins in
a hall (reverberation time 2 s), 99 % lasted less. Where it stays calmly below the reference for
longer, it is the reference that errs: swift-f0 hears C5 to Eb5 of a dry cello or saxophone, whose
second harmonic is the strongest, an octave high for whole notes (6.9 and 8.6 % of all frames)."""
Curve = NDArray[np.float32]
Factors = NDArray[np.float64]


def repaired_f0_hz(live_hz: Curve, reference_hz: Curve, longest_echo: float = np.inf) -> Curve:
    """The live pitch in the octave (or at the harmonic) of the reference.

    Frames without a reference (0 Hz) follow the nearest that has one, as long as the live pitch
    moves without a leap in between; those where it is no multiple of the live pitch take it.

    Args:
        longest_echo: frames for which the live tracker may read a steady pitch too low.

    Shape:
        (N,), (N,) -> (N,)

    >>> live_hz = np.array([220.0, 220.0, 147.0, 440.0], np.float32)
    >>> reference_hz = np.array([441.0, 0.0, 441.0, 441.0], np.float32)
    >>> repaired_f0_hz(live_hz, reference_hz)
    array([440., 440., 441., 440.], dtype=float32)
    """
    ratio = np.where(reference_hz > 0.0, reference_hz, 1.0).astype(np.float64) / live_hz
    factors = np.where(ratio >= 1.0, np.round(ratio), 1.0 / np.round(1.0 / np.minimum(ratio, 1.0)))
    known = (reference_hz > 0.0) & (_cents(ratio, factors) < NEAR_CENTS)
    factors[~known] = 1.0
    steady = np.append(_cents(live_hz[1:], live_hz[:-1]) < NEAR_CENTS, False)
    for start, end in runs(steady):
        run = slice(start, end + 1)
        _trust_steady_notes(factors[run], known[run])
        _spread(factors[run], known[run])
        _trust_long_notes(factors[run], longest_echo)
    elsewhere = (reference_hz > 0.0) & ~known
    return np.where(elsewhere, reference_hz, live_hz * factors).astype(np.float32)


def _trust_steady_notes(factors: Factors, known: NDArray[np.bool_]) -> None:
    """Undoes, in place, what is more likely a slip of the reference than of the live tracker.

    That is an octave up in the midst of a note on which both mostly agree (the second or fourth
    harmonic is strong), and any way down in a note that the reference mostly does not hear (it is
    above its reach).
    """
    heard = factors[known]
    if 2 * np.count_nonzero(heard == 1.0) > len(heard):
        factors[(factors == 2.0) | (factors == 4.0)] = 1.0
    if 2 * len(heard) < len(factors):
        factors[factors < 1.0] = 1.0


def _trust_long_notes(factors: Factors, longest_echo: float) -> None:
    """Undoes, in place, what raises a steady reading for longer than an echo lasts."""
    bounds = [0, *(np.flatnonzero(np.diff(factors)) + 1), len(factors)]
    for start, end in pairwise(bounds):
        if factors[start] > 1.0 and end - start > longest_echo:
            factors[start:end] = 1.0


def _spread(factors: Factors, known: NDArray[np.bool_]) -> None:
    """Gives unknown frames the factor of the nearest known one, in place."""
    places = np.flatnonzero(known)
    if len(places) == 0:
        return
    frames = np.arange(len(factors))
    after = np.clip(np.searchsorted(places, frames), 0, len(places) - 1)
    before = np.maximum(after - 1, 0)
    closer = np.abs(places[before] - frames) <= np.abs(places[after] - frames)
    factors[:] = factors[np.where(closer, places[before], places[after])]


def _cents(left: NDArray[np.floating], right: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.abs(1200.0 * np.log2(left / right))
