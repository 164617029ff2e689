"""What recordings lack and singers do: soft notes, and pitches between the keys.

Eight minutes of an instrument hold few soft notes, single notes come in semitones, and a decoder
that meets either for the first time on stage extrapolates. So training windows are played softer
or louder (the timbre stays: there is no telling what a softer bow would have done) and faster or
slower, which moves the pitch. A-weighting is not measured anew: over 0.7 semitone it moves by less
than half a decibel.
"""

from typing import NamedTuple

import numpy as np
import soxr
from numpy.typing import NDArray

from ddsp_core.units import DB_FLOOR, db_to_gain

LARGEST_SLIDE_SEMITONES = 1.0
"""Between two frames further apart than this the pitch leaps; it does not pass through between."""


class Batch(NamedTuple):
    """Windows of equal length.

    Shape:
        f0_hz, loudness_db, confidence: (B, N) float32
        audio: (B, N * hop) float32
        room: (B,) int64
    """

    f0_hz: NDArray[np.float32]
    loudness_db: NDArray[np.float32]
    confidence: NDArray[np.float32]
    audio: NDArray[np.float32]
    room: NDArray[np.int64]


def louder(batch: Batch, level_db: float) -> Batch:
    """The same, played back louder by `level_db`."""
    if level_db == 0.0:
        return batch
    loudness_db = np.maximum(batch.loudness_db + np.float32(level_db), np.float32(DB_FLOOR))
    return batch._replace(
        loudness_db=loudness_db, audio=batch.audio * np.float32(db_to_gain(level_db))
    )


def faster(batch: Batch, n_frames: int) -> Batch:
    """A window of one, played back in `n_frames` frames, and so higher by N / n_frames."""
    n_source = batch.f0_hz.shape[1]
    if n_source == n_frames:
        return batch
    hop_size = batch.audio.shape[1] // n_source
    ratio = n_source / n_frames
    audio = soxr.resample(batch.audio[0], n_source, n_frames, "VHQ")[: n_frames * hop_size]
    audio = np.pad(audio, (0, n_frames * hop_size - len(audio)))
    # frame n tells of the moment at which its hop ends: (n + 1) hops
    at = np.clip((np.arange(n_frames) + 1) * ratio - 1, 0, n_source - 1)
    frames = np.arange(n_source)
    loudness_db, confidence = (
        np.interp(at, frames, curve[0])[None].astype(np.float32)
        for curve in (batch.loudness_db, batch.confidence)
    )
    f0_hz = (_slide(batch.f0_hz[0], at) * ratio)[None].astype(np.float32)
    return Batch(f0_hz, loudness_db, confidence, audio[None].astype(np.float32), batch.room)


def rounded(batch: Batch, step: np.float32) -> Batch:
    """The same on a grid of amplitudes: the noise floor of the recording that has this grid."""
    return batch._replace(audio=np.round(batch.audio / step) * step)


def source_frames(n_frames: int, semitones: float) -> int:
    """Frames that, played in `n_frames`, sound higher by `semitones`.

    >>> source_frames(100, 12.0)
    200
    """
    return round(float(n_frames * 2.0 ** (semitones / 12.0)))


def _slide(f0_hz: NDArray[np.float32], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pitch between frames: in between for a slide, one or the other for a leap."""
    log_hz = np.log2(f0_hz.astype(np.float64))
    before = np.minimum(at.astype(np.int64), len(f0_hz) - 2)
    share = at - before
    step = log_hz[before + 1] - log_hz[before]
    leaps = np.abs(step) > LARGEST_SLIDE_SEMITONES / 12.0
    return np.asarray(2.0 ** (log_hz[before] + step * np.where(leaps, np.round(share), share)))
