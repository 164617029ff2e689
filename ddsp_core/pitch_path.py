"""The path through the candidates: a Viterbi that only goes forward, read at its newest frame.

Costs after Boersma, "Accurate short-term analysis of the fundamental frequency" (1993).
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.nsdf import N_CANDIDATES

Doubles = NDArray[np.float64]

UNVOICED = N_CANDIDATES  # index of the unvoiced state's score, behind those of the candidates


class Costs(NamedTuple):
    """What steers the path, in units of NSDF (0..1) per frame of the reference length."""

    per_octave_of_lag: float  # preference for short lags
    per_octave_leap: float
    longest_leap: float  # no leap costs more than this
    voicing_change: float
    unvoiced_clarity: float  # NSDF at which voiced and unvoiced are equally likely
    least_candidate: float
    evidence: float  # weight of a frame: its length over the reference length


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def advance_path(
    lag_of: Doubles,
    clarity_of: Doubles,
    n_found: int,
    costs: Costs,
    octaves: Doubles,
    scores: Doubles,
) -> int:
    """One step of the forward Viterbi.

    Args:
        octaves: log2(lag) of the candidates of the frame before; updated.
        scores: their scores and, last, the unvoiced state's (-inf: no such candidate); updated,
            the best being 0.

    Returns:
        Index of the best candidate; -1 when there is none.
    """
    new_octaves = np.zeros(N_CANDIDATES)
    new_scores = np.full(N_CANDIDATES + 1, -np.inf)
    strengths = np.full(N_CANDIDATES, -np.inf)
    for c in range(n_found):
        new_octaves[c] = math.log2(lag_of[c])
        strengths[c] = clarity_of[c] - costs.per_octave_of_lag * new_octaves[c]
    # The preference for short lags ranks candidates; it shall not make low voices less voiced.
    lift = np.max(clarity_of[:n_found]) - np.max(strengths) if n_found else 0.0
    best_voiced = np.max(scores[:UNVOICED])
    best = -1
    for c in range(n_found):
        reach = scores[UNVOICED] - costs.voicing_change
        for p in range(N_CANDIDATES):
            leap = costs.per_octave_leap * abs(new_octaves[c] - octaves[p])
            reach = max(reach, scores[p] - min(leap, costs.longest_leap))
        new_scores[c] = reach + costs.evidence * (strengths[c] + lift)
        if best < 0 or new_scores[c] > new_scores[best]:
            best = c
    new_scores[UNVOICED] = (
        max(scores[UNVOICED], best_voiced - costs.voicing_change)
        + costs.evidence * costs.unvoiced_clarity
    )
    octaves[:] = new_octaves
    scores[:] = new_scores - np.max(new_scores)
    return best
