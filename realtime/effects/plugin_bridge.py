"""How a sound would have gone on: what is heard while a missing answer is faded out.

As lost packets of speech are concealed (ITU-T G.722, appendix IV): linear prediction says what of
the past was to be expected; what was not, the strokes of the string, is repeated a period later and
goes through the same filter. So the sound goes on without a corner, at its pitch. The coefficients
are found by Burg's method ("Maximum entropy spectral analysis", 1975), whose filter is stable.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Line = NDArray[np.float64]

ORDER = 32
SHORTEST = 32
"""Samples of a period, 1.5 kHz at 48 kHz; of a higher tone it finds a multiple."""
MOST_FOR_BURG = 768
"""Samples: two periods of a low tone need not be modelled, only its formants."""


@njit(nogil=True, cache=True)
def burg(past: Line, order: int) -> Line:
    """Coefficients a of x[n] = sum over k of a[k] x[n - 1 - k]: (P,) -> (order,)."""
    n = len(past)
    forward, backward = past.copy(), past.copy()
    coefficients = np.zeros(order)
    for m in range(order):
        product, energy = 0.0, 1e-30
        for i in range(m + 1, n):
            product += forward[i] * backward[i - 1]
            energy += forward[i] ** 2 + backward[i - 1] ** 2
        reflection = 2.0 * product / energy
        before = coefficients[:m].copy()
        for k in range(m):
            coefficients[k] = before[k] - reflection * before[m - 1 - k]
        coefficients[m] = reflection
        for i in range(n - 1, m, -1):
            f, b = forward[i], backward[i - 1]
            forward[i] = f - reflection * b
            backward[i] = b - reflection * f
    return coefficients


@njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def product(left: Line, right: Line) -> float:
    """Of two vectors, in any order of additions; numpy's own asks scipy for it."""
    total = 0.0
    for i in range(len(left)):
        total += left[i] * right[i]
    return total


@njit(nogil=True, cache=True)
def period(past: Line) -> tuple[int, float]:
    """The lag, up to half the past, at which it is most like itself, and how much (0 to 1)."""
    half = len(past) // 2
    best, lag = 0.0, SHORTEST
    recent = past[half:]
    power = product(recent, recent)
    before = past[half - SHORTEST : len(past) - SHORTEST]
    power_before = product(before, before)
    for candidate in range(SHORTEST, half + 1):
        before = past[half - candidate : len(past) - candidate]
        likeness = product(recent, before) / np.sqrt(power * max(power_before, 0.0) + 1e-30)
        if likeness > best:
            best, lag = likeness, candidate
        power_before -= past[len(past) - candidate - 1] ** 2
        if candidate < half:
            power_before += past[half - candidate - 1] ** 2
    return lag, min(best, 1.0)


@njit(nogil=True, cache=True)
def predicted(line: Line, coefficients: Line, i: int) -> float:
    """Sample i, from those before it."""
    total = 0.0
    for k in range(ORDER):
        total += coefficients[k] * line[i - 1 - k]
    return total


@njit(nogil=True, cache=True)
def go_on(past: Floats, n_samples: int) -> Floats:
    """The next samples of every channel, foretold: (C, P) -> (C, n_samples)."""
    n_channels, n_past = past.shape
    out = np.empty((n_channels, n_samples), np.float32)
    lag, likeness = period(past[0].astype(np.float64))
    for c in range(n_channels):
        line, news = np.zeros(n_past + n_samples), np.zeros(n_past + n_samples)
        line[:n_past] = past[c]
        coefficients = burg(line[max(n_past - MOST_FOR_BURG, 0) : n_past], ORDER)
        for i in range(n_past - lag, n_past):
            news[i] = line[i] - predicted(line, coefficients, i)
        for i in range(n_past, n_past + n_samples):
            news[i] = likeness * news[i - lag]
            line[i] = predicted(line, coefficients, i) + news[i]
            out[c, i - n_past] = line[i]
    return out
