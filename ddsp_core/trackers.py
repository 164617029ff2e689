"""Pitch trackers by name, for a preset to choose from.

    nsdf          normalised square difference and a path through its peaks: the one that voices are
                  trained with, the fastest and the least work
    nsdf+crepe    the same, advised by CREPE on octaves and on what is voiced
    crepe         CREPE tiny alone: some 15 ms later than the others

Names are checked without loading any of them.
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ddsp_core.errors import PresetError, did_you_mean
from ddsp_core.guide import Guide, GuideState, Listener, Pace
from ddsp_core.streaming import Stage

Floats = NDArray[np.float32]

TRAINED_WITH = "nsdf"
"""The tracker that datasets are made and voices trained with."""

KINDS = {
    TRAINED_WITH: None,
    "nsdf+crepe": Pace(every_s=0.032, answer_s=0.016),
    "crepe": Pace(every_s=0.0053, answer_s=0.0053),
}
"""Name -> at what pace it asks the network, if it does."""


class Tracker(Stage[Floats, tuple[Floats, Floats], Any], Protocol):
    """hops (N, hop_size) -> f0_hz (N,) > 0, confidence (N,) 0...1; frame n has seen hops 0...n."""

    @property
    def delay_s(self) -> float:
        """By how much a reading lags the sound."""


class CrepeTracker:
    """CREPE's readings as they are: its periodicity is the confidence."""

    def __init__(
        self, sample_rate: int, hop_size: int, pace: Pace, listener: Listener | None = None
    ) -> None:
        self.guide = Guide(sample_rate, hop_size, pace, listener)
        self.delay_s = self.guide.delay_s

    def forward(
        self, hops: Floats, state: GuideState | None = None
    ) -> tuple[tuple[Floats, Floats], GuideState]:
        """Pitch (Hz) and confidence at the end of each hop."""
        return self.guide.forward(hops, state)


def check_name(name: str, where: str) -> str:
    """The name, if there is such a tracker.

    Raises:
        PresetError: there is none; it lists what there is.
    """
    if name not in KINDS:
        raise PresetError(where, f"no pitch tracker {name!r}", did_you_mean(name, KINDS))
    return name


def make_tracker(
    name: str, sample_rate: int, hop_size: int, listener: Listener | None = None
) -> Tracker:
    """The tracker of that name.

    Args:
        listener: who reads for it while playing; it computes in place where none is given.
    """
    pace = KINDS[check_name(name, "pitch")]
    if pace is None:
        from ddsp_core.pitch import PitchTracker

        return PitchTracker(sample_rate, hop_size)
    if name == "crepe":
        return CrepeTracker(sample_rate, hop_size, pace, listener)
    from ddsp_core.guided_pitch import GuidedPitchTracker

    return GuidedPitchTracker(sample_rate, hop_size, pace, listener)
