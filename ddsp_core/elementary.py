"""Elementary functions of which a compiler can compute many at once.

A loop that calls the library's sine, exponential or logarithm calls it for one number at a time: 3
to 20 ns each, and a hop needs two thousand. What stands here is arithmetic without calls and
branches, so a loop over it is vectorised (0.4 ns a sigmoid); `error_model="numpy"`, because the
check for a division by zero is a branch, too. The bounds are those of the series; rounding adds.
"""

import math
from typing import Any

import numpy as np
from numba import njit

_SINE = [(-1) ** n * (2 * math.pi) ** (2 * n + 1) / math.factorial(2 * n + 1) for n in range(9)]
_S0, _S1, _S2, _S3, _S4, _S5, _S6, _S7, _S8 = _SINE

_POWER = [np.float32(math.log(2.0) ** n / math.factorial(n)) for n in range(8)]
_P0, _P1, _P2, _P3, _P4, _P5, _P6, _P7 = _POWER

_LOG = [np.float32(2.0 / math.log(2.0) / n) for n in (1, 3, 5, 7, 9)]
_L1, _L3, _L5, _L7, _L9 = _LOG

_LOG2_E = np.float32(1.0 / math.log(2.0))
_ONE, _HALF, _TWO = np.float32(1.0), np.float32(0.5), np.float32(2.0)
_LARGEST = np.float32(126.0)
_MANTISSA_BITS = np.int32(23)
_BIAS = np.int32(127)
_SQRT_HALF_BITS = np.int32(np.float32(math.sqrt(0.5)).view(np.int32))


@njit(nogil=True, cache=True, inline="always", fastmath={"contract"})
def cosine(cycles: float) -> Any:
    """cos(2 pi cycles) in double precision, to 5e-14.

    With q the distance of p cycles from the nearest whole one,

        cos(2 pi p) = cos(2 pi q) = sin(2 pi (1/4 - |q|)),

    whose argument lies within a quarter cycle: nine terms of Taylor's series are exact to
    (pi/2)^19 / 19!.
    """
    x = 0.25 - abs(cycles - np.floor(cycles + 0.5))
    s = x * x
    high = _S4 + s * (_S5 + s * (_S6 + s * (_S7 + s * _S8)))
    return x * (_S0 + s * (_S1 + s * (_S2 + s * (_S3 + s * high))))


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def power_of_two(x: np.float32) -> Any:
    """2^x in single precision, x clipped to -126...126.

    A series for the fraction, -1/2...1/2, to 5e-9, times the whole power, whose bits are written
    down.
    """
    t = min(max(x, -_LARGEST), _LARGEST)
    whole = np.float32(np.floor(t + _HALF))
    f = t - whole
    high = _P4 + f * (_P5 + f * (_P6 + f * _P7))
    fraction = _P0 + f * (_P1 + f * (_P2 + f * (_P3 + f * high)))
    return fraction * np.int32((np.int32(whole) + _BIAS) << _MANTISSA_BITS).view(np.float32)


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def log2(x: np.float32) -> Any:
    """log2 of a normal positive number in single precision.

    Its exponent is read off its bits; for the rest m, between the roots of 1/2 and 2,
    ln m = 2 atanh((m - 1) / (m + 1)) is summed, to 1e-9.
    """
    bits = np.float32(x).view(np.int32)
    exponent = np.int32(bits - _SQRT_HALF_BITS) >> _MANTISSA_BITS
    m = np.int32(bits - (exponent << _MANTISSA_BITS)).view(np.float32)
    z = (m - _ONE) / (m + _ONE)
    s = z * z
    return np.float32(exponent) + z * (_L1 + s * (_L3 + s * (_L5 + s * (_L7 + s * _L9))))


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def sigmoid(x: np.float32) -> Any:
    """1 / (1 + exp(-x)) in single precision."""
    return _ONE / (_ONE + power_of_two(-x * _LOG2_E))


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def tanh(x: np.float32) -> Any:
    """The hyperbolic tangent in single precision, to 1e-7 of 1."""
    return _TWO * sigmoid(_TWO * x) - _ONE
