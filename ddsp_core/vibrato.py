"""How deep a vibrato is: found while it is sung, without hearing what comes, and scaled.

The note's centre is the mean pitch of the last third of a second, weighted so that vibrato of 4 to
8 Hz vanishes in it; what is sung on top is the deviation. A deviation counts as vibrato only as
far as it has gone to *both* sides of the centre within the last quarter of a second. So neither a
note's beginning from below, nor a slide, nor a step to another note is taken for vibrato: they
pass as they are sung, at once. Rates and depths of sung vibrato: Prame 1994 and 1997, 4.5 to 7 Hz,
30 to 120 cents to either side.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Reals = NDArray[np.float64]

MEANS_HZ = (5.2, 6.6)
"""Two running means in a row, a cycle of these rates long: at most 1.3 % is left of 5 to 7 Hz."""
CYCLE_S = 0.25
"""Of the slowest vibrato; so far back its extent is looked for."""
ALLOWANCE = 1.25
"""How much deeper the next swing may be than the last ones."""
LEAP_SEMITONES_PER_S = 150.0
"""No vibrato moves so fast (100 cents at 7 Hz: 44), a new note at an instrument or after a
consonant does."""
WIDE_SEMITONES = 2.2
"""Farther from the centre is a new note (or beyond 1.5 extents, for those who wobble)."""
HALF_CYCLE_S, ASIDE_SEMITONES = 0.13, 0.2
"""So long so far on one side of the centre is a new note, too."""
SETTLE_S = 0.02
"""A deviation that turns out to be a note of its own is let go in this time."""


class VibratoState(NamedTuple):
    """What was sung lately; written in place."""

    numbers: Reals
    """How many pitches and deviations belong to this note, hops on one side of its centre, the
    last vibrato, and what is being let go of an older one."""
    pitches: Reals  # semitones, the newest first
    deviations: Reals  # semitones from the centre, the newest first


def centre_weights(hop_s: float) -> Reals:
    """Weights of the last pitches in the centre. Shape: (W,)."""
    means = [np.ones(max(round(1.0 / (rate_hz * hop_s)), 1)) for rate_hz in MEANS_HZ]
    return np.convolve(*means)


def start_vibrato(hop_s: float) -> VibratoState:
    """The state before the first note."""
    n_deviations = max(round(CYCLE_S / hop_s), 2)
    return VibratoState(np.zeros(5), np.zeros(len(centre_weights(hop_s))), np.zeros(n_deviations))


@njit(nogil=True, cache=True)
def is_leap(pitch: float, last: float, hop_s: float) -> bool:
    """Whether a pitch is another note's, after the one a hop before."""
    return abs(pitch - last) > LEAP_SEMITONES_PER_S * hop_s


@njit(nogil=True, cache=True)
def _push(values: Reals, value: float) -> None:
    for i in range(len(values) - 1, 0, -1):
        values[i] = values[i - 1]
    values[0] = value


@njit(nogil=True, cache=True)
def _centre(weights: Reals, pitches: Reals, n_pitches: int) -> float:
    total, weight = 0.0, 0.0
    for i in range(min(n_pitches, len(pitches))):
        total += weights[i] * (pitches[i] - pitches[0])
        weight += weights[i]
    return pitches[0] + total / weight


@njit(nogil=True, cache=True)
def _extent(deviations: Reals, n_deviations: int) -> float:
    """How far both sides were reached."""
    above, below = 0.0, 0.0
    for i in range(min(n_deviations, len(deviations))):
        above = max(above, deviations[i])
        below = max(below, -deviations[i])
    return min(above, below)


@njit(nogil=True, cache=True)
def follow_vibrato(
    pitch: float, is_new: bool, weights: Reals, hop_s: float, state: VibratoState
) -> float:
    """How much of this hop's pitch is vibrato, in semitones; the state moves on in place.

    Args:
        pitch: in semitones from anywhere.
        is_new: a note begins, or leaps to another.
    """
    n_pitches, n_deviations, n_aside, vibrato, gone = state.numbers
    gone *= math.exp(-hop_s / SETTLE_S)
    if is_new:
        n_pitches, n_deviations, n_aside, vibrato, gone = 0.0, 0.0, 0.0, 0.0, 0.0
    _push(state.pitches, pitch)
    n_pitches += 1.0
    deviation = pitch - _centre(weights, state.pitches, int(n_pitches))
    n_aside = n_aside + 1.0 if deviation * state.deviations[0] > 0.0 else 0.0
    _push(state.deviations, deviation)
    n_deviations += 1.0
    extent = _extent(state.deviations, int(n_deviations))
    is_far = abs(deviation) > max(WIDE_SEMITONES, 1.5 * extent)
    is_aside = n_aside * hop_s > HALF_CYCLE_S and abs(deviation) > ASIDE_SEMITONES
    if is_far or is_aside:  # a note of its own, begun with the first hop on this side
        gone += vibrato
        n_pitches, n_deviations, n_aside = 1.0 if is_far else n_aside, 0.0, 0.0
        extent = 0.0
    most = ALLOWANCE * extent
    vibrato = min(max(deviation, -most), most)
    state.numbers[:] = (n_pitches, n_deviations, n_aside, vibrato, gone)
    return vibrato + gone
