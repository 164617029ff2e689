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
_SILENT = 1e-30  # below it is nothing; the blocker would fade into denormals and stay there
_LOUDEST = 1e3  # samples are clipped here (+60 dBFS), so that squares stay finite


class Lags(NamedTuple):
    """Which lags are searched, in analysis samples, and how long a window each one sees."""

    first: int  # of the curve; well before the shortest one, to see the first lobe end
    last: int
    shortest: float  # that a pitch may have
    window_periods: float
    shortest_window: int
    floor_power: float  # power that halves the NSDF of a signal as quiet as this


class Costs(NamedTuple):
    """What steers the path, in units of NSDF (0..1) per frame of the reference length."""

    per_log_residue: float  # merit of a candidate that leaves less noise by a factor e
    least_residue: float  # what no sound falls below
    per_octave_of_lag: float  # preference for short lags
    per_octave_leap: float
    longest_leap: float  # no leap costs more than this
    voicing_change: float
    unvoiced_clarity: float  # NSDF at which voiced and unvoiced are equally likely
    least_candidate: float
    octave_doubt: float  # lead over the same path an octave away that is no lead at all
    evidence: float  # weight of a frame: its length over the reference length


@njit(nogil=True, cache=True, fastmath=_FAST)
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
        blocked = total - blocker[0] + pole * blocker[1]
        blocker[1] = blocked if abs(blocked) > _SILENT else 0.0
        blocker[0] = total
        out[n_out] = blocker[1]
        n_out += 1
    return n_out


@njit(nogil=True, cache=True, fastmath=_FAST)
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


@njit(nogil=True, cache=True)
def merit(clarity: float, lag: float, costs: Costs) -> float:
    """How good a candidate is: what noise it leaves over, and how short its lag is."""
    residue = max(1.0 - clarity, 0.0) + costs.least_residue
    return -costs.per_log_residue * math.log(residue) - costs.per_octave_of_lag * math.log2(lag)


@njit(nogil=True, cache=True)
def find_candidates(
    curve: Floats, lags: Lags, costs: Costs, lag_of: Doubles, clarity_of: Doubles, merit_of: Doubles
) -> int:
    """The strongest peaks of an NSDF, a preference for short lags counted in.

    A periodic sound has a peak at every multiple of its period, and one with a strong second
    harmonic at half of it, too. What tells them apart is how much *noise* is left over: 1 % against
    12 % is a different matter from 10 % against 20 %, which a hall's echo of the last note can
    make. Hence the logarithm.

    Args:
        lag_of, clarity_of, merit_of: receive lag (analysis samples, interpolated), NSDF and rank,
            (N_CANDIDATES,).

    Returns:
        How many were found.
    """
    merit_of[:] = -math.inf
    n_found = 0
    in_first_lobe = True  # around lag 0 anything is like itself: ripples there are no peaks
    for i in range(1, len(curve) - 1):
        left, here, right = curve[i - 1], curve[i], curve[i + 1]
        in_first_lobe = in_first_lobe and left > 0.0
        if in_first_lobe or here < costs.least_candidate or here < left or here <= right:
            continue
        # Vertex of the parabola through the three points.
        shift = 0.5 * (left - right) / (left - 2.0 * here + right)
        clarity = here - 0.25 * (left - right) * shift
        lag = lags.first + i + shift
        if lag < lags.shortest:
            continue
        rank = merit(clarity, lag, costs)
        place = n_found if n_found < N_CANDIDATES else np.argmin(merit_of)
        if rank > merit_of[place]:
            merit_of[place], lag_of[place], clarity_of[place] = rank, lag, clarity
            n_found = min(n_found + 1, N_CANDIDATES)
    return n_found


@njit(nogil=True, cache=True)
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


@njit(nogil=True, cache=True)
def copy_clipped(source: Floats, out: Floats) -> None:
    """Copies samples, those that are no number as zeros, the huge ones clipped."""
    for i in range(len(source)):
        value = source[i]
        if value != value:  # NaN
            value = np.float32(0.0)
        out[i] = min(max(value, -_LOUDEST), _LOUDEST)
