"""Elementary functions against the library's, in double precision."""

import numpy as np
import pytest
from numba import njit

from ddsp_core.elementary import cosine, log2, power_of_two, sigmoid, tanh

LINE = np.linspace(-30.0, 30.0, 20_001).astype(np.float32)


@njit
def _each(x: np.ndarray, out: np.ndarray) -> None:
    for i in range(len(x)):
        out[0, i] = power_of_two(x[i])
        out[1, i] = log2(power_of_two(x[i]))
        out[2, i] = sigmoid(x[i])
        out[3, i] = tanh(x[i])


@pytest.fixture(scope="module")
def found() -> np.ndarray:
    out = np.empty((4, len(LINE)), np.float32)
    _each(LINE, out)
    return out.astype(float)


def test_powers_and_logarithms(found: np.ndarray) -> None:
    exact = 2.0 ** LINE.astype(float)
    np.testing.assert_allclose(found[0] / exact, 1.0, atol=3e-7)
    np.testing.assert_allclose(found[1], LINE, atol=4e-6)


def test_bends(found: np.ndarray) -> None:
    exact = LINE.astype(float)
    np.testing.assert_allclose(found[2] * (1.0 + np.exp(-exact)), 1.0, atol=3e-6)
    np.testing.assert_allclose(found[3], np.tanh(exact), atol=3e-7)


def test_what_would_leave_the_numbers_stays_at_their_end() -> None:
    ends = np.float32([-1e30, -300.0, 300.0, 1e30])
    out = np.empty((4, 4), np.float32)
    _each(ends, out)
    np.testing.assert_allclose(out[2], [0.0, 0.0, 1.0, 1.0], atol=3e-7)
    np.testing.assert_allclose(out[3], [-1.0, -1.0, 1.0, 1.0], atol=3e-7)
    assert np.isfinite(out).all()


def test_cosine() -> None:
    cycles = np.linspace(-3.0, 3.0, 1001)
    found = [cosine.py_func(at) for at in cycles]
    np.testing.assert_allclose(found, np.cos(2 * np.pi * cycles), atol=1e-13)
