"""The live pitch tracker, advised by the neural guide: which octave, and whether there is a voice.

The NSDF is fast and exact, but in noise it may take a multiple of the period for it, or fall
silent; CREPE is late and coarse, but surer of both. What it heard some 30 ms ago is no pitch to
play, yet a good reason to prefer one candidate to its octave, and to go on believing in a note.
Where the guide has nothing to say, this is `PitchTracker`, bit for bit.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.guide import Guide, GuideState, Listener, Pace
from ddsp_core.pitch import PitchState, PitchTracker
from ddsp_core.pitch_advice import ADVICE

Floats = NDArray[np.float32]


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
        (guide_hz, periodicity), guide = self.guide.forward(hops, state.guide)
        trust = (periodicity - ADVICE.no_trust) / (ADVICE.full_trust - ADVICE.no_trust)
        heard, pitch = self.alone.advised(
            hops,
            self.alone.rate_hz / guide_hz.astype(np.float64),
            np.clip(trust.astype(np.float64), 0.0, 1.0),
            state.pitch,
        )
        return heard, GuidedState(pitch, guide)
