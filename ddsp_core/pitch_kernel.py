"""One pass of the live pitch tracker over some hops, in one compiled call: see `pitch.py`."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.nsdf import (
    N_CANDIDATES,
    Costs,
    Lags,
    copy_clipped,
    decimate,
    find_candidates,
    nsdf,
    refined_lag,
)
from ddsp_core.pitch_advice import take_advice
from ddsp_core.pitch_path import UNVOICED, advance_path, certainty

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

# Confidence is the logistic of the path's margin for "voiced", fitted to how often sung frames were
# right; it is 0.98 in the middle of a note.
CONFIDENCE_SLOPE = 14.0
EVEN_MARGIN = 0.05


@njit(nogil=True, cache=True)
def _read_hops(
    analysis: Floats,
    hop_size: int,
    offset: int,
    step: int,
    rate_hz: float,
    lags: Lags,
    costs: Costs,
    guide_lags: Doubles,
    trust: Doubles,
    octaves: Doubles,
    scores: Doubles,
    held_hz: float,
    f0_hz: Floats,
    confidence: Floats,
) -> float:
    # Fills f0_hz and confidence, moves octaves and scores on, returns the last voiced pitch.
    n_past = len(analysis) - (len(f0_hz) * hop_size) // step - 1
    energy = np.empty(n_past + 1)
    curve = np.empty(lags.last - lags.first + 1, dtype=np.float32)
    lag_of, clarity_of = np.empty(N_CANDIDATES), np.empty(N_CANDIDATES)
    merit_of = np.empty(N_CANDIDATES)
    for k in range(len(f0_hz)):
        # Samples offset, offset + step, ... are kept: so many of them lie before this hop's end.
        n_here = ((k + 1) * hop_size - offset + step - 1) // step
        nsdf(analysis[n_here : n_here + n_past], lags, energy, curve)
        n_found = find_candidates(curve, lags, costs, lag_of, clarity_of, merit_of)
        n_found = take_advice(
            curve, lags, costs, guide_lags[k], trust[k], lag_of, clarity_of, merit_of, n_found
        )
        best = advance_path(lag_of, clarity_of, merit_of, n_found, costs, octaves, scores)
        if best >= 0 and scores[best] >= scores[UNVOICED]:
            held_hz = rate_hz / refined_lag(
                curve, lags.first, lag_of[best], float(lags.shortest_window)
            )
        f0_hz[k] = held_hz
        margin = certainty(best, costs, octaves, scores)
        confidence[k] = 1.0 / (1.0 + math.exp(CONFIDENCE_SLOPE * (EVEN_MARGIN - margin)))
    return held_hz


@njit(nogil=True, cache=True)
def track(
    hops: Floats,
    audio_tail: Floats, analysis_tail: Floats, offset: int, old_blocker: Doubles,
    old_octaves: Doubles, old_scores: Doubles, held_hz: float,
    taps: Floats, step: int, pole: float, rate_hz: float, lags: Lags, costs: Costs,
    guide_lags: Doubles, trust: Doubles, f0_hz: Floats, confidence: Floats,
) -> tuple[Floats, Floats, int, Doubles, Doubles, Doubles, float]:  # fmt: skip
    """Fills f0_hz and confidence of each hop; returns the fields of the new `PitchState`.

    After `hops` come the fields of the old state, which is left as it is, then what a
    `PitchTracker` is made of, and the guide's periods and the trust in them.
    """
    n_hops, hop_size = hops.shape
    n_tail, n_past = len(audio_tail), len(analysis_tail)
    audio = np.empty(n_tail + n_hops * hop_size, dtype=np.float32)
    audio[:n_tail] = audio_tail
    copy_clipped(hops.reshape(-1), audio[n_tail:])
    analysis = np.empty(n_past + (n_hops * hop_size) // step + 1, dtype=np.float32)
    analysis[:n_past] = analysis_tail
    blocker, octaves, scores = old_blocker.copy(), old_octaves.copy(), old_scores.copy()
    n_kept = decimate(audio, taps, step, offset, blocker, pole, analysis[n_past:])
    held_hz = _read_hops(
        analysis, hop_size, offset, step, rate_hz, lags, costs, guide_lags, trust, octaves, scores,
        held_hz, f0_hz, confidence,
    )  # fmt: skip
    end = n_tail + n_hops * hop_size
    new_offset = offset + n_kept * step - n_hops * hop_size
    return (
        audio[end - n_tail : end].copy(),
        analysis[n_kept : n_kept + n_past].copy(),
        new_offset,
        blocker,
        octaves,
        scores,
        held_hz,
    )
