"""Denormals are zeros inside a kernel that says so, and only there."""

import numpy as np
from numba import njit

from ddsp_core.denormals import EXCHANGE, flush_denormals, restore_denormals

TINY = np.float32(1e-39)


@njit
def _doubled(values: np.ndarray, out: np.ndarray) -> None:
    for i in range(len(values)):
        out[i] = np.float32(2.0) * values[i]


@njit
def _doubled_without(values: np.ndarray, out: np.ndarray) -> None:
    before = flush_denormals()
    _doubled(values, out)
    restore_denormals(before)


def test_inside_they_are_zeros_and_afterwards_what_they_were() -> None:
    values, out = np.full(40, TINY), np.empty(40, np.float32)
    _doubled_without(values, out)
    assert EXCHANGE is None or not out.any()
    _doubled(values, out)
    np.testing.assert_array_equal(out, np.float32(2.0) * TINY)
