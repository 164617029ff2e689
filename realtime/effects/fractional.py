"""Reading between samples: a delay line at any delay, flat to the top of what is heard.

A windowed sinc of 16 samples, tabulated at 256 places between two of them and linear between those.
Linear interpolation of the samples themselves loses 3 dB at a quarter of the rate halfway between
two and none on them, so that a moving delay would flutter in brightness.

Source: T. I. Laakso et al. (1996), "Splitting the Unit Delay", IEEE Signal Processing Magazine 13.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Line = NDArray[np.float32]
"""A ring of the past, twice in a row, so that any stretch lies in one piece. Shape: (2 N,)."""
Table = NDArray[np.float32]

N_TAPS = 16
N_PLACES = 256
KAISER_BETA = 8.0
"""Errors below -75 dB up to 0.4 of the rate."""
SHORTEST = N_TAPS // 2
"""Samples of delay that it needs at least."""


def make_table() -> Table:
    """Weights of the taps at each place between two samples. Shape: (N_PLACES + 1, N_TAPS)."""
    places = np.arange(N_PLACES + 1)[:, None] / N_PLACES
    distance = np.arange(N_TAPS)[None, :] - (N_TAPS // 2 - 1) - (1.0 - places)
    inside = np.clip(1.0 - (distance / (N_TAPS // 2)) ** 2, 0.0, None)
    weights = np.sinc(distance) * np.i0(KAISER_BETA * np.sqrt(inside))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def line_size(n_samples: int) -> int:
    """The least power of two that holds a past of so many samples.

    >>> line_size(3000)
    4096
    """
    return 1 << (n_samples - 1).bit_length()


@njit(nogil=True, cache=True)
def write(line: Line, position: int, sample: float) -> None:
    """The newest sample; position counts from the beginning."""
    size = len(line) // 2
    place = position & (size - 1)
    line[place] = sample
    line[place + size] = sample


@njit(nogil=True, cache=True, fastmath=True)
def read(line: Line, position: int, delay: float, table: Table) -> float:
    """The sound `delay` samples before `position`, SHORTEST or more. A whole delay reads a sample.

    The sample `whole` ago is tap N / 2, and what is looked for lies a fraction before it.
    """
    whole = int(delay)
    fraction = delay - whole
    size = len(line) // 2
    first = (position - whole - N_TAPS // 2) & (size - 1)
    at = fraction * N_PLACES
    row = min(int(at), N_PLACES - 1)
    share = np.float32(at - row)
    taps, low, high = line[first : first + N_TAPS], table[row], table[row + 1]
    total = np.float32(0.0)
    for k in range(N_TAPS):
        total += taps[k] * (low[k] + share * (high[k] - low[k]))
    return float(total)
