"""Samples as they lie in a file: integers of 16 or 24 bits, or floats of 32, little-endian.

What is no number becomes silence and what is louder than full scale is clipped, but in floats,
which have room for it.
"""

import numpy as np
from numpy.typing import NDArray

FULL_SCALE = 2**23


def to_bytes(samples: NDArray[np.float32], bits: int) -> bytes:
    """As a WAV file has them. Shape: (T,) or (T, C), channels of a sample side by side.

    >>> to_bytes(np.array([0.0, 2.0**-23, -1.0, 2.0], np.float32), 24).hex(" ", 3)
    '000000 010000 000080 ffff7f'
    """
    if bits == 32:
        return np.nan_to_num(samples, nan=0.0).astype("<f4").tobytes()
    whole = to_integers(samples, bits)
    if bits == 16:
        return whole.astype("<i2").tobytes()
    return bytes(whole.astype("<i4").reshape(-1).view(np.uint8).reshape(-1, 4)[:, :3].tobytes())


def to_integers(samples: NDArray[np.float32], bits: int) -> NDArray[np.int32]:
    """Rounded to that many bits, 16 or 24; the same shape."""
    full_scale = 2.0 ** (bits - 1)
    clipped = np.nan_to_num(np.clip(samples, -1.0, 1.0 - 1.0 / full_scale), nan=0.0)
    # Exact before it is rounded: a float32 holds every integer up to 2^24.
    whole: NDArray[np.int32] = np.rint(clipped * np.float32(full_scale)).astype(np.int32)
    return whole
