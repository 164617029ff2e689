"""What the studio's page draws, as numbers: waveform, spectrogram, and curves on one time axis.

Nothing here is a picture yet. The page draws it, so that it can be zoomed, and read with the mouse.
Numbers travel as JSON, with long rows in base64.
"""

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ddsp_core.loudness import NO_PITCH_HZ, Loudness
from ddsp_core.spectrogram import N_PITCHES, log_spectrogram

Audio = NDArray[np.float32]
Curve = NDArray[np.floating]

MOST_PEAKS = 24_000
COLUMNS_A_S, MOST_COLUMNS = 150, 2400
MOST_FRAMES = 12_000
BOTTOM_DB, STEP_DB = -120.0, 0.5
"""Of a spectrogram's levels, a byte each."""
LOUDNESS_HOP_S = 0.01
QUIET_DB = 30.0
"""Below the loudest moment: what lies lower does not count for how loud a recording is."""


def peaks(audio: Audio) -> dict[str, Any]:
    """Lowest and highest value of each of many short stretches. Shape: (T,) or (T, C)."""
    mono = audio if audio.ndim == 1 else audio.mean(axis=1)
    size = max(1, -(-len(mono) // MOST_PEAKS))
    padded = np.pad(mono, (0, -len(mono) % size)).reshape(-1, size)
    both = np.stack([padded.min(axis=1), padded.max(axis=1)], axis=1)
    data = np.clip(np.round(127.0 * both), -127, 127).astype(np.int8)
    return {"samples": size, "data": in_text(data)}


def spectrogram(audio: Audio, sample_rate: int) -> dict[str, Any]:
    """Levels on frequencies that are evenly spaced in pitch, the lowest first; by row."""
    mono = audio if audio.ndim == 1 else audio.mean(axis=1)
    n_wanted = min(max(COLUMNS_A_S * len(mono) // sample_rate, 1), MOST_COLUMNS)
    time_s, edges_hz, level_db = log_spectrogram(mono, sample_rate, n_wanted)
    steps = np.clip(np.round((level_db - BOTTOM_DB) / STEP_DB), 0, 255).astype(np.uint8)
    return {
        "columns": steps.shape[1],
        "rows": N_PITCHES,
        "start_s": float(time_s[0]),
        "step_s": float(time_s[1] - time_s[0]),
        "low_hz": float(edges_hz[0]),
        "high_hz": float(edges_hz[-1]),
        "bottom_db": BOTTOM_DB,
        "step_db": STEP_DB,
        "data": in_text(steps),
    }


def curve(values: Curve, start_s: float, step_s: float) -> dict[str, Any]:
    """Values at even times; every other one, or fewer, of a long recording."""
    every = max(1, -(-len(values) // MOST_FRAMES))
    data = np.asarray(values, np.float32)[::every]
    return {"start_s": start_s, "step_s": step_s * every, "data": in_text(data)}


def loudness(audio: Audio, sample_rate: int) -> tuple[dict[str, Any], float]:
    """The A-weighted level as a curve, and how loud the whole is, in dB."""
    mono = audio if audio.ndim == 1 else audio.mean(axis=1)
    hop_size = max(1, round(LOUDNESS_HOP_S * sample_rate))
    n_hops = len(mono) // hop_size
    hops = np.ascontiguousarray(mono[: n_hops * hop_size], np.float32).reshape(n_hops, hop_size)
    meter = Loudness(sample_rate, hop_size)
    level_db, _ = meter.forward((hops, np.full(n_hops, NO_PITCH_HZ, np.float32)))
    start_s = (hop_size - meter.delay_samples) / sample_rate
    return curve(level_db, start_s, hop_size / sample_rate), mean_level(level_db)


def mean_level(level_db: Curve) -> float:
    """Of the power of what is not quiet, in dB.

    >>> round(mean_level(np.array([-20.0, -20.0, -90.0])), 1)
    -20.0
    """
    if not len(level_db):
        return BOTTOM_DB
    loud = np.asarray(level_db, np.float64)
    loud = loud[loud >= loud.max() - QUIET_DB]
    return float(10.0 * np.log10(np.mean(10.0 ** (loud / 10.0))))


def mean_hz(f0_hz: Curve, heard: NDArray[np.bool_]) -> float | None:
    """Mean pitch of the frames that count, in Hz; None if none does. It is a mean of notes.

    >>> round(mean_hz(np.array([220.0, 880.0, 5.0]), np.array([True, True, False])), 3)
    440.0
    """
    if not heard.any():
        return None
    return float(np.exp2(np.mean(np.log2(np.asarray(f0_hz, np.float64)[heard]))))


def in_text(numbers: NDArray[Any]) -> str:
    """The bytes of an array, little end first, as text."""
    little = numbers.astype(numbers.dtype.newbyteorder("<"), copy=False)
    return base64.b64encode(little.tobytes()).decode()
