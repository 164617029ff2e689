"""Loudness as training and playing both see it: A-weighted level in dB over a short causal window.

A-weighting after IEC 61672-1:2013, annex E: four zeros at 0 Hz, poles at 20.6 (twice), 107.7, 737.9
and 12194 Hz (twice). The high-pass poles go through the bilinear transform. The two at 12194 Hz are
matched in z instead: the bilinear transform would pull the response to zero at Nyquist (-6 dB too
low at 16 kHz for 48 kHz), the matched poles stay within 3 dB there and within 1 dB below 9 kHz.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.units import power_to_db

WINDOW_S = 0.016
"""Hann window: 8 ms to its centre; nulls from 125 Hz up: a violin's G3 (196 Hz) is steady."""

HIGH_PASS_HZ = (20.598997, 20.598997, 107.65265, 737.86223)
LOW_PASS_HZ = (12194.217, 12194.217)


class LoudnessState(NamedTuple):
    """Filter memory (n_sections,) and the weighted squares still in the window (window_size,)."""

    sections: NDArray[np.float64]
    squares: NDArray[np.float64]


def a_weighting_sections(sample_rate: int) -> NDArray[np.float64]:
    """First-order sections b0 + b1/z over 1 + a1/z with unit gain at 1 kHz. Shape: (6, 3)."""
    rows = []
    for pole_hz in HIGH_PASS_HZ:
        k = math.tan(math.pi * min(pole_hz / sample_rate, 0.49))
        rows.append((1 / (1 + k), -1 / (1 + k), (k - 1) / (k + 1)))
    for pole_hz in LOW_PASS_HZ:
        pole = math.exp(-2 * math.pi * pole_hz / sample_rate)
        rows.append((1 - pole, 0.0, -pole))
    sections = np.array(rows)
    z = np.exp(-2j * np.pi * min(1000.0, 0.4 * sample_rate) / sample_rate)
    gain = np.prod(np.abs((sections[:, 0] + sections[:, 1] * z) / (1 + sections[:, 2] * z)))
    sections[0, :2] /= gain
    return sections


@njit(nogil=True, cache=True)
def _weighted_power(
    hops: NDArray[np.float32],
    coefficients: NDArray[np.float64],
    window: NDArray[np.float64],
    memory: NDArray[np.float64],
    squares: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Windowed mean square at each hop's end; rewrites filter memory and window tail."""
    n_hops, hop_size = hops.shape
    n_window = len(window)
    power = np.empty(n_hops)
    history = np.empty(n_window + hop_size)
    history[:n_window] = squares
    for n in range(n_hops):
        for j in range(hop_size):
            x = float(hops[n, j])
            for s in range(len(coefficients)):  # transposed direct form: one state a section
                y = coefficients[s, 0] * x + memory[s]
                memory[s] = coefficients[s, 1] * x - coefficients[s, 2] * y
                x = y
            history[n_window + j] = x * x
        for s in range(len(memory)):  # no denormals while the room is silent
            if abs(memory[s]) < 1e-30:
                memory[s] = 0.0
        history[:n_window] = history[hop_size:].copy()
        total = 0.0
        for i in range(n_window):
            total += window[i] * history[i]
        power[n] = total
    squares[:] = history[:n_window]
    return power


class Loudness:
    """A-weighted loudness in dB relative to a full-scale square wave, one value a hop.

    Args:
        sample_rate: Hz, 8000 or more.
        hop_size: samples.

    Shape:
        hops (N, hop_size) -> loudness_db (N,), from -100 up; value n has seen hops 0...n.
    """

    def __init__(self, sample_rate: int, hop_size: int) -> None:
        self.sections = a_weighting_sections(sample_rate)
        self.window_size = round(WINDOW_S * sample_rate)
        window = np.sin(np.pi * (np.arange(self.window_size) + 0.5) / self.window_size) ** 2
        self.window = window / window.sum()
        self.delay_samples = self.window_size // 2
        self.hop_size = hop_size

    def forward(
        self, hops: NDArray[np.float32], state: LoudnessState | None = None
    ) -> tuple[NDArray[np.float32], LoudnessState]:
        """Loudness at the end of each hop."""
        memory = np.zeros(len(self.sections)) if state is None else state.sections.copy()
        squares = np.zeros(self.window_size) if state is None else state.squares.copy()
        power = _weighted_power(hops, self.sections, self.window, memory, squares)
        return power_to_db(power).astype(np.float32), LoudnessState(memory, squares)
