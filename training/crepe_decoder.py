"""Reads pitch and confidence from CREPE's likelihoods: Viterbi, then a weighted mean at the peak.

The path through the 360 pitches is the likeliest one whose steps are small (Kim et al. 2018 decode
by the greatest likelihood alone; a path of least jumps is Mauch and Dixon's, pYIN, 2014). Around
it the mean of the neighbouring pitches, weighted by likelihood, gives the pitch between the bins.
Nothing is random: the same sound has the same pitch on every run.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from training.crepe import N_PITCHES

CENTS_A_BIN = 20.0
FIRST_BIN_CENTS = 1997.3794084376191
"""Of the first bin, above 10 Hz: 31.7 Hz, a C1."""
FURTHEST_STEP = 12
"""Bins that the pitch moves at most in 10 ms: 240 cents. Further is a new note."""
NEW_NOTE = 1e-4
"""Likelihood of a leap to any pitch, beside 1 of staying."""
NEIGHBOURS = 4
"""Bins on each side that the mean is taken over: 80 cents."""

Likelihoods = NDArray[np.float32]


def decode(likelihoods: Likelihoods) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Pitch in Hz and confidence, 0 to 1: how likely the network holds the pitch on the path.

    Shape:
        (N, 360) -> (N,), (N,)
    """
    path = best_path(likelihoods)
    bins = np.clip(path[:, None] + np.arange(-NEIGHBOURS, NEIGHBOURS + 1), 0, N_PITCHES - 1)
    weights = np.take_along_axis(likelihoods, bins, axis=1).astype(np.float64)
    mean_bin = (weights * bins).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-12)
    f0_hz = 10.0 * 2.0 ** ((FIRST_BIN_CENTS + CENTS_A_BIN * mean_bin) / 1200.0)
    confidence = np.take_along_axis(likelihoods, path[:, None], axis=1)[:, 0]
    return f0_hz.astype(np.float32), confidence.astype(np.float32)


def best_path(likelihoods: Likelihoods) -> NDArray[np.int64]:
    """The bin of each frame on the likeliest path. Shape: (N, 360) -> (N,)."""
    evidence = np.log(np.maximum(likelihoods, 1e-6)).astype(np.float64)
    # Steps cost more the further they go, in a triangle; a leap costs the same to any pitch.
    distances = np.arange(FURTHEST_STEP + 1)
    steps = np.log(np.maximum(1.0 - distances / (FURTHEST_STEP + 1), NEW_NOTE))
    return _viterbi(evidence, steps, float(np.log(NEW_NOTE)))


@njit(nogil=True, cache=True)
def _viterbi(
    evidence: NDArray[np.float64], steps: NDArray[np.float64], leap: float
) -> NDArray[np.int64]:
    n_frames, n_states = evidence.shape
    came_from = np.zeros((n_frames, n_states), dtype=np.int16)
    score = evidence[0].copy() if n_frames else np.zeros(n_states)
    for frame in range(1, n_frames):
        highest = int(np.argmax(score))
        best = np.empty(n_states)
        for state in range(n_states):
            came, total = highest, score[highest] + leap
            first = max(0, state - len(steps) + 1)
            for before in range(first, min(n_states, state + len(steps))):
                here = score[before] + steps[abs(state - before)]
                if here > total:
                    came, total = before, here
            came_from[frame, state] = came
            best[state] = total + evidence[frame, state]
        score = best
    path = np.zeros(n_frames, dtype=np.int64)
    if n_frames:
        path[-1] = np.argmax(score)
    for frame in range(n_frames - 1, 0, -1):
        path[frame - 1] = came_from[frame, path[frame]]
    return path
