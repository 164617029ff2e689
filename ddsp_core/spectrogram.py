"""Spectrogram for the eye: levels on frequencies that are evenly spaced in pitch."""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

LOWEST_HZ, HIGHEST_HZ = 60.0, 16_000.0
WINDOW_S = 0.0427
"""2048 samples at 48 kHz: tones a third apart at 100 Hz are two lines, a fast run is its notes."""
N_PITCHES = 360
N_COLUMNS = 1200
SILENT_POWER = 1e-20


class LogSpectrogram(NamedTuple):
    """Shape: C columns, F pitches: time_s (C + 1,), frequency_hz (F + 1,), level_db (F, C)."""

    time_s: NDArray[np.float64]
    """Edges of the columns; a column's window is centred on its middle."""
    frequency_hz: NDArray[np.float64]
    """Edges of the rows."""
    level_db: NDArray[np.float64]
    """0 dB: a sine of full scale."""


def log_spectrogram(
    audio: NDArray[np.floating], sample_rate: int, n_columns: int = N_COLUMNS
) -> LogSpectrogram:
    """Levels of a recording, in about `n_columns` columns (fewer, if it has fewer samples).

    Shape:
        (T,), T at least 1.
    """
    size = int(2 ** round(np.log2(WINDOW_S * sample_rate)))
    hop = max(1, len(audio) // n_columns)
    window = np.hanning(size)
    padded = np.pad(np.asarray(audio, np.float64), (size // 2, size + hop))
    frames = sliding_window_view(padded, size)[: len(audio) : hop]
    # A sine of amplitude 1 in the middle of a bin has the magnitude sum(window) / 2.
    power = np.abs(np.fft.rfft(window * frames)) ** 2 / (0.5 * window.sum()) ** 2
    edges_hz = np.geomspace(LOWEST_HZ, min(HIGHEST_HZ, 0.5 * sample_rate), N_PITCHES + 1)
    time_s = (np.arange(len(frames) + 1) - 0.5) * hop / sample_rate
    levels = _between_bins(power, np.sqrt(edges_hz[1:] * edges_hz[:-1]) * size / sample_rate)
    return LogSpectrogram(time_s, edges_hz, 10.0 * np.log10(np.maximum(levels, SILENT_POWER)).T)


def _between_bins(power: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear between neighbouring bins. Shape: (C, bins), (F,) -> (C, F)."""
    below = np.minimum(places.astype(np.int64), power.shape[1] - 2)
    share = places - below
    return np.asarray(power[:, below] * (1.0 - share) + power[:, below + 1] * share)
