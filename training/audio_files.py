"""Finds recordings and reads them as one channel at the voice's sample rate."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from ddsp_core.errors import AudioError

SUFFIXES = frozenset({".wav", ".flac", ".aif", ".aiff", ".ogg", ".mp3", ".opus", ".caf", ".w64"})

LOWEST_RATE_HZ = 16000


def find_recordings(places: Iterable[Path]) -> list[Path]:
    """Every sound file among the given files and below the given folders, sorted, each once.

    Raises:
        AudioError: a place does not exist, or nothing that sounds was found.
    """
    found: dict[Path, None] = {}
    for place in places:
        if not place.exists():
            raise AudioError(
                str(place), "no such file or folder", "a recording or a folder of them"
            )
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        sounds = [file for file in files if place.is_file() or file.suffix.lower() in SUFFIXES]
        if not sounds:
            kinds = ", ".join(sorted(SUFFIXES))
            raise AudioError(str(place), "no recordings in this folder", f"files like {kinds}")
        found.update(dict.fromkeys(sounds))
    return list(found)


def duration_s(path: Path) -> float:
    """Length in seconds from the file's header; raises AudioError where there is none."""
    return float(_info(path).duration)


def read_mono(path: Path, sample_rate: int) -> NDArray[np.float32]:
    """Reads `path`, takes the mean of its channels and resamples it to `sample_rate`.

    Shape:
        output: (T,) float32
    Raises:
        AudioError: not audio, empty, of a low rate, or with samples that are not finite.
    """
    file_rate = int(_info(path).samplerate)
    if file_rate < LOWEST_RATE_HZ:
        allowed = f"at least {LOWEST_RATE_HZ} Hz: an instrument reaches above {file_rate // 2} Hz"
        raise AudioError(str(path), f"{file_rate} Hz", allowed, "record it again, or leave it out")
    samples, _ = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1, dtype=np.float32)
    if mono.size == 0:
        raise AudioError(str(path), "it holds 0 seconds", "a recording with sound in it")
    if not np.isfinite(mono).all():
        raise AudioError(str(path), "it holds NaN or infinite samples", "finite samples")
    if file_rate != sample_rate:
        mono = soxr.resample(mono, file_rate, sample_rate, quality="VHQ")
    return np.ascontiguousarray(mono, dtype=np.float32)


def content_hash(path: Path) -> str:
    """SHA-256 of the file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _info(path: Path) -> Any:
    try:
        return soundfile.info(path)
    except soundfile.LibsndfileError as error:
        allowed = "a sound file that libsndfile reads (WAV, FLAC, OGG, AIFF, MP3)"
        raise AudioError(str(path), f"not audio ({error.error_string})", allowed) from None
