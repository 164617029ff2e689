"""What the decoder hears of the singer: pitch, confidence and loudness, one triple a hop.

Training and playing call this same extractor; its `definition` travels in datasets and voices, and
the two must agree before a voice is trained or played.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.loudness import WINDOW_S, Loudness, LoudnessState
from ddsp_core.pitch import PitchTracker
from ddsp_core.trackers import Tracker


class Features(NamedTuple):
    """Per hop, (N,) each: f0_hz > 0 (held while unvoiced), confidence 0...1, loudness_db."""

    f0_hz: NDArray[np.float32]
    confidence: NDArray[np.float32]
    loudness_db: NDArray[np.float32]


class FeatureState(NamedTuple):
    """Memory of the two extractors."""

    pitch: Any  # of whichever tracker it is
    loudness: LoudnessState


class FeatureExtractor:
    """Pitch and loudness of a stream of hops, from past samples only.

    Args:
        sample_rate: Hz, 8000 or more.
        hop_size: samples a hop.
        tracker: hears pitch in place of the one that voices are trained with (trackers.py).

    Shape:
        hops (N, hop_size) -> Features of (N,); frame n has seen hops 0...n.
    """

    def __init__(self, sample_rate: int, hop_size: int, tracker: Tracker | None = None) -> None:
        self.sample_rate = sample_rate
        self.hop_size = hop_size
        self.pitch: Tracker = tracker or PitchTracker(sample_rate, hop_size)
        self.loudness = Loudness(sample_rate, hop_size)

    @property
    def delay_samples(self) -> int:
        """By how much a frame lags what it describes: the centre of a usual loudness window."""
        return self.loudness.delay_samples

    @property
    def definition(self) -> Mapping[str, str | int | float]:
        """What must be equal between a voice, its dataset and the engine that plays it.

        Of pitch it names the tracker that voices are trained with. A preset may choose another one,
        to be heard in its place.
        """
        return {
            "sample_rate": self.sample_rate,
            "hop_size": self.hop_size,
            "pitch": "nsdf-viterbi-2",
            "loudness": "a-weighted-periods-2",
            "loudness_window_s": WINDOW_S,
        }

    def forward(
        self, hops: NDArray[np.float32], state: FeatureState | None = None
    ) -> tuple[Features, FeatureState]:
        """Features at the end of each hop."""
        (f0_hz, confidence), pitch = self.pitch.forward(hops, state.pitch if state else None)
        loudness_db, loudness = self.loudness.forward(
            (hops, f0_hz), state.loudness if state else None
        )
        return Features(f0_hz, confidence, loudness_db), FeatureState(pitch, loudness)
