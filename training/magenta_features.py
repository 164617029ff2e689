"""How magenta's features of a sound relate to ours: by how much they are early, and the loudness.

Magenta's frames are labelled k / frame_rate, but what a frame saw depends on the version that made
the file: centred on that moment, or beginning there (padding 'same', ddsp/spectral_ops.py), which
makes CREPE's window of 1024 samples at 16 kHz 32 ms early and the loudness window of 512 samples
16 ms. So the delay is found by trying, against the live extractor's features of the same sound.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import soxr
from numpy.typing import NDArray

from ddsp_core.features import FeatureExtractor, Features
from training.audio_files import Sound
from training.recording import frame_times_s, measure
from training.segments import CONFIDENT, SILENCE_BELOW_P90_DB
from training.tfrecord_recordings import TFRecording

RELATED_S = 120.0
"""How much sound is compared."""
DELAYS_S = np.arange(0, 42, 2) / 1000.0
WORST_CENTS = 50.0
WORTH_CENTS = 0.5
"""Steady notes tell nothing about time: a delay is believed from this gain in pitch on."""

Curve = NDArray[np.float64]


class Relation(NamedTuple):
    """Magenta's features beside ours."""

    pitch_late_s: float
    loudness_late_s: float
    loudness_correlation: float
    loudness_offset_db: float
    """Theirs minus ours, median."""
    loudness_spread_db: float
    """Nine of ten frames lie within this around the offset."""
    compared_s: float

    @property
    def line(self) -> str:
        """For people."""
        if self.compared_s == 0.0:
            return "their loudness: nothing to compare with ours"
        return (
            f"their loudness: {self.loudness_offset_db:+.1f} dB from ours, "
            f"correlation {self.loudness_correlation:.3f}, 90 % within "
            f"{self.loudness_spread_db:.1f} dB ({self.compared_s:.0f} s compared); their frames "
            f"are early: pitch {1000 * self.pitch_late_s:.0f} ms, "
            f"loudness {1000 * self.loudness_late_s:.0f} ms"
        )


class _Compared(NamedTuple):
    """One recording: our features, and theirs at the same moments for every delay.

    Shape:
        ours_db (N,), theirs_db (D, N) of audible frames; cents (D, M) of voiced ones, NaN: unknown
    """

    ours_db: Curve
    theirs_db: Curve
    cents: Curve


def relate(recordings: Iterable[TFRecording], extractor: FeatureExtractor) -> Relation:
    """Compares over the first `RELATED_S` seconds; the delay is one of `DELAYS_S`."""
    compared, seconds = [], 0.0
    for recording in recordings:
        if seconds >= RELATED_S:
            break
        compared.append(_compare(recording, extractor))
        seconds += len(recording.audio) / recording.sample_rate
    ours_db = np.concatenate([c.ours_db for c in compared])
    theirs_db = np.concatenate([c.theirs_db for c in compared], axis=1)
    pitch_late_s = _pitch_delay_s(np.concatenate([c.cents for c in compared], axis=1))
    if len(ours_db) < 2 or np.std(ours_db) == 0.0:
        return Relation(pitch_late_s, 0.0, 0.0, 0.0, 0.0, 0.0)
    correlations = [_correlation(ours_db, row) for row in theirs_db]
    best = int(np.argmax(correlations))
    offsets_db = theirs_db[best] - ours_db
    offset_db = float(np.median(offsets_db))
    spread_db = float(np.percentile(np.abs(offsets_db - offset_db), 90))
    return Relation(
        pitch_late_s, float(DELAYS_S[best]), correlations[best], offset_db, spread_db, seconds
    )


def _compare(recording: TFRecording, extractor: FeatureExtractor) -> _Compared:
    audio = soxr.resample(recording.audio, recording.sample_rate, extractor.sample_rate)
    ours: Features = measure(Sound(audio.astype(np.float32)), extractor).features
    times_s = frame_times_s(extractor, len(ours.f0_hz))
    inside = (times_s >= DELAYS_S[-1]) & (times_s < len(recording.audio) / recording.sample_rate)
    audible = ours.loudness_db > np.percentile(ours.loudness_db, 90) - SILENCE_BELOW_P90_DB
    heard, voiced = inside & audible, inside & (ours.confidence >= CONFIDENT)
    labels_s = np.arange(len(recording.loudness_db)) / recording.frame_rate
    theirs_db = [
        np.interp(times_s[heard], labels_s + late_s, recording.loudness_db) for late_s in DELAYS_S
    ]
    known = [recording.pitch_curve(late_s).at(times_s[voiced]) for late_s in DELAYS_S]
    ratio = np.where(np.stack(known) > 0.0, known, np.nan) / ours.f0_hz[voiced]
    cents = np.minimum(np.abs(1200.0 * np.log2(ratio)), WORST_CENTS)
    return _Compared(ours.loudness_db[heard].astype(np.float64), np.stack(theirs_db), cents)


def _pitch_delay_s(cents: Curve) -> float:
    """The delay at which both trackers agree best, over frames known at every delay."""
    cents = cents[:, np.isfinite(cents).all(axis=0)]
    if cents.shape[1] == 0:
        return 0.0
    off_by = cents.mean(axis=1)
    return float(DELAYS_S[np.argmin(off_by)]) if off_by[0] - off_by.min() > WORTH_CENTS else 0.0


def _correlation(left: Curve, right: Curve) -> float:
    return float(np.corrcoef(left, right)[0, 1]) if np.std(right) > 0.0 else 0.0
