"""Reading sound files: anything that libsndfile knows, or an AudioError for people."""

from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from ddsp_core.errors import AudioError

Audio = NDArray[np.float32]

MIN_RATE_HZ = 8000
"""Below telephone quality there is too little of a voice left to follow."""


def read_native(path: Path | str) -> tuple[Audio, int]:
    """A sound file as it stands: samples in -1...1 and its own rate in Hz.

    Shape: returns (T, C).
    Raises AudioError if it is missing, not audio, empty, not finite or slower than 8 kHz.
    """
    where = str(path)
    if not Path(path).exists():
        raise AudioError(where, "no such file", "a sound file (WAV, FLAC, OGG, MP3, AIFF, ...)")
    if not Path(path).is_file():
        raise AudioError(where, "is not a file", "a sound file (WAV, FLAC, OGG, MP3, AIFF, ...)")
    try:
        audio, rate = soundfile.read(where, dtype="float32", always_2d=True)
    # TypeError: soundfile's word for headerless files (.raw), whose format would have to be told.
    except (soundfile.SoundFileError, TypeError, OSError) as error:
        detail = str(error).removeprefix(f"Error opening {where!r}: ").rstrip(".")
        raise AudioError(where, f"not audio ({detail})", "any format of libsndfile") from error
    _check(where, audio, rate)
    return audio, int(rate)


def read_audio(path: Path | str, sample_rate: int) -> Audio:
    """A sound file mixed to mono and resampled to `sample_rate` Hz.

    Shape: returns (T,). Raises AudioError like `read_native`.
    """
    audio, rate = read_native(path)
    mono = np.ascontiguousarray(audio.mean(axis=1), dtype=np.float32)
    if rate == sample_rate:
        return mono
    return np.asarray(soxr.resample(mono, rate, sample_rate, quality="HQ"), dtype=np.float32)


def _check(where: str, audio: Audio, rate: int) -> None:
    if not len(audio):
        raise AudioError(where, "0 s long", "at least one sample")
    if rate < MIN_RATE_HZ:
        raise AudioError(where, f"{rate} Hz", f"at least {MIN_RATE_HZ} Hz")
    if not np.isfinite(audio).all():
        at_s = int(np.argmin(np.isfinite(audio).all(axis=1))) / rate
        raise AudioError(where, f"a NaN or infinite sample at {at_s:.3f} s", "finite samples only")
