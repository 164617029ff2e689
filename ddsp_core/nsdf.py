"""Normalised square difference: how like itself a sound is, one lag ago; and that curve's peaks.

After McLeod & Wyvill, "A smarter way to find pitch" (ICMC 2005), with a window that grows with the
lag: a high note is judged by a few milliseconds, a low one by as many as it needs. Every dot
product runs over two slices; indices that may be negative would keep the compiler from vectorising
(66 instead of 6 us a frame).
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

N_CANDIDATES = 8

# Not `True`: that would let the compiler assume that NaN and infinity never come in.
_FAST = {"reassoc", "contract", "arcp", "nsz"}
_LOUDEST = 1e3  # samples are clipped here (+60 dBFS), so that squares stay finite


class Lags(NamedTuple):
    """Which lags are searched, in analysis samples, and how long a window each one sees."""

    first: int
    last: int
    window_periods: float
    shortest_window: int
    floor_power: float  # power that halves the NSDF of a signal as quiet as this


@njit(nogil=True, cache=True, fastmath=_FAST)  # type: ignore[untyped-decorator]
def decimate(
    audio: Floats, taps: Floats, step: int, offset: int, blocker: Doubles, pole: float, out: Floats
) -> int:
    """Low-passes, keeps every `step`-th sample, removes what lies below the voice.

    Args:
        audio: tail of len(taps) - 1 earlier samples, then the new ones.
        offset: index among the new samples of the first one that is kept.
        blocker: last input and last output of the DC blocker; updated.
        out: the kept samples are written here.

    Returns:
        How many samples were written.
    """
    n_taps = len(taps)
    n_out = 0
    for start in range(offset, len(audio) - n_taps + 1, step):
        section = audio[start : start + n_taps]
        total = np.float32(0.0)
        for j in range(n_taps):
            total += taps[j] * section[j]
        blocker[1] = total - blocker[0] + pole * blocker[1]
        blocker[0] = total
        out[n_out] = blocker[1]
        n_out += 1
    return n_out


@njit(nogil=True, cache=True, fastmath=_FAST)  # type: ignore[untyped-decorator]
def nsdf(past: Floats, lags: Lags, energy: Doubles, out: Floats) -> None:
    """Normalised square difference of the newest window with the same window `lag` earlier.

    Args:
        past: the newest analysis samples, the last one being "now".
        energy: scratch of len(past) + 1, receives running sums of squares.
        out: receives NSDF at lag `lags.first + i`, -1..1, 1 for a periodic signal.
    """
    end = len(past)
    energy[0] = 0.0
    for i in range(end):
        energy[i + 1] = energy[i] + past[i] * past[i]
    for i in range(lags.last - lags.first + 1):
        lag = lags.first + i
        width = max(lags.shortest_window, int(lags.window_periods * lag))
        new = past[end - width : end]
        old = past[end - width - lag : end - lag]
        product = np.float32(0.0)
        for j in range(width):
            product += new[j] * old[j]
        power = energy[end] - energy[end - width] + energy[end - lag] - energy[end - width - lag]
        out[i] = 2.0 * product / (power + 2.0 * width * lags.floor_power)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def find_candidates(
    curve: Floats,
    first_lag: int,
    octave_cost: float,
    least_clarity: float,
    lag_of: Doubles,
    clarity_of: Doubles,
) -> int:
    """The strongest peaks of an NSDF, a preference for short lags counted in.

    Args:
        octave_cost: by how much a peak an octave lower must be higher to be as strong.
        least_clarity: lower peaks are left out.
        lag_of, clarity_of: receive lag (analysis samples, interpolated) and NSDF, (N_CANDIDATES,).

    Returns:
        How many were found.
    """
    strengths = np.full(N_CANDIDATES, -math.inf)
    n_found = 0
    for i in range(1, len(curve) - 1):
        left, here, right = curve[i - 1], curve[i], curve[i + 1]
        if here < least_clarity or here < left or here <= right:
            continue
        # Vertex of the parabola through the three points.
        shift = 0.5 * (left - right) / (left - 2.0 * here + right)
        clarity = here - 0.25 * (left - right) * shift
        lag = first_lag + i + shift
        strength = clarity - octave_cost * math.log2(lag)
        place = n_found if n_found < N_CANDIDATES else np.argmin(strengths)
        if strength > strengths[place]:
            strengths[place], lag_of[place], clarity_of[place] = strength, lag, clarity
            n_found = min(n_found + 1, N_CANDIDATES)
    return n_found


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def refined_lag(curve: Floats, first_lag: int, lag: float, longest: float) -> float:
    """A lag measured over as many whole periods as fit into `longest` lags.

    The parabola's error is the same part of a sample at every peak; k periods divide it by k.
    """
    n_periods = 1
    while 2 * n_periods * lag <= longest:
        n_periods *= 2
        i = round(n_periods * lag) - first_lag
        if i < 2 or i > len(curve) - 3:
            break
        if curve[i - 1] > curve[i]:
            i -= 1
        elif curve[i + 1] > curve[i]:
            i += 1
        left, here, right = curve[i - 1], curve[i], curve[i + 1]
        if here < left or here <= right:
            break
        lag = (first_lag + i + 0.5 * (left - right) / (left - 2.0 * here + right)) / n_periods
    return lag


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def copy_clipped(source: Floats, out: Floats) -> None:
    """Copies samples, those that are no number as zeros, the huge ones clipped."""
    for i in range(len(source)):
        value = source[i]
        if value != value:  # NaN
            value = np.float32(0.0)
        out[i] = min(max(value, -_LOUDEST), _LOUDEST)
