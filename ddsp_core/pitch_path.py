"""The path through the candidates: a Viterbi that only goes forward, read at its newest frame.

Costs after Boersma, "Accurate short-term analysis of the fundamental frequency" (1993).
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.nsdf import N_CANDIDATES, Costs

Doubles = NDArray[np.float64]

UNVOICED = N_CANDIDATES  # index of the unvoiced state's score, behind those of the candidates
_NEAR_OCTAVES = 0.06  # candidates an octave apart, give or take this, are rivals
_NO_MARGIN = -10.0


@njit(nogil=True, cache=True)
def advance_path(
    lag_of: Doubles,
    clarity_of: Doubles,
    merit_of: Doubles,
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
    for c in range(n_found):
        new_octaves[c] = math.log2(lag_of[c])
    # Merit ranks the candidates; whether there is a voice at all is for clarity to say.
    lift = np.max(clarity_of[:n_found]) - np.max(merit_of) if n_found else 0.0
    best_voiced = np.max(scores[:UNVOICED])
    best = -1
    for c in range(n_found):
        reach = scores[UNVOICED] - costs.voicing_change
        for p in range(N_CANDIDATES):
            leap = costs.per_octave_leap * abs(new_octaves[c] - octaves[p])
            reach = max(reach, scores[p] - min(leap, costs.longest_leap))
        new_scores[c] = reach + costs.evidence * (merit_of[c] + lift)
        if best < 0 or new_scores[c] > new_scores[best]:
            best = c
    new_scores[UNVOICED] = (
        max(scores[UNVOICED], best_voiced - costs.voicing_change)
        + costs.evidence * costs.unvoiced_clarity
    )
    octaves[:] = new_octaves
    scores[:] = new_scores - np.max(new_scores)
    return best


@njit(nogil=True, cache=True)
def certainty(best: int, costs: Costs, octaves: Doubles, scores: Doubles) -> float:
    """By how much the best path leads: over "unvoiced", and over its own octaves.

    In the first periods of a note the octave below is often ahead by a hair for a reading or two.
    A pitch is not certain before that is settled, however certain it is that there is a voice.

    Args:
        best: what `advance_path` returned; octaves and scores as it left them.
    """
    if best < 0:
        return _NO_MARGIN
    lead = float(scores[best] - scores[UNVOICED])
    for c in range(N_CANDIDATES):
        if abs(abs(octaves[c] - octaves[best]) - 1.0) < _NEAR_OCTAVES:
            lead = min(lead, scores[best] - scores[c] - costs.octave_doubt)
    return lead
