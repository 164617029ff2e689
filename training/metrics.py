"""How close a resynthesis comes to its recording, by the definitions of magenta/ddsp.

Source: J. Engel et al., "DDSP: Differentiable Digital Signal Processing" (ICLR 2020), section 5.1,
and `LoudnessMetrics`, `F0CrepeMetrics`, `f0_dist_conf_thresh` and `is_outlier` of its library,
https://github.com/magenta/ddsp/blob/main/ddsp/training/metrics.py. Per clip:

- loudness distance: mean |difference| in dB over all frames, between the loudness that the voice
  was given and that of what it played, both by the extractor that made the features;
- f0 distance: mean |difference| in semitones (MIDI notes) between the pitch that the voice was
  given and the one heard in what it played, both by one offline tracker, over the frames where that
  tracker was sure of the *recording* (confidence >= 0.85). How sure it is of the output plays no
  part: a frame without a clear pitch counts with whatever pitch it is read as;
- a clip without a sure frame in the recording counts nowhere; one whose f0 distance is above 12
  semitones is an outlier, and counts in the share of outliers only.

What differs here:

- magenta's clips all last four seconds. Ours are what is left of recordings, down to half a second,
  so means over clips are weighted by length: equal for equal lengths, and a scrap counts as one.
- The tracker is swift-f0 unless CREPE is asked for (`--judge crepe-full`), magenta's own. It reads
  every 16 ms, CREPE here every 10, magenta's every 4.
- Loudness is this project's: A-weighted over about 9 ms, causal; magenta's over 128 ms, centred.

**Three f0 distances.** `f0` is magenta's: one tracker conditions the voice and judges it. A voice
here is played by the live tracker, so `f0_asked` gives it the dataset's pitch and judges the output
against that: where the live tracker erred and the voice followed, the output is right and the
recording is not what was asked for. `f0_live` is what the live tracker hears on both sides, octave
errors put right; its own errors in a reverberant room, on either side, count as the voice's.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.units import cents_between

SURE_CONFIDENCE = 0.85
OUTLIER_SEMITONES = 12.0
NEAR_CENTS = 50.0

Curve = NDArray[np.float32]


class PitchDistance(NamedTuple):
    """Of one clip, over its sure frames."""

    l1_semitones: float
    within_50_cents: float


class ClipMetrics(NamedTuple):
    """Of one clip. The f0 figures are None where the recording has no frame of sure pitch."""

    n_frames: int
    spectral_loss: float
    loudness_l1_db: float
    f0: PitchDistance | None
    f0_asked: PitchDistance | None
    f0_live: PitchDistance | None


class SplitMetrics(NamedTuple):
    """Means over the clips of a split; f0 figures are NaN where no clip has any."""

    n_clips: int
    seconds: float
    spectral_loss: float
    loudness_l1_db: float
    f0_l1_semitones: float
    f0_outlier_share: float
    f0_within_50_cents: float
    f0_asked_l1_semitones: float
    f0_asked_outlier_share: float
    f0_asked_within_50_cents: float
    f0_live_l1_semitones: float
    f0_live_outlier_share: float
    f0_live_within_50_cents: float


def loudness_distance_db(given_db: Curve, played_db: Curve) -> float:
    """Mean |difference|. Shape: (N,), (N,)."""
    return float(np.mean(np.abs(given_db - played_db)))


def pitch_distance(given_hz: Curve, heard_hz: Curve, confidence: Curve) -> PitchDistance | None:
    """Over the frames that are sure in the recording; None where there is none.

    Args:
        confidence: in the recording, 0 to 1.

    Shape:
        (N,) each.
    """
    sure = confidence >= SURE_CONFIDENCE
    if not sure.any():
        return None
    cents = np.abs(cents_between(heard_hz[sure], given_hz[sure]))
    return PitchDistance(float(cents.mean()) / 100.0, float(np.mean(cents <= NEAR_CENTS)))


def summarise(clips: Sequence[ClipMetrics], frame_rate: float) -> SplitMetrics:
    """Means over clips, weighted by length; outliers are counted apart.

    Args:
        frame_rate: frames a second.
    """
    lengths = [clip.n_frames for clip in clips]
    return SplitMetrics(
        len(clips),
        sum(lengths) / frame_rate,
        _mean([clip.spectral_loss for clip in clips], lengths),
        _mean([clip.loudness_l1_db for clip in clips], lengths),
        *_pitch_means([clip.f0 for clip in clips], lengths),
        *_pitch_means([clip.f0_asked for clip in clips], lengths),
        *_pitch_means([clip.f0_live for clip in clips], lengths),
    )


def _pitch_means(
    distances: Sequence[PitchDistance | None], lengths: Sequence[int]
) -> tuple[float, float, float]:
    """L1 without outliers, share of outliers, share within 50 cents."""
    pitched = [(*found, n) for found, n in zip(distances, lengths, strict=True) if found]
    l1, within, weights = np.array(pitched, dtype=np.float64).reshape(-1, 3).T
    outlier = l1 > OUTLIER_SEMITONES
    return (
        _mean(l1[~outlier], weights[~outlier]),
        _mean(outlier.astype(np.float64), weights),
        _mean(within, weights),
    )


def _mean(
    values: Sequence[float] | NDArray[np.float64], weights: Sequence[float] | NDArray[np.float64]
) -> float:
    return float(np.average(values, weights=weights)) if len(values) else float("nan")
