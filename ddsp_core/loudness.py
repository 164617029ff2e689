"""Loudness as training and playing both see it: A-weighted level in dB over a short causal window.

A voice pulses with its period, so a short window sees a bass singer's loudness go up and down by
6 dB, 80 times a second, and a window long enough not to is late. The mean over *whole periods*
does neither: a box of k periods T has its nulls at multiples of 1 / (k T), the pitch among them.
So the window follows the pitch that the tracker reads: as many whole periods as come nearest to
`WINDOW_S`, at least one.

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

from ddsp_core.units import DB_FLOOR

WINDOW_S = 0.009
"""Length aimed at: 4.5 ms to its centre. Whole periods make it 6 to 12 ms from 85 Hz up."""

NO_PITCH_HZ = 1.0 / WINDOW_S
"""To be given as the pitch of a sound that has none or any: the window is `WINDOW_S` then."""

LOWEST_HZ = 55.0
"""No window is longer than a period of this."""

HIGH_PASS_HZ = (20.598997, 20.598997, 107.65265, 737.86223)
LOW_PASS_HZ = (12194.217, 12194.217)


class LoudnessState(NamedTuple):
    """Filter memory (n_sections,) and the weighted squares that a window may reach (longest,)."""

    sections: NDArray[np.float64]
    squares: NDArray[np.float64]


class LoudnessTables(NamedTuple):
    """What does not change."""

    sections: NDArray[np.float64]  # (n_sections, 3)
    sample_rate: int


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
def _window_size(f0_hz: float, target: float, sample_rate: int, longest: int) -> float:
    """Samples of the whole periods that come nearest to `target` samples."""
    period = sample_rate / f0_hz
    n_periods = max(1.0, math.floor(target / period + 0.5))
    return min(n_periods * period, float(longest))


@njit(nogil=True, cache=True)
def _mean_of_newest(squares: NDArray[np.float64], size: float) -> float:
    """Mean of the newest `size` samples; the oldest one counts by the part that is inside."""
    n_whole = int(size)
    total = 0.0
    for i in range(len(squares) - n_whole, len(squares)):
        total += squares[i]
    if n_whole < len(squares):
        total += (size - n_whole) * squares[len(squares) - n_whole - 1]
    return total / size


@njit(nogil=True, cache=True)
def weigh_hops(
    tables: LoudnessTables,
    state: LoudnessState,
    hops: NDArray[np.float32],
    f0_hz: NDArray[np.float32],
    loudness_db: NDArray[np.float32],
) -> None:
    """Loudness over whole periods at each hop's end; the state moves on in place."""
    n_hops, hop_size = hops.shape
    coefficients, memory, rate = tables.sections, state.sections, tables.sample_rate
    n_past = len(state.squares)
    history = np.empty(n_past + hop_size)
    history[:n_past] = state.squares
    for n in range(n_hops):
        for j in range(hop_size):
            x = float(hops[n, j])
            for s in range(len(coefficients)):  # transposed direct form: one state a section
                y = coefficients[s, 0] * x + memory[s]
                memory[s] = coefficients[s, 1] * x - coefficients[s, 2] * y
                x = y
            history[n_past + j] = x * x
        for s in range(len(memory)):  # no denormals while the room is silent
            if abs(memory[s]) < 1e-30:
                memory[s] = 0.0
        history[:n_past] = history[hop_size:].copy()
        size = _window_size(f0_hz[n], WINDOW_S * rate, rate, n_past)
        power = _mean_of_newest(history[:n_past], size)
        loudness_db[n] = 10.0 * math.log10(max(power, 10.0 ** (DB_FLOOR / 10.0)))
    state.squares[:] = history[:n_past]


class Loudness:
    """A-weighted loudness in dB relative to a full-scale square wave, one value a hop.

    Args:
        sample_rate: Hz, 8000 or more.
        hop_size: samples.

    Shape:
        hops (N, hop_size), f0_hz (N,) > 0 -> loudness_db (N,), from -100 up; value n has seen
        hops 0...n.
    """

    def __init__(self, sample_rate: int, hop_size: int) -> None:
        self.tables = LoudnessTables(a_weighting_sections(sample_rate), sample_rate)
        self.hop_size = hop_size
        self.longest = math.ceil(sample_rate / LOWEST_HZ)
        self.delay_samples = round(0.5 * WINDOW_S * sample_rate)

    def forward(
        self,
        inputs: tuple[NDArray[np.float32], NDArray[np.float32]],
        state: LoudnessState | None = None,
    ) -> tuple[NDArray[np.float32], LoudnessState]:
        """Loudness at the end of each hop."""
        hops, f0_hz = inputs
        state = self.start() if state is None else LoudnessState(*(part.copy() for part in state))
        loudness_db = np.empty(len(hops), np.float32)
        weigh_hops(self.tables, state, hops, f0_hz, loudness_db)
        return loudness_db, state

    def start(self) -> LoudnessState:
        """The state before the first sample: silence."""
        return LoudnessState(np.zeros(len(self.tables.sections)), np.zeros(self.longest))
