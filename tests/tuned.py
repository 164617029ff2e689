"""Pitches in semitones above A4, through the tuning and back."""

from typing import Any

import numpy as np

from ddsp_core.scales import SCALES, notes_of
from ddsp_core.tuning import Tuning, TuningControls, TuningCurves

HOP_S = 128 / 48000
CHROMATIC = notes_of(0, 0)
OFF = TuningControls(
    autotune=0.0, autotune_time_s=0.05, notes=CHROMATIC, a4_hz=440.0, glide_s=0.0,
    vibrato_depth=1.0, drone_note=0.0,
)  # fmt: skip


def seconds(duration_s: float) -> np.ndarray:
    """The time of every hop."""
    return np.arange(round(duration_s / HOP_S)) * HOP_S


def at(time_s: float) -> int:
    """The hop at a time."""
    return round(time_s / HOP_S)


def in_key(key: int, scale: str) -> int:
    return notes_of(key, list(SCALES).index(scale))


def played(semitones: np.ndarray, tone_gain: np.ndarray | None = None, **turned: Any) -> np.ndarray:
    """What is played for what is sung; controls are numbers or curves."""
    n_hops = len(semitones)
    f0_hz = (440.0 * 2.0 ** (semitones / 12.0)).astype(np.float32)
    gain = np.ones(n_hops, np.float32) if tone_gain is None else tone_gain.astype(np.float32)
    curves = (np.broadcast_to(value, n_hops).copy() for value in OFF._replace(**turned))
    out_hz, _ = Tuning(HOP_S).forward((f0_hz, gain, TuningCurves(*curves)))
    return _semitones(out_hz)


def wobble(depth_cents: float, rate_hz: float, time_s: np.ndarray) -> np.ndarray:
    """Vibrato, in semitones to either side."""
    return depth_cents / 100.0 * np.sin(2 * np.pi * rate_hz * time_s + 1.0)


def _semitones(hz: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.asarray(12.0 * np.log2(hz.astype(np.float64) / 440.0))
