"""Chorus: two voices a side, each a little late, whose lateness sways.

The two of a side sway against each other, so that one is sharp when the other is flat; the sides
are up to a quarter of a turn apart, which is what makes it wide.

Source: J. Dattorro (1997), "Effect Design, Part 2: Delay-Line Modulation and Chorus", J. Audio Eng.
Soc. 45 (10).
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import njit

from ddsp_core.bound import Bound
from ddsp_core.denormals import flush_denormals, restore_denormals
from realtime.controls import Control
from realtime.effects.effect import Channels
from realtime.effects.fractional import SHORTEST, Table, line_size, make_table, read, write
from realtime.effects.kind import Kind
from realtime.effects.own import maker
from realtime.effects.ramps import Curves

PARAMETERS = (
    Control("rate_hz", 0.05, 5, 0.6, "Hz", 0.1, "how fast it sways", curve="log"),
    Control("depth_s", 0, 0.008, 0.002, "s", 0.1, "how far from the middle"),
    Control("delay_s", 0.01, 0.03, 0.015, "s", 0.2, "the middle"),
    Control("width", 0, 1, 1, "", 0.05, "0: both sides alike, 1: far apart"),
    Control("mix", 0, 1, 0.35, "", 0.05, "0: dry, 1: chorus alone"),
)
LONGEST_S = 0.038
HALF_POWER = math.sqrt(0.5)
"""Two voices that are not in step: as loud together as one."""


@njit(nogil=True, cache=True)
def _sides(phase: float, width: float) -> tuple[float, float]:
    """Where the first voice of either side is on its way, -1 ... 1."""
    turn = 2.0 * math.pi
    return math.sin(turn * phase), math.sin(turn * (phase + 0.25 * width))


@njit(nogil=True, cache=True)
def chorus(
    block: Channels, curves: Curves, sample_rate: float, table: Table, lines: Channels,
    place: Curves, out: Channels,
) -> None:  # fmt: skip
    """(C, T) -> (2, T); lines (C, 2 N); place (2,): samples so far, phase in cycles."""
    denormals = flush_denormals()
    n_inputs = len(block)
    position, phase = int(place[0]), place[1]
    rate = depth = middle = width = mix = 0.0
    for i in range(block.shape[1]):
        if i < curves.shape[1]:
            rate = curves[0, i] / sample_rate
            depth, middle = curves[1, i] * sample_rate, curves[2, i] * sample_rate
            width, mix = curves[3, i], curves[4, i]
        for c in range(n_inputs):
            write(lines[c], position, block[c, i])
        left, right = _sides(phase, width)
        for side in range(2):
            c = min(side, n_inputs - 1)
            sway = depth * (right if side else left)
            late = read(lines[c], position, max(middle + sway, SHORTEST), table)
            early = read(lines[c], position, max(middle - sway, SHORTEST), table)
            out[side, i] = (1.0 - mix) * block[c, i] + mix * HALF_POWER * (late + early)
        position += 1
        phase += rate
        phase -= math.floor(phase)
    place[0], place[1] = position, phase
    restore_denormals(denormals)


class Chorus:
    """See `own.Core`."""

    n_outputs = 2

    def __init__(self, sample_rate: int, n_inputs: int, options: Mapping[str, Any]) -> None:
        self._rate = float(sample_rate)
        size = line_size(math.ceil(LONGEST_S * sample_rate) + 2 * SHORTEST)
        self._lines = np.zeros((n_inputs, 2 * size), np.float32)
        self._place = np.zeros(2)
        self._table = make_table()
        self._kernel = Bound(chorus)

    def play(self, block: Channels, curves: Curves, out: Channels) -> None:
        """See `Core.play`."""
        self._kernel(block, curves, self._rate, self._table, self._lines, self._place, out)

    def reset(self) -> None:
        """No past."""
        self._lines[:] = 0.0
        self._place[:] = 0.0

    def tail_s(self, values: Mapping[str, float], bpm: float) -> float:
        """The longest delay."""
        return values["delay_s"] + values["depth_s"] + 1e-3


CHORUS = Kind(
    "chorus", "several of one, and wide", PARAMETERS, maker(PARAMETERS, Chorus, is_expensive=True)
)
