"""Gate: what is softer than a threshold is turned down.

The peak follower rises at once and falls within some milliseconds, so that the zeros of a low note
do not close the gate. The way from shut to open is a smoothstep of so many samples, without a
corner; a gate that turns back goes back on it. Channels share one gate.
"""

import math

from numba import njit

from ddsp_core.denormals import flush_denormals, restore_denormals
from realtime.controls import Control
from realtime.effects.effect import Channels
from realtime.effects.gains import gain_core
from realtime.effects.kind import Kind
from realtime.effects.own import maker
from realtime.effects.ramps import Curves

PARAMETERS = (
    Control("threshold_db", -90, 0, -50, "dB", 0.05, "peaks above it open the gate"),
    Control("hysteresis_db", 0, 24, 6, "dB", 0.05, "it closes so far below the threshold"),
    Control("attack_s", 0.0005, 0.1, 0.002, "s", 0, "from shut to open", curve="log"),
    Control("hold_s", 0, 2, 0.05, "s", 0, "it stays open so long"),
    Control("release_s", 0.005, 2, 0.15, "s", 0, "from open to shut", curve="log"),
    Control("range_db", -90, 0, -60, "dB", 0.05, "gain while it is shut"),
)
FALL_S = 0.01
"""Time constant of the follower: half a period of 50 Hz."""


@njit(nogil=True, cache=True)
def gate(
    block: Channels, curves: Curves, sample_rate: float, fall: float, memory: Curves, out: Channels
) -> None:
    """(C, T) -> (C, T); memory (4,): follower, 1 if open, samples left to hold, how far open."""
    denormals = flush_denormals()
    peak, is_open, held, place = memory[0], memory[1] > 0.5, memory[2], memory[3]
    opens = closes = floor = up = down = hold = 0.0
    for i in range(block.shape[1]):
        if i < curves.shape[1]:
            opens = 10.0 ** (curves[0, i] / 20.0)
            closes = 10.0 ** ((curves[0, i] - curves[1, i]) / 20.0)
            up, down = 1.0 / (curves[2, i] * sample_rate), 1.0 / (curves[4, i] * sample_rate)
            hold = curves[3, i] * sample_rate
            floor = 10.0 ** (curves[5, i] / 20.0)
        peak *= fall
        for c in range(len(block)):
            peak = max(peak, abs(block[c, i]))
        if peak >= opens or (is_open and peak >= closes):
            is_open, held = True, hold
        else:
            is_open = is_open and held > 0.0
            held -= 1.0
        place = min(place + up, 1.0) if is_open else max(place - down, 0.0)
        gain = floor + (1.0 - floor) * place * place * (3.0 - 2.0 * place)
        for c in range(len(block)):
            out[c, i] = gain * block[c, i]
    memory[0], memory[2], memory[3] = peak, held, place
    memory[1] = 1.0 if is_open else 0.0
    restore_denormals(denormals)


def _constants(sample_rate: int) -> tuple[float, ...]:
    return float(sample_rate), math.exp(-1.0 / (FALL_S * sample_rate))


GATE = Kind(
    "gate",
    "turns down what is softer than a threshold",
    PARAMETERS,
    maker(PARAMETERS, gain_core(gate, 4, _constants)),
)
