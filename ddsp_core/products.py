"""Matrix times vector: what most of a live step's time goes into."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float32]


@njit(nogil=True, cache=True, fastmath=True)
def add_product(matrix: Array, x: Array, out: Array) -> None:
    """out (M,) += matrix (M, N) @ x (N,)."""
    for i in range(len(out)):
        row = matrix[i]
        total = np.float32(0.0)
        for j in range(len(x)):
            total += row[j] * x[j]
        out[i] += total


def packed(arrays: Sequence[NDArray[Any]]) -> list[Array]:
    """The same arrays as float32, one behind the other in one block of memory.

    A large block gets large pages, over whose ends the processor reads ahead: a step that touches
    all its weights every few milliseconds waits for memory more than it computes.
    """
    starts = np.cumsum([0] + [-(-array.size // 16) * 16 for array in arrays])
    block = np.zeros(starts[-1], np.float32)
    views = []
    for start, array in zip(starts, arrays, strict=False):
        view = block[start : start + array.size].reshape(array.shape)
        view[...] = array
        views.append(view)
    return views
