"""Matrix times vector: what most of a live step's time goes into, waiting for memory.

A step touches every weight once, and between two steps other programs have had the caches. So what
counts is how many bytes the weights are. They may be kept as whole numbers, a row's largest being
127, with a factor a row; the sums are in float32 all the same.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float32]

Storage = Literal["float32", "int8"]
STORAGES: tuple[Storage, ...] = get_args(Storage)

WORTH_ROUNDING_UNITS = 512
"""A smaller voice's weights, 2 MB at 256 units, stay near the processor as they are; so it plays
what was trained to the last bit but rounding."""

LINE_BYTES = 64
"""Of a processor's cache: every array begins with one."""


class Matrix(NamedTuple):
    """Row i is scales[i] * values[i]. Shape: (M, N) of any `Storage`, (M,)."""

    values: NDArray[Any]
    scales: Array


def usual_storage(n_units: int) -> Storage:
    """How a voice of so many units plays."""
    return "int8" if n_units >= WORTH_ROUNDING_UNITS else "float32"


def stored(matrix: NDArray[np.floating], storage: Storage) -> Matrix:
    """A matrix kept that way.

    >>> stored(np.float32([[1.0, -0.5], [0.0, 0.0]]), "int8").values.tolist()
    [[127, -64], [0, 0]]
    """
    if storage == "float32":
        return Matrix(matrix.astype(np.float32), np.ones(len(matrix), np.float32))
    kind = np.dtype(storage)
    scales = np.abs(matrix).max(axis=1) / np.iinfo(kind).max
    values = np.round(matrix / np.maximum(scales, np.finfo(np.float32).tiny)[:, None])
    return Matrix(values.astype(kind), scales.astype(np.float32))


@njit(nogil=True, cache=True, fastmath=True)
def add_product(matrix: Matrix, x: Array, out: Array) -> None:
    """out (M,) += matrix (M, N) @ x (N,)."""
    for i in range(len(out)):
        row = matrix.values[i]
        total = np.float32(0.0)
        for j in range(len(x)):
            total += np.float32(row[j]) * x[j]
        out[i] += matrix.scales[i] * total


def packed(arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """The same arrays, one behind the other in one block of memory, in the order of their use.

    A large block gets large pages, over whose ends the processor reads ahead.
    """
    sizes = [-(-array.nbytes // LINE_BYTES) * LINE_BYTES for array in arrays]
    block = np.zeros(sum(sizes) + LINE_BYTES, np.uint8)
    start = -block.ctypes.data % LINE_BYTES
    views = []
    for array, size in zip(arrays, sizes, strict=True):
        view = block[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
        view[...] = array
        views.append(view)
        start += size
    return views
