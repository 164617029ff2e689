"""The singing that every voice is heard with: short clips that come along, and how to play them.

A voice follows a singer in its own register and at its own level, so each clip comes with the
controls that a performer would set by ear: an octave shift and the gain of the microphone.
"""

from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.features import FeatureExtractor, Features
from ddsp_core.units import db_to_gain
from training.audio_files import read_mono
from training.index import Index

SURE = 0.5
OCTAVES = (0, 1, -1, 2, -2)
"""In the order of preference: as sung, where that is possible."""
MOST_SUNG_INSIDE = 0.9
GAIN_RANGE_DB = (-24.0, 36.0)
"""Of the engine's control `input_gain_db`."""


class SungClip(NamedTuple):
    """Shape: audio (T,), as recorded; heard (N,): what the voice is asked to play."""

    name: str
    audio: NDArray[np.float32]
    sample_rate: int
    controls: dict[str, float]
    heard: Features
    extractor: FeatureExtractor


def sung_clips(index: Index) -> list[SungClip]:
    """The clips at the rate of a dataset, with the controls for a voice that was trained on it.

    Raises:
        AudioError: one of them cannot be read.
    """
    folder = Path(str(files("training").joinpath("sung")))
    return [sung_clip(path, index) for path in sorted(folder.glob("*.flac"))]


def sung_clip(path: Path, index: Index) -> SungClip:
    """A sung recording, played in the register and at the level of the dataset's recordings."""
    audio = read_mono(path, index.sample_rate)
    extractor = FeatureExtractor(index.sample_rate, index.hop_size)
    f0_hz, confidence, loudness_db = analyse(audio, extractor)
    range_hz = index.statistics.f0_quantiles_hz
    octaves = register(f0_hz[confidence >= SURE], (range_hz["1"], range_hz["99"]))
    gain_db = index.loudness_target_db - float(np.percentile(loudness_db, 90))
    gain_db = float(np.clip(round(gain_db, 1), *GAIN_RANGE_DB))
    played_hz = (f0_hz * 2.0**octaves).astype(np.float32)
    # At its new level: loudness has a floor, so gain is not just added to it.
    _, _, louder_db = analyse((audio * db_to_gain(gain_db)).astype(np.float32), extractor)
    return SungClip(
        path.stem,
        audio,
        index.sample_rate,
        {"octave_shift": float(octaves), "input_gain_db": gain_db},
        Features(played_hz, confidence, louder_db),
        extractor,
    )


def register(sung_hz: NDArray[np.floating], range_hz: tuple[float, float]) -> int:
    """Octaves to shift, as few as bring the song into the instrument's range (or nearest to it).

    >>> register(np.array([110.0, 120.0]), (196.0, 2000.0))
    1
    """
    low_hz, high_hz = range_hz
    inside = {
        octaves: float(np.mean((low_hz <= shifted) & (shifted <= high_hz)))
        for octaves in OCTAVES
        if len(shifted := sung_hz * 2.0**octaves)
    }
    enough = [octaves for octaves, share in inside.items() if share >= MOST_SUNG_INSIDE]
    return enough[0] if enough else max(inside, key=lambda octaves: inside[octaves], default=0)


def analyse(audio: NDArray[np.float32], extractor: FeatureExtractor) -> Features:
    """What the live extractor hears in a recording; an unfinished last hop is left out."""
    n_hops = len(audio) // extractor.hop_size
    hops = audio[: n_hops * extractor.hop_size].reshape(n_hops, extractor.hop_size)
    return extractor.forward(np.ascontiguousarray(hops, np.float32))[0]


def frame_times(n_frames: int, extractor: FeatureExtractor) -> NDArray[np.float64]:
    """The moments that frames describe, in seconds from the first sample. Shape: (N,)."""
    ends = extractor.hop_size * np.arange(1, n_frames + 1)
    return np.asarray((ends - extractor.delay_samples) / extractor.sample_rate)
