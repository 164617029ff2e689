"""Sounds whose pitch is known beforehand: synthetic ones exactly, those of a TFRecord by CREPE.

They take the same road as recordings: `prepare` reads the sound file and finds it measured already,
by the live extractor as always, with the known pitch in the place of an offline tracker's.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.features import FeatureExtractor
from training.audio_files import content_hash, read_sound
from training.recording import frame_times_s, key_of, measure, save

LEAP_SEMITONES = 1.0
"""Between two readings further apart than this the pitch is not known: it leaps there."""


class PitchCurve(NamedTuple):
    """Pitch at the times first_s + k / rate_hz; 0 where it is not known. Shape: f0_hz (M,)."""

    f0_hz: NDArray[np.float32]
    rate_hz: float
    first_s: float = 0.0

    def at(self, times_s: NDArray[np.float64]) -> NDArray[np.float32]:
        """Pitch at any times, in between evenly in cents; 0 where it is not known.

        Shape:
            (N,) -> (N,)

        >>> PitchCurve(np.array([100.0, 102.0, 0.0], np.float32), 1.0).at(np.array([0.5, 1.5]))
        array([100.99505,   0.     ], dtype=float32)
        """
        if len(self.f0_hz) < 2:
            return np.zeros(len(times_s), dtype=np.float32)
        place = (times_s - self.first_s) * self.rate_hz
        before = np.clip(np.floor(place).astype(np.int64), 0, len(self.f0_hz) - 2)
        share = place - before
        pair = np.stack([self.f0_hz[before], self.f0_hz[before + 1]]).astype(np.float64)
        known = (pair > 0.0).all(axis=0) & (share >= 0.0) & (share <= 1.0)
        low, high = np.log2(np.where(known, pair, 1.0))
        known &= np.abs(high - low) < LEAP_SEMITONES / 12.0
        return np.where(known, 2.0 ** (low + share * (high - low)), 0.0).astype(np.float32)


def store_measured(sound: Path, curve: PitchCurve, out: Path, extractor: FeatureExtractor) -> None:
    """Measures a sound file and puts it into dataset `out`, where `prepare` looks for it."""
    key = key_of(content_hash(sound), extractor, "known")
    stored = out / "recordings" / f"{sound.stem}-{key}.safetensors"
    if stored.exists():
        return
    stored.parent.mkdir(parents=True, exist_ok=True)
    content = read_sound(sound.read_bytes(), str(sound), extractor.sample_rate)
    recording = measure(content, extractor, "known")
    times_s = frame_times_s(extractor, len(recording.features.f0_hz))
    save(recording._replace(reference_f0_hz=curve.at(times_s)), stored)
