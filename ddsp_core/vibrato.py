"""How deep a vibrato is: found while it is sung, without hearing what comes, and scaled.

The note's centre is the mean pitch of the last third of a second, weighted so that vibrato of 4 to
8 Hz vanishes in it; what is sung on top swings from one side of the centre to the other. Two swings
in a row that last as long as half a cycle of a vibrato may, and are about as deep as each other,
are a vibrato; the next one is then expected to be like them. So neither a note's beginning from
below, nor a slide, a turn or a step to another note is taken for one: they pass as they are sung,
at once. Rates and depths of sung vibrato: Prame 1994 and 1997, 4.5 to 7 Hz, 30 to 120 cents to
either side.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Reals = NDArray[np.float64]

MEANS_HZ = (5.2, 6.6)
"""Two running means in a row, a cycle of these rates long: at most 1.3 % is left of 5 to 7 Hz."""
SHORTEST_S, LONGEST_S = 0.05, 0.13
"""Half a cycle, of 10 and of 3.8 Hz."""
SHALLOWEST, DEEPEST = 0.05, 1.6
"""Semitones to one side; a voice that means to be still wavers by less."""
ALIKE = 0.35
"""The smaller of two swings against the larger one, at least."""
CROSSING, CROSSING_SHARE = 0.02, 0.1
"""So far on the other side, in semitones and of the swing before, counts as there."""
ALLOWANCE = 1.25
"""How much deeper the next swing may be than the last ones."""
LEAP_SEMITONES_PER_S = 150.0
"""No vibrato moves so fast (100 cents at 7 Hz: 44), a new note at an instrument or after a
consonant does."""
WIDE_SEMITONES = 2.2
"""Farther from the centre is a new note."""
ASIDE_SEMITONES = 0.2
"""So far on one side of the centre, and for longer than half a cycle, is a new note, too."""
SETTLE_S = 0.02
"""A swing that turns out to be none is let go in this time."""


class VibratoState(NamedTuple):
    """What was sung lately; written in place."""

    swings: Reals
    """Side of the centre, hops there, depth so far; hops and depth of the last swing and of the
    one before."""
    numbers: Reals
    """How many pitches belong to this note, the last vibrato, what is being let go of it."""
    pitches: Reals  # semitones, the newest first


def centre_weights(hop_s: float) -> Reals:
    """Weights of the last pitches in the centre. Shape: (W,)."""
    means = [np.ones(max(round(1.0 / (rate_hz * hop_s)), 1)) for rate_hz in MEANS_HZ]
    return np.convolve(means[0], means[1])


def start_vibrato(hop_s: float) -> VibratoState:
    """The state before the first note."""
    return VibratoState(np.zeros(7), np.zeros(3), np.zeros(len(centre_weights(hop_s))))


@njit(nogil=True, cache=True)
def is_leap(pitch: float, last: float, hop_s: float) -> bool:
    """Whether a pitch is another note's, after the one a hop before."""
    return abs(pitch - last) > LEAP_SEMITONES_PER_S * hop_s


@njit(nogil=True, cache=True)
def _deviation(pitch: float, weights: Reals, pitches: Reals, n_pitches: int) -> float:
    """From the centre of the last pitches, to which this one is added."""
    for i in range(len(pitches) - 1, 0, -1):
        pitches[i] = pitches[i - 1]
    pitches[0] = pitch
    total, weight = 0.0, 0.0
    for i in range(min(n_pitches, len(pitches))):
        total += weights[i] * (pitch - pitches[i])
        weight += weights[i]
    return float(total / weight)


@njit(nogil=True, cache=True)
def _swing(deviation: float, swings: Reals) -> None:
    """Where the pitch is on its way from side to side."""
    side, hops, depth = swings[0], swings[1], swings[2]
    if side == 0.0 or -side * deviation > CROSSING + CROSSING_SHARE * depth:
        swings[5:7] = swings[3:5].copy()
        swings[3], swings[4] = hops, depth
        side, hops, depth = 1.0 if deviation > 0.0 else -1.0, 0.0, 0.0
    swings[0], swings[1], swings[2] = side, hops + 1.0, max(depth, side * deviation)


@njit(nogil=True, cache=True)
def _is_swing(hops: float, depth: float, hop_s: float) -> bool:
    is_timely = SHORTEST_S <= hops * hop_s <= LONGEST_S
    return is_timely and SHALLOWEST <= depth <= DEEPEST


@njit(nogil=True, cache=True)
def _extent(swings: Reals, hop_s: float) -> float:
    """How deep the vibrato is; 0 if there is none."""
    last, before = swings[4], swings[6]
    are_swings = _is_swing(swings[3], last, hop_s) and _is_swing(swings[5], before, hop_s)
    is_late = swings[1] * hop_s > LONGEST_S
    if not are_swings or is_late or min(last, before) < ALIKE * max(last, before):
        return 0.0
    return float(max(last, before))


@njit(nogil=True, cache=True)
def follow_vibrato(
    pitch: float, is_new: bool, weights: Reals, hop_s: float, state: VibratoState
) -> float:
    """How much of this hop's pitch is vibrato, in semitones; the state moves on in place.

    Args:
        pitch: in semitones from anywhere.
        is_new: a note begins, or leaps to another.
    """
    swings = state.swings
    n_pitches, vibrato, gone = state.numbers
    gone *= math.exp(-hop_s / SETTLE_S)
    if is_new:
        n_pitches, vibrato, gone = 0.0, 0.0, 0.0
        swings[:] = 0.0
    n_pitches += 1.0
    deviation = _deviation(pitch, weights, state.pitches, int(n_pitches))
    had_extent = _extent(swings, hop_s) > 0.0
    _swing(deviation, swings)
    is_far = abs(deviation) > WIDE_SEMITONES
    is_aside = swings[1] * hop_s > LONGEST_S and abs(deviation) > ASIDE_SEMITONES
    if is_far or is_aside:  # a note of its own, begun with the first hop on this side
        n_pitches = 1.0 if is_far else swings[1]
        swings[:] = 0.0
    extent = _extent(swings, hop_s)
    most = ALLOWANCE * extent
    now = min(max(deviation, -most), most)
    if had_extent != (extent > 0.0):
        gone += vibrato - now
    state.numbers[:] = (n_pitches, now, gone)
    return float(now + gone)
