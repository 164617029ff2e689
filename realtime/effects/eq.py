"""Equalizer: a low shelf, two peaks, a high shelf.

Source: A. Simper (2013), "Linear Trapezoidal Integrated State Variable Filter", bell and shelves;
their responses are those of R. Bristow-Johnson's "Audio EQ Cookbook".
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.bound import Bound
from ddsp_core.denormals import flush_denormals, restore_denormals
from realtime.controls import Control
from realtime.effects.effect import Channels
from realtime.effects.kind import Kind
from realtime.effects.own import maker
from realtime.effects.ramps import Curves
from realtime.effects.svf import solved, tick, warped


def _hz(name: str, low: float, high: float, default: float, doc: str) -> Control:
    return Control(name, low, high, default, "Hz", 0.05, doc, curve="log")


def _db(name: str, doc: str) -> Control:
    return Control(name, -24, 24, 0, "dB", 0.05, doc)


def _q(name: str) -> Control:
    return Control(name, 0.1, 10, 0.7, "", 0.05, "how narrow: frequency over width", curve="log")


PARAMETERS = (
    _hz("low_hz", 20, 1000, 120, "middle of the slope of the low shelf"),
    _db("low_db", "gain far below it"),
    _hz("low_mid_hz", 50, 5000, 400, "centre of the lower peak"),
    _db("low_mid_db", "gain there"),
    _q("low_mid_q"),
    _hz("high_mid_hz", 200, 16_000, 2500, "centre of the upper peak"),
    _db("high_mid_db", "gain there"),
    _q("high_mid_q"),
    _hz("high_hz", 1000, 20_000, 6000, "middle of the slope of the high shelf"),
    _db("high_db", "gain far above it"),
)
SHELF_Q = math.sqrt(0.5)
"""The steepest shelf without a bump."""


@njit(nogil=True, cache=True)
def _shelf(hz: float, db: float, is_high: bool, sample_rate: float, band: Curves) -> None:
    """band (5,) = g, loop, and the shares of input, band pass and low pass in the output."""
    level = 10.0 ** (db / 40.0)
    k = 1.0 / SHELF_Q
    g = warped(hz, sample_rate)
    g = g * math.sqrt(level) if is_high else g / math.sqrt(level)
    band[0], band[1] = g, solved(g, k)
    if is_high:
        band[2], band[3], band[4] = level**2, k * (1.0 - level) * level, 1.0 - level**2
    else:
        band[2], band[3], band[4] = 1.0, k * (level - 1.0), level**2 - 1.0


@njit(nogil=True, cache=True)
def _peak(hz: float, db: float, q: float, sample_rate: float, band: Curves) -> None:
    """Likewise."""
    level = 10.0 ** (db / 40.0)
    k = 1.0 / (q * level)
    g = warped(hz, sample_rate)
    band[0], band[1] = g, solved(g, k)
    band[2], band[3], band[4] = 1.0, k * (level**2 - 1.0), 0.0


@njit(nogil=True, cache=True)
def _moved(curves: Curves, first: int, last: int, i: int) -> bool:
    """Whether one of the parameters first ... last is not where it was a sample ago."""
    if i == 0:
        return True
    for p in range(first, last + 1):  # noqa: SIM110 (numba compiles no `any` of a generator)
        if curves[p, i] != curves[p, i - 1]:
            return True
    return False


@njit(nogil=True, cache=True)
def _set_bands(curves: Curves, i: int, sample_rate: float, bands: Curves) -> None:
    if _moved(curves, 0, 1, i):
        _shelf(curves[0, i], curves[1, i], False, sample_rate, bands[0])
    if _moved(curves, 2, 4, i):
        _peak(curves[2, i], curves[3, i], curves[4, i], sample_rate, bands[1])
    if _moved(curves, 5, 7, i):
        _peak(curves[5, i], curves[6, i], curves[7, i], sample_rate, bands[2])
    if _moved(curves, 8, 9, i):
        _shelf(curves[8, i], curves[9, i], True, sample_rate, bands[3])


@njit(nogil=True, cache=True)
def equalize(
    block: Channels, curves: Curves, sample_rate: float, charges: Curves, out: Channels
) -> None:
    """(C, T) -> (C, T); charges (C, 4, 2)."""
    denormals = flush_denormals()
    bands = np.empty((4, 5))
    for i in range(block.shape[1]):
        if i < curves.shape[1]:
            _set_bands(curves, i, sample_rate, bands)
        for c in range(len(block)):
            sample = float(block[c, i])
            for b in range(4):
                band, low = tick(sample, bands[b, 0], bands[b, 1], charges[c, b])
                sample = bands[b, 2] * sample + bands[b, 3] * band + bands[b, 4] * low
            out[c, i] = sample
    restore_denormals(denormals)


class Equalizer:
    """See `own.Core`."""

    def __init__(self, sample_rate: int, n_inputs: int, options: Mapping[str, Any]) -> None:
        self.n_outputs = n_inputs
        self._rate = float(sample_rate)
        self._charges: NDArray[np.float64] = np.zeros((n_inputs, 4, 2))
        self._kernel = Bound(equalize)

    def play(self, block: Channels, curves: Curves, out: Channels) -> None:
        """See `Core.play`."""
        self._kernel(block, curves, self._rate, self._charges, out)

    def reset(self) -> None:
        """No charge."""
        self._charges[:] = 0.0

    def tail_s(self, values: Mapping[str, float], bpm: float) -> float:
        """The slowest band's: exp(-pi f t / Q) = 1e-4, where a gain makes a peak narrower."""
        widths_hz = [values["low_hz"] / (SHELF_Q * 10.0 ** (abs(values["low_db"]) / 80.0))]
        for name in ("low_mid", "high_mid"):
            q = values[f"{name}_q"] * 10.0 ** (max(values[f"{name}_db"], 0.0) / 40.0)
            widths_hz.append(values[f"{name}_hz"] / max(q, 0.5))
        return float(math.log(1e4) / (math.pi * min(widths_hz)))


EQ = Kind("eq", "a low shelf, two peaks and a high shelf", PARAMETERS, maker(PARAMETERS, Equalizer))
