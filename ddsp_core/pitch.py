"""The live pitch tracker: f0 and confidence of each hop, from past samples only.

Low-pass and decimation to about 24 kHz -> NSDF (`nsdf.py`) -> its best peaks -> forward Viterbi
over them and an unvoiced state (`pitch_path.py`), whose reading is "now".
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.bound import Bound
from ddsp_core.nsdf import N_CANDIDATES, Costs, Lags
from ddsp_core.pitch_kernel import track
from ddsp_core.pitch_path import UNVOICED

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

ANALYSIS_RATE_HZ = 24_000
CUTOFF_HZ = 6_000.0  # of the low-pass: breath lies above, what tells octaves apart below
TAPS_S = 0.0006  # length of the low-pass
BLOCKER_HZ = 30.0  # rumble and DC below this are taken out
WINDOW_PERIODS = 0.6  # with the lag itself: 1.6 periods of a new note until it is read
SHORTEST_WINDOW_S = 0.0058
FLOOR_DB = -76.0  # power at which NSDF is halved: from -70 dBFS up pitch is still heard
REFERENCE_HOP_S = 128 / 48_000  # the costs below were found at this hop
START_HZ = 220.0  # what f0 reads before the first voiced frame

# Found by search on sung and bowed recordings; the optimum is flat.
COSTS = Costs(
    per_log_residue=0.195,
    least_residue=0.065,
    per_octave_of_lag=0.115,
    per_octave_leap=1.5,
    longest_leap=0.28,
    voicing_change=0.10,
    unvoiced_clarity=0.75,
    least_candidate=0.3,
    octave_doubt=0.04,
    evidence=1.0,
)


class PitchState(NamedTuple):
    """Memory of the tracker; `forward` reads it and never writes into it."""

    audio_tail: Floats  # newest samples, as many as the low-pass looks back
    analysis_tail: Floats  # newest analysis samples, as many as the longest lag needs
    offset: int  # samples of the next hop before the first one that decimation keeps
    blocker: Doubles  # DC blocker's last input and output
    octaves: Doubles  # log2(lag) of the last candidates
    scores: Doubles  # their path scores, then the unvoiced state's
    f0_hz: float  # last voiced pitch


class PitchTracker:
    """Pitch of a voice or of one instrument, a reading a hop.

    Args:
        sample_rate: Hz, 8000 to 192000.
        hop_size: samples a hop, at least 1.
        f0_min_hz, f0_max_hz: the range that is searched.

    Shape:
        hops (N, hop_size) -> f0_hz (N,) > 0, confidence (N,) 0...1; frame n has seen hops 0...n.

    In unvoiced frames f0 holds the last voiced one.
    """

    delay_s = 0.0055
    """By how much a reading lags the sound, from about 200 Hz up; measured with vibrato. Half of
    window and period, and 0.3 ms: 6.5 ms at 150 Hz, 8.3 at 100, 9.7 at 85."""

    def __init__(
        self,
        sample_rate: int,
        hop_size: int,
        f0_min_hz: float = 60.0,
        f0_max_hz: float = 2700.0,
    ) -> None:
        self.sample_rate = sample_rate
        self.hop_size = hop_size
        self.step = max(1, round(sample_rate / ANALYSIS_RATE_HZ))
        self.rate_hz = sample_rate / self.step
        self.taps = _low_pass(sample_rate, min(CUTOFF_HZ, 0.3 * self.rate_hz))
        self.pole = math.exp(-2 * math.pi * BLOCKER_HZ / self.rate_hz)
        self.lags = Lags(
            first=max(1, math.floor(0.6 * self.rate_hz / f0_max_hz)),
            last=math.ceil(self.rate_hz / f0_min_hz) + 1,  # a peak needs a neighbour
            shortest=self.rate_hz / f0_max_hz,
            window_periods=WINDOW_PERIODS,
            shortest_window=round(SHORTEST_WINDOW_S * self.rate_hz),
            floor_power=10.0 ** (FLOOR_DB / 10.0),
        )
        self.costs = COSTS._replace(evidence=hop_size / sample_rate / REFERENCE_HOP_S)
        widest = max(self.lags.shortest_window, math.ceil(WINDOW_PERIODS * self.lags.last))
        self.n_past = self.lags.last + widest
        self._track = Bound(track)

    def start(self) -> PitchState:
        """The state before the first sample: silence."""
        scores = np.full(N_CANDIDATES + 1, -np.inf)
        scores[UNVOICED] = 0.0
        return PitchState(
            audio_tail=np.zeros(len(self.taps) - 1, dtype=np.float32),
            analysis_tail=np.zeros(self.n_past, dtype=np.float32),
            offset=0,
            blocker=np.zeros(2),
            octaves=np.zeros(N_CANDIDATES),
            scores=scores,
            f0_hz=START_HZ,
        )

    def forward(
        self, hops: Floats, state: PitchState | None = None
    ) -> tuple[tuple[Floats, Floats], PitchState]:
        """Pitch (Hz) and confidence at the end of each hop."""
        nothing = np.zeros(len(hops))
        return self.advised(hops, nothing, nothing, state)

    def advised(
        self, hops: Floats, guide_lags: Doubles, trust: Doubles, state: PitchState | None = None
    ) -> tuple[tuple[Floats, Floats], PitchState]:
        """The same with advice for each hop.

        Args:
            guide_lags: periods that a guide heard, analysis samples. Shape: (N,).
            trust: in the guide, 0 (none: it is not heard) ... 1. Shape: (N,).
        """
        state = state or self.start()
        f0_hz = np.empty(len(hops), dtype=np.float32)
        confidence = np.empty(len(hops), dtype=np.float32)
        if not len(hops):
            return (f0_hz, confidence), state
        rest = self._track(
            np.ascontiguousarray(hops, dtype=np.float32),
            *state,
            self.taps,
            self.step,
            self.pole,
            self.rate_hz,
            self.lags,
            self.costs,
            guide_lags,
            trust,
            f0_hz,
            confidence,
        )
        return (f0_hz, confidence), PitchState(*rest)


def _low_pass(sample_rate: int, cutoff_hz: float) -> Floats:
    """Windowed-sinc taps with gain 1 at DC."""
    half = max(2, round(TAPS_S * sample_rate / 2))
    at = np.arange(-half, half + 1)
    taps = np.sinc(2 * cutoff_hz / sample_rate * at) * np.hanning(2 * half + 3)[1:-1]
    return np.asarray(taps / taps.sum(), dtype=np.float32)
