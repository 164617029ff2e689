"""Delay: echoes, by the clock or by the tempo.

A change of time moves no tape: the old place fades into the new one within 50 ms, and only then
into the next. In the loop highs are lost, so that later echoes are darker. With `ping_pong` both
sides' sum goes left, right, left; otherwise each channel has echoes of its own.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

from ddsp_core.bound import Bound
from ddsp_core.denormals import flush_denormals, restore_denormals
from ddsp_core.errors import PresetError
from realtime.controls import Control
from realtime.effects.effect import Channels
from realtime.effects.kind import Kind, Option
from realtime.effects.own import maker
from realtime.effects.ramps import Curves

PARAMETERS = (
    Control("time_s", 0.01, 2, 0.35, "s", 0, "from echo to echo, unless beats say", curve="log"),
    Control("beats", 0, 4, 0, "beats", 0, "from echo to echo in the tempo; 0: time_s"),
    Control("feedback", 0, 0.95, 0.35, "", 0.05, "each echo's gain over the one before"),
    Control("damping_hz", 500, 20_000, 6000, "Hz", 0.05, "highs lost in the loop", curve="log"),
    Control("mix", 0, 1, 0.25, "", 0.05, "0: dry, 1: echoes alone"),
)
CROSSFADE_S = 0.05
LONGEST_S = 4.0
"""A tempo so slow that the beats take longer: half of them, or half of that."""
CLOSE_ENOUGH = 0.005
"""A clock's tempo is never quite still; echoes that followed it all the time would be a flanger."""


@njit(nogil=True, cache=True)
def echo_time_s(time_s: float, beats: float, bpm: float) -> float:
    """From echo to echo."""
    if beats <= 0.0:
        return time_s
    seconds = beats * 60.0 / bpm
    while seconds > LONGEST_S:
        seconds *= 0.5
    return seconds


@njit(nogil=True, cache=True)
def _tap(line: Channels, c: int, position: int, delay: int) -> float:
    """What was written so long ago; silence before the beginning."""
    if delay > position:
        return 0.0
    return float(line[c, (position - delay) & (line.shape[1] - 1)])


@njit(nogil=True, cache=True)
def _aim(wanted: int, slack: float, fading: float, taps: Curves) -> None:
    """A fade to another place begins, unless one is under way. taps (3,): from, to, how far."""
    if taps[2] >= 1.0:
        taps[0] = taps[1]
        if abs(wanted - taps[1]) > slack * taps[1]:
            taps[1], taps[2] = wanted, 0.0
    if taps[2] < 1.0:
        taps[2] = min(taps[2] + fading, 1.0)


@njit(nogil=True, cache=True)
def _echo(line: Channels, c: int, position: int, taps: Curves) -> float:
    """What comes out of a line."""
    new, far = _tap(line, c, position, int(taps[1])), float(taps[2])
    if far >= 1.0:
        return new
    old = _tap(line, c, position, int(taps[0]))
    return old + far * far * (3.0 - 2.0 * far) * (new - old)


@njit(nogil=True, cache=True)
def delay(
    block: Channels, curves: Curves, sample_rate: float, crosses: bool, line: Channels,
    taps: Curves, memory: Curves, out: Channels,
) -> None:  # fmt: skip
    """(C, T) -> (N, T); line (N, size); memory (1 + N,): samples so far, the low-passes."""
    denormals = flush_denormals()
    n_outputs, n_inputs = len(out), len(block)
    position = int(memory[0])
    fading = 1.0 / (CROSSFADE_S * sample_rate)
    wanted, slack, feedback, keep, mix = 0, 0.0, 0.0, 0.0, 0.0
    echoes = np.empty(n_outputs)
    for i in range(block.shape[1]):
        if i < curves.shape[1]:
            seconds = echo_time_s(curves[0, i], curves[1, i], curves[5, i])
            wanted = max(round(seconds * sample_rate), 1)
            slack = CLOSE_ENOUGH if curves[1, i] > 0.0 else 0.0
            feedback, mix = curves[2, i], curves[4, i]
            keep = math.exp(-2.0 * math.pi * curves[3, i] / sample_rate)
        if position == 0:  # nothing has been heard that a fade could start from
            taps[0], taps[1], taps[2] = wanted, wanted, 1.0
        _aim(wanted, slack, fading, taps)
        for c in range(n_outputs):
            echoes[c] = _echo(line, c, position, taps)
            memory[1 + c] = echoes[c] + keep * (memory[1 + c] - echoes[c])
        for c in range(n_outputs):
            dry = block[min(c, n_inputs - 1), i]
            goes_in = dry
            if crosses:
                goes_in = (
                    0.5 * (block[0, i] + block[n_inputs - 1, i]) if c == 0 else np.float32(0.0)
                )
            back = memory[1 + (1 - c if crosses else c)]
            line[c, position & (line.shape[1] - 1)] = goes_in + feedback * back
            out[c, i] = (1.0 - mix) * dry + mix * echoes[c]
        position += 1
    memory[0] = position
    restore_denormals(denormals)


class Delay:
    """See `own.Core`."""

    def __init__(self, sample_rate: int, n_inputs: int, options: Mapping[str, Any]) -> None:
        self._crosses = bool(options.get("ping_pong", False))
        self.n_outputs = 2 if self._crosses else n_inputs
        self._rate = float(sample_rate)
        size = 1 << math.ceil(LONGEST_S * sample_rate).bit_length()
        self._line = np.zeros((self.n_outputs, size), np.float32)
        self._taps = np.array([1.0, 1.0, 1.0])
        self._memory = np.zeros(1 + self.n_outputs)
        self._kernel = Bound(delay)

    def play(self, block: Channels, curves: Curves, out: Channels) -> None:
        """See `Core.play`."""
        self._kernel(
            block, curves, self._rate, self._crosses, self._line, self._taps, self._memory, out
        )

    def reset(self) -> None:
        """Counts samples anew: what was written before is then not read, and need not be erased."""
        self._memory[:] = 0.0

    def tail_s(self, values: Mapping[str, float], bpm: float) -> float:
        """Echoes down to -80 dB."""
        n_echoes = 1.0
        if values["feedback"] > 0.0:
            n_echoes += math.ceil(math.log(1e-4) / math.log(values["feedback"]))
        return n_echoes * float(echo_time_s(values["time_s"], values["beats"], bpm))


def _yes_or_no(value: object, where: str, _folder: Path) -> bool:
    if isinstance(value, bool):
        return value
    raise PresetError(where, f"{value!r:.60}", "true or false")


DELAY = Kind(
    "delay",
    "echoes, by the clock or in the tempo",
    PARAMETERS,
    maker(PARAMETERS, Delay),
    (
        Option(
            "ping_pong",
            "true: echoes left and right in turn; false: where they came from",
            _yes_or_no,
        ),
    ),
)
