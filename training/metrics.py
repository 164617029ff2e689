"""How close a resynthesis comes to its recording, by the definitions of magenta/ddsp.

Source: J. Engel et al., "DDSP: Differentiable Digital Signal Processing" (ICLR 2020), section 5.1,
and the metrics of its library, https://github.com/magenta/ddsp, ddsp/training/metrics.py: per clip,
loudness distance is the mean |difference| in dB over all frames; f0 distance is the mean
|difference| in semitones (MIDI notes) over the frames where the recording's pitch is sure
(confidence >= 0.85); a clip whose distance is above 12 semitones is an outlier and counts in the
share of outliers only; a clip without a sure frame counts nowhere. Means are over clips.

What differs here: the features are those of the live extractor (causal NSDF pitch, A-weighted
loudness) where magenta takes CREPE with Viterbi and its own loudness in dB, so compare numbers
within this project first.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ddsp_core.features import Features
from ddsp_core.units import cents_between

SURE_CONFIDENCE = 0.85
OUTLIER_SEMITONES = 12.0
NEAR_CENTS = 50.0


class ClipMetrics(NamedTuple):
    """Of one clip. The f0 figures are None where the recording has no frame of sure pitch."""

    spectral_loss: float
    loudness_l1_db: float
    f0_l1_semitones: float | None
    f0_within_50_cents: float | None


class SplitMetrics(NamedTuple):
    """Means over the clips of a split; f0 figures are NaN where no clip has any."""

    n_clips: int
    spectral_loss: float
    loudness_l1_db: float
    f0_l1_semitones: float
    f0_outlier_share: float
    f0_within_50_cents: float


def compare_clip(recorded: Features, played: Features, spectral_loss: float) -> ClipMetrics:
    """Compares the features of a recording and of its resynthesis, frame by frame.

    Shape:
        recorded, played: (N,) each
    """
    loudness_l1_db = float(np.mean(np.abs(recorded.loudness_db - played.loudness_db)))
    sure = recorded.confidence >= SURE_CONFIDENCE
    if not sure.any():
        return ClipMetrics(spectral_loss, loudness_l1_db, None, None)
    cents = np.abs(cents_between(played.f0_hz[sure], recorded.f0_hz[sure]))
    within = float(np.mean(cents <= NEAR_CENTS))
    return ClipMetrics(spectral_loss, loudness_l1_db, float(cents.mean()) / 100.0, within)


def summarise(clips: Sequence[ClipMetrics]) -> SplitMetrics:
    """Means over clips; those more than an octave off are counted apart, as magenta/ddsp does."""
    pitched = [clip for clip in clips if clip.f0_l1_semitones is not None]
    distances = np.array([clip.f0_l1_semitones for clip in pitched], dtype=np.float64)
    outlier = distances > OUTLIER_SEMITONES
    return SplitMetrics(
        n_clips=len(clips),
        spectral_loss=_mean([clip.spectral_loss for clip in clips]),
        loudness_l1_db=_mean([clip.loudness_l1_db for clip in clips]),
        f0_l1_semitones=_mean(distances[~outlier]),
        f0_outlier_share=_mean(outlier),
        f0_within_50_cents=_mean([clip.f0_within_50_cents or 0.0 for clip in pitched]),
    )


def _mean(values: Sequence[float] | np.ndarray) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
