"""Finds recordings and reads them as one channel at the voice's sample rate."""

import hashlib
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from ddsp_core.errors import AudioError
from training.clipping import clipped_stretches

SUFFIXES = frozenset({".wav", ".flac", ".aif", ".aiff", ".ogg", ".mp3", ".opus", ".caf", ".w64"})

LOWEST_RATE_HZ = 16000
ESTIMATED_S = 0.1
"""Headers of lossy files guess their length, by a frame or two."""


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


class Sound(NamedTuple):
    """A recording as one channel, and where it is clipped.

    Shape:
        samples: (T,) float32
    """

    samples: NDArray[np.float32]
    clipped_s: Sequence[tuple[float, float]] = ()


def duration_s(path: Path) -> float:
    """Length in seconds from the file's header; raises AudioError where there is none."""
    try:
        return float(soundfile.info(path).duration)
    except soundfile.LibsndfileError as error:
        raise _not_audio(str(path), error) from None


def read_mono(path: Path, sample_rate: int) -> NDArray[np.float32]:
    """Samples of `read_sound`. Shape: (T,)."""
    return read_sound(path.read_bytes(), str(path), sample_rate).samples


def read_sound(content: bytes, name: str, sample_rate: int) -> Sound:
    """Decodes a sound file, takes the mean of its channels and resamples it to `sample_rate`.

    Args:
        content: the file's bytes: they may come from another machine.
        name: what an error calls it.
    Raises:
        AudioError: not audio, cut short, empty, of a low rate, or with samples not finite.
    """
    channels, file_rate = _decode(content, name)
    if file_rate < LOWEST_RATE_HZ:
        allowed = f"at least {LOWEST_RATE_HZ} Hz: an instrument reaches above {file_rate // 2} Hz"
        raise AudioError(name, f"{file_rate} Hz", allowed, "record it again, or leave it out")
    mono = channels.mean(axis=1, dtype=np.float32)
    if mono.size == 0:
        raise AudioError(name, "it holds 0 seconds", "a recording with sound in it")
    if not np.isfinite(mono).all():
        raise AudioError(name, "it holds NaN or infinite samples", "finite samples")
    clipped_s = clipped_stretches(channels, file_rate)
    if file_rate != sample_rate:
        mono = soxr.resample(mono, file_rate, sample_rate, quality="VHQ")
    return Sound(np.ascontiguousarray(mono, dtype=np.float32), clipped_s)


def content_hash(path: Path) -> str:
    """SHA-256 of the file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _decode(content: bytes, name: str) -> tuple[NDArray[np.float32], int]:
    """Shape: (T, channels)."""
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            channels: NDArray[np.float32] = file.read(dtype="float32", always_2d=True)
            promised, rate = int(file.frames), int(file.samplerate)
    except soundfile.LibsndfileError as error:
        raise _not_audio(name, error) from None
    if len(channels) < promised - ESTIMATED_S * rate:
        given = f"damaged: {len(channels) / rate:.2f} of {promised / rate:.2f} s can be read"
        raise AudioError(name, given, "a whole file", "copy it again, or leave it out")
    return channels, rate


def _not_audio(name: str, error: Any) -> AudioError:
    allowed = "a sound file that libsndfile reads (WAV, FLAC, OGG, AIFF, MP3)"
    return AudioError(name, f"not audio ({error.error_string})", allowed, "leave it out")
