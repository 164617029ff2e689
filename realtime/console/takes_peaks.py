"""The outline of a sound: what its waveform is drawn from."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from ddsp_core.units import gain_to_db

N_COLUMNS = 1200
"""Of the drawing: more than most screens have for it."""
MOST_SAMPLES = 1 << 20
"""In memory at a time."""
FULL = 127


def outline(paths: Sequence[Path]) -> dict[str, Any]:
    """Lowest and highest sample of each of `N_COLUMNS` stretches, and how loud it is in all.

    Args:
        paths: of the files, one behind the other.

    Returns:
        peaks (base64 of int8, low and high in turn), rms_db, duration_s.

    Raises:
        soundfile.SoundFileError: one cannot be read.
    """
    infos = [soundfile.info(path) for path in paths]
    n_samples, rate = sum(info.frames for info in infos), infos[0].samplerate
    low, high = np.zeros(N_COLUMNS, np.float32), np.zeros(N_COLUMNS, np.float32)
    energy, at = 0.0, 0
    for path in paths:
        for block in soundfile.blocks(path, MOST_SAMPLES, dtype="float32", always_2d=True):
            np.nan_to_num(block, copy=False)
            columns = (at + np.arange(len(block), dtype=np.int64)) * N_COLUMNS // n_samples
            starts = np.flatnonzero(np.diff(columns, prepend=-1))
            there = columns[starts]
            low[there] = np.minimum(low[there], np.minimum.reduceat(block.min(axis=1), starts))
            high[there] = np.maximum(high[there], np.maximum.reduceat(block.max(axis=1), starts))
            energy += float(np.mean(np.square(block, dtype=np.float64), axis=1).sum())
            at += len(block)
    return {
        "peaks": _packed(low, high),
        "rms_db": round(gain_to_db((energy / max(n_samples, 1)) ** 0.5), 2),
        "duration_s": n_samples / rate,
    }


def _packed(low: NDArray[np.float32], high: NDArray[np.float32]) -> str:
    pairs = np.clip(np.rint(np.stack((low, high), axis=1) * FULL), -FULL, FULL)
    return base64.b64encode(pairs.astype(np.int8).tobytes()).decode()
