"""How a sound would have gone on: what is heard while a missing answer is faded out.

Linear prediction by Burg's method, as in the concealment of lost packets: the coefficients that
best foretell the last samples, forwards and backwards, foretell the next ones. Its filter is
always stable, so that what is foretold dies away. J. P. Burg, "Maximum entropy spectral analysis"
(1975); as a concealment: I. Kauppinen, K. Roth, "Audio signal extrapolation" (DAFx 2002).
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float32]

ORDER = 32


@njit(nogil=True, cache=True)
def burg(past: NDArray[np.float64], order: int) -> NDArray[np.float64]:
    """Coefficients a of x[n] = sum over k of a[k] x[n - 1 - k]: (order,)."""
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


@njit(nogil=True, cache=True)
def go_on(past: Floats, n_samples: int) -> Floats:
    """The next samples of every channel, foretold: (C, P) -> (C, n_samples)."""
    n_channels, n_past = past.shape
    out = np.empty((n_channels, n_samples), np.float32)
    for c in range(n_channels):
        line = np.empty(n_past + n_samples)
        line[:n_past] = past[c]
        coefficients = burg(line[:n_past], ORDER)
        for i in range(n_past, n_past + n_samples):
            total = 0.0
            for k in range(ORDER):
                total += coefficients[k] * line[i - 1 - k]
            line[i] = total
            out[c, i - n_past] = total
    return out
