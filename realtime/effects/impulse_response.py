"""The sound of a room from a file: read, checked, resampled, made equally loud."""

import math
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from ddsp_core.errors import AudioError, PresetError, did_you_mean
from realtime.audio_file import read_native

Response = NDArray[np.float32]
"""Shape: (C, L), one or two channels."""

LONGEST_S = 10.0
MOST_BYTES = 64 * 1024 * 1024
SILENT_DB = -90.0
"""Under the peak: what comes after the last sample above it is left off."""
FADE_OUT = 0.1
"""Of what is left, where a response is cut short."""


def check_file(value: object, where: str, folder: Path) -> str:
    """The absolute path of a file that exists; from the preset's folder, if it is relative.

    Raises:
        PresetError: it is none, or too large to be the response of a room.
    """
    allowed = "the path of an impulse response (WAV, FLAC, ...), from the preset's folder"
    if not isinstance(value, str) or not value or "\\0" in value:
        raise PresetError(where, f"{value!r:.60}", allowed)
    path = folder / Path(value).expanduser()
    try:
        if not path.is_file():
            there = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
            known = did_you_mean(
                path.name, [name for name in there if _looks_like_sound(name)][:20]
            )
            raise PresetError(where, f"no file {value!r:.200}", allowed, known)
        if path.stat().st_size > MOST_BYTES:
            given = f"{value!r:.200} has {path.stat().st_size >> 20} MiB"
            raise PresetError(where, given, f"at most {MOST_BYTES >> 20} MiB")
    except (OSError, ValueError):
        raise PresetError(where, f"{value!r:.60}", allowed) from None
    return str(path.absolute())


def read_response(path: str, sample_rate: int, length_s: float = LONGEST_S) -> Response:
    """Ready to be convolved with, at most `length_s` long.

    White noise comes out of it as loud as it goes in: the mean of the channels' energies, sum h^2,
    is 1. The difference in level between the channels stays, and so does silence at the beginning.

    Raises:
        AudioError: not a sound file, of more than two channels, silent, or longer than 10 s.
    """
    audio, rate = read_native(path)
    if audio.shape[1] > 2:
        raise AudioError(path, f"{audio.shape[1]} channels", "an impulse response, mono or stereo")
    if rate != sample_rate:
        audio = np.asarray(soxr.resample(audio, rate, sample_rate, quality="HQ"), np.float32)
    response = _without_silence(path, audio.T.astype(np.float64), sample_rate)
    n_longest = max(round(length_s * sample_rate), 1)
    if response.shape[1] > n_longest:
        response = _faded_out(response[:, :n_longest])
    energy = float((response**2).sum(axis=1).mean())
    return np.ascontiguousarray(response / math.sqrt(energy), np.float32)


def _without_silence(
    path: str, response: NDArray[np.float64], sample_rate: int
) -> NDArray[np.float64]:
    """Without what cannot be heard at its end."""
    level = np.abs(response).max(axis=0)
    loud = np.flatnonzero(level > level.max() * 10.0 ** (SILENT_DB / 20.0))
    if not len(loud):
        raise AudioError(path, "silent", "an impulse response, with sound in it")
    n_samples = int(loud[-1]) + 1
    if n_samples > (LONGEST_S + 0.01) * sample_rate:
        given = f"{n_samples / sample_rate:.1f} s of sound"
        todo = "cut the file shorter, or is it not an impulse response?"
        raise AudioError(path, given, f"an impulse response of at most {LONGEST_S:g} s", todo)
    return response[:, :n_samples]


def _faded_out(response: NDArray[np.float64]) -> NDArray[np.float64]:
    n_fade = max(int(FADE_OUT * response.shape[1]), 1)
    fade = np.cos(0.5 * np.pi * np.arange(1, n_fade + 1) / n_fade) ** 2
    out = response.copy()
    out[:, -n_fade:] *= fade
    return out


def _looks_like_sound(name: str) -> bool:
    return Path(name).suffix.lower() in {".wav", ".flac", ".aif", ".aiff", ".ogg", ".mp3"}
