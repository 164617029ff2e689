"""The live pitch tracker, advised by the neural guide: which octave, and whether there is a voice.

The NSDF is fast and exact, but in noise it may take a multiple of the period for it, or fall
silent; CREPE is late and coarse, but surer of both. What it heard some 30 ms ago is no pitch to
play, yet a good reason to prefer one candidate to its octave, and to go on believing in a note.
Where the guide has nothing to say, this is `PitchTracker`, bit for bit.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.guide import Guide, GuideState, Listener, Pace
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
from ddsp_core.pitch import CONFIDENCE_SLOPE, EVEN_MARGIN, PitchState, PitchTracker
from ddsp_core.pitch_path import UNVOICED, advance_path, certainty

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


class GuidedState(NamedTuple):
    """Memory of the tracker and of its guide."""

    pitch: PitchState
    guide: GuideState


class GuidedPitchTracker:
    """`PitchTracker` that listens to CREPE, too.

    Args:
        sample_rate: Hz, 8000 to 192000.
        hop_size: samples a hop.
        pace: of the questions to the network.
        listener: who answers them; it is computed in place where none is given.

    Shape:
        hops (N, hop_size) -> f0_hz (N,) > 0, confidence (N,) 0...1; frame n has seen hops 0...n.
    """

    delay_s = PitchTracker.delay_s

    def __init__(
        self, sample_rate: int, hop_size: int, pace: Pace, listener: Listener | None = None
    ) -> None:
        self.guide = Guide(sample_rate, hop_size, pace, listener)
        self.alone = PitchTracker(sample_rate, hop_size)

    def forward(
        self, hops: Floats, state: GuidedState | None = None
    ) -> tuple[tuple[Floats, Floats], GuidedState]:
        """Pitch (Hz) and confidence at the end of each hop."""
        state = state or GuidedState(self.alone.start(), self.guide.start())
        (guide_hz, periodicity), guide_state = self.guide.forward(hops, state.guide)
        f0_hz = np.empty(len(hops), dtype=np.float32)
        confidence = np.empty(len(hops), dtype=np.float32)
        if not len(hops):
            return (f0_hz, confidence), state
        alone = self.alone
        trust = (periodicity - ADVICE.no_trust) / (ADVICE.full_trust - ADVICE.no_trust)
        rest = _track(
            np.ascontiguousarray(hops, dtype=np.float32),
            *state.pitch,
            alone.taps,
            alone.step,
            alone.pole,
            alone.rate_hz,
            alone.lags,
            alone.costs,
            alone.rate_hz / guide_hz.astype(np.float64),
            np.clip(trust.astype(np.float64), 0.0, 1.0),
            f0_hz,
            confidence,
        )
        return (f0_hz, confidence), GuidedState(PitchState(*rest), guide_state)


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
    residue = max(1.0 - clarity, 0.0) + costs.least_residue
    lag_of[place], clarity_of[place] = lag, clarity
    merit_of[place] = -costs.per_log_residue * math.log(
        residue
    ) - costs.per_octave_of_lag * math.log2(lag)
    return min(n_found + 1, N_CANDIDATES)


@njit(nogil=True, cache=True)
def _track(
    hops: Floats,
    audio_tail: Floats,
    analysis_tail: Floats,
    offset: int,
    old_blocker: Doubles,
    old_octaves: Doubles,
    old_scores: Doubles,
    held_hz: float,
    taps: Floats,
    step: int,
    pole: float,
    rate_hz: float,
    lags: Lags,
    costs: Costs,
    guide_lags: Doubles,
    trust: Doubles,
    f0_hz: Floats,
    confidence: Floats,
) -> tuple[Floats, Floats, int, Doubles, Doubles, Doubles, float]:
    # As in pitch.py, with advice between the candidates and the path.
    n_hops, hop_size = hops.shape
    n_tail, n_past = len(audio_tail), len(analysis_tail)
    audio = np.empty(n_tail + n_hops * hop_size, dtype=np.float32)
    audio[:n_tail] = audio_tail
    copy_clipped(hops.reshape(-1), audio[n_tail:])
    analysis = np.empty(n_past + (n_hops * hop_size) // step + 1, dtype=np.float32)
    analysis[:n_past] = analysis_tail
    blocker, octaves, scores = old_blocker.copy(), old_octaves.copy(), old_scores.copy()
    n_kept = decimate(audio, taps, step, offset, blocker, pole, analysis[n_past:])
    energy = np.empty(n_past + 1)
    curve = np.empty(lags.last - lags.first + 1, dtype=np.float32)
    lag_of, clarity_of = np.empty(N_CANDIDATES), np.empty(N_CANDIDATES)
    merit_of = np.empty(N_CANDIDATES)
    for k in range(n_hops):
        n_here = ((k + 1) * hop_size - offset + step - 1) // step
        nsdf(analysis[n_here : n_here + n_past], lags, energy, curve)
        n_found = find_candidates(curve, lags, costs, lag_of, clarity_of, merit_of)
        n_found = take_advice(
            curve, lags, costs, guide_lags[k], trust[k], lag_of, clarity_of, merit_of, n_found
        )
        best = advance_path(lag_of, clarity_of, merit_of, n_found, costs, octaves, scores)
        if best >= 0 and scores[best] >= scores[UNVOICED]:
            longest = float(lags.shortest_window)
            held_hz = rate_hz / refined_lag(curve, lags.first, lag_of[best], longest)
        f0_hz[k] = held_hz
        margin = certainty(best, costs, octaves, scores)
        confidence[k] = 1.0 / (1.0 + math.exp(CONFIDENCE_SLOPE * (EVEN_MARGIN - margin)))
    return (
        audio[len(audio) - n_tail :].copy(),
        analysis[n_kept : n_kept + n_past].copy(),
        offset + n_kept * step - n_hops * hop_size,
        blocker,
        octaves,
        scores,
        held_hz,
    )
