"""What the neural guide's word does to the candidates for a pitch; nothing, where it has none.

The guide is late and coarse: what it heard some 30 ms ago is no pitch to play, yet a good reason to
prefer one candidate to its octave, and to go on believing in a note.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.nsdf import N_CANDIDATES, Costs, Lags, merit

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

NEAR_OCTAVES = 0.06  # a candidate no further from the guide's pitch is what the guide means


class Advice(NamedTuple):
    """How much the guide's word weighs, in units of NSDF (0..1)."""

    per_octave: float  # against a candidate that far from the guide's pitch
    most: float  # no candidate loses more than this
    least_clarity: float  # from which the guide's own pitch is a candidate, though no peak
    voicing: float  # for "voiced", where a candidate is near the guide's pitch
    no_trust: float  # periodicity up to which the guide is not heard
    full_trust: float


# Found by search on two singers and synthetic voices: clean, in noise, and beside a violin.
ADVICE = Advice(
    per_octave=0.15, most=0.1, least_clarity=0.4, voicing=0.08, no_trust=0.3, full_trust=0.6
)


@njit(nogil=True, cache=True)
def take_advice(
    curve: Floats,
    lags: Lags,
    costs: Costs,
    guide_lag: float,
    trust: float,
    lag_of: Doubles,
    clarity_of: Doubles,
    merit_of: Doubles,
    n_found: int,
) -> int:
    """Weighs the candidates of `find_candidates` anew by what the guide heard.

    Args:
        curve: the NSDF that they were found in.
        guide_lag: period of the guide's pitch, analysis samples.
        trust: 0 (nothing is changed) ... 1.
        lag_of, clarity_of, merit_of: of the candidates; changed.

    Returns:
        How many candidates there are now: the guide's own pitch may have come.
    """
    if trust <= 0.0:
        return n_found
    n_found = _with_guide(curve, lags, costs, guide_lag, lag_of, clarity_of, merit_of, n_found)
    is_near = False
    for c in range(n_found):
        octaves = abs(math.log2(lag_of[c] / guide_lag))
        is_near = is_near or octaves < NEAR_OCTAVES
        merit_of[c] -= trust * min(ADVICE.per_octave * octaves, ADVICE.most)
    if is_near:
        for c in range(n_found):
            clarity_of[c] += trust * ADVICE.voicing
    return n_found


@njit(nogil=True, cache=True)
def _with_guide(
    curve: Floats,
    lags: Lags,
    costs: Costs,
    guide_lag: float,
    lag_of: Doubles,
    clarity_of: Doubles,
    merit_of: Doubles,
    n_found: int,
) -> int:
    # The highest point of the curve around the guide's lag becomes a candidate, where none is.
    for c in range(n_found):
        if abs(math.log2(lag_of[c] / guide_lag)) < NEAR_OCTAVES:
            return n_found
    first, last = math.floor(guide_lag / 1.04), math.ceil(guide_lag * 1.04)
    if first <= max(lags.shortest, lags.first) or last >= lags.last:
        return n_found
    lag = first + np.argmax(curve[first - lags.first : last - lags.first + 1])
    clarity = curve[lag - lags.first]
    if clarity < ADVICE.least_clarity:
        return n_found
    place = n_found if n_found < N_CANDIDATES else np.argmin(merit_of)
    lag_of[place], clarity_of[place] = lag, clarity
    merit_of[place] = merit(clarity, float(lag), costs)
    return min(n_found + 1, N_CANDIDATES)
