"""Room: convolution with any impulse response, without added latency.

The first 128 samples of the response are convolved one by one as they come; the rest sounds a hop
of 128 later at the earliest, so it can wait until the hop is whole, and is the learned rooms'
partitioned convolution (`ddsp_core/live_room.py`). The second channel's hops end half a hop after
the first one's: small blocks then carry one channel's work in turn.

Source: W. G. Gardner (1995), "Efficient Convolution without Input-Output Delay", J. Audio Eng. Soc.
43 (3).
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.bound import Bound
from ddsp_core.denormals import flush_denormals, restore_denormals
from ddsp_core.errors import ControlError, PresetError
from ddsp_core.live_room import RoomStep, RoomStepState, RoomTables, reverberate
from realtime.controls import Control
from realtime.effects.effect import Channels
from realtime.effects.impulse_response import LONGEST_S, check_file, read_response
from realtime.effects.kind import Kind, Option
from realtime.effects.own import maker
from realtime.effects.ramps import Curves

Array = NDArray[np.float32]

PARAMETERS = (Control("mix", 0, 1, 0.25, "", 0.05, "0: dry, 1: room alone, as loud as dry noise"),)
LENGTH = Control("length_s", 0.05, LONGEST_S, LONGEST_S, "s", 0, "the response is cut to this")
HOP_SIZE = 128
KEPT_RESPONSES = 4


class Near(NamedTuple):
    """The hop that is being collected, of one channel."""

    heard: Array  # (2 H,): the hop before, and this one as far as it has come
    due: Array  # (H,): what the partitions add to this one
    place: NDArray[np.int64]  # (1,): how far it has come


@njit(nogil=True, cache=True, fastmath=True)
def _direct(head: Array, heard: Array, end: int) -> float:
    """The newest len(head) samples up to `end`, against the response's beginning, reversed."""
    past = heard[end - len(head) : end]
    total = np.float32(0.0)
    for k in range(len(head)):
        total += head[k] * past[k]
    return float(total)


@njit(nogil=True, cache=True)
def convolve(
    sound: Array, curves: Curves, head: Array, tables: RoomTables, state: RoomStepState,
    near: Near, out: Array,
) -> None:  # fmt: skip
    """One channel: out (T,) = sound and its reverberation, mixed; any T."""
    denormals = flush_denormals()
    hop_size, place, mix = len(head), near.place[0], 0.0
    for i in range(len(sound)):
        if i < curves.shape[1]:
            mix = curves[0, i]
        near.heard[hop_size + place] = sound[i]
        wet = near.due[place] + _direct(head, near.heard, hop_size + place + 1)
        out[i] = (1.0 - mix) * sound[i] + mix * wet
        place += 1
        if place == hop_size:
            reverberate(tables, state, near.heard[hop_size:], near.due)
            near.heard[:hop_size] = near.heard[hop_size:]
            place = 0
    near.place[0] = place
    restore_denormals(denormals)


class Prepared(NamedTuple):
    """A response of one channel, ready to be convolved with; nobody writes to it."""

    head: Array  # (H,), reversed
    step: RoomStep


def _prepared(response: Array) -> Prepared:
    padded = np.zeros(max(len(response), HOP_SIZE + 1), np.float32)
    padded[: len(response)] = response
    return Prepared(padded[:HOP_SIZE][::-1].copy(), RoomStep(padded[HOP_SIZE:], HOP_SIZE))


@lru_cache(maxsize=KEPT_RESPONSES)
def _response(
    path: str, _changed_ns: int, sample_rate: int, length_s: float
) -> tuple[float, tuple[Prepared, ...]]:
    """Of a file: its length in seconds, and its channels.

    It is kept for a row of effects that is made anew while another one plays.
    """
    response = read_response(path, sample_rate, length_s)
    return response.shape[1] / sample_rate, tuple(_prepared(side) for side in response)


class Side:
    """One channel's convolution.

    Args:
        prepared: response of this channel.
        first_place: where its first hop begins, 0 to 127.
    """

    def __init__(self, prepared: Prepared, first_place: int) -> None:
        self._head = prepared.head
        self._tables, self._state = prepared.step.tables, prepared.step.start()
        self._first_place = first_place
        self._near = Near(
            np.zeros(2 * HOP_SIZE, np.float32),
            np.zeros(HOP_SIZE, np.float32),
            np.zeros(1, np.int64),
        )
        self._kernel = Bound(convolve)
        self.reset()

    def play(self, sound: Array, curves: Curves, out: Array) -> None:
        """(T,) -> (T,)."""
        self._kernel(sound, curves, self._head, self._tables, self._state, self._near, out)

    def reset(self) -> None:
        """Silence; the long spectra, megabytes of them, are not read before they are made anew."""
        for array in (*self._state, *self._near):
            if array is not self._state.long_spectra:
                array[:] = 0
        self._near.place[0] = self._first_place


class Room:
    """See `own.Core`. A stereo response gives two channels, as does a stereo sound."""

    def __init__(self, sample_rate: int, n_inputs: int, options: Mapping[str, Any]) -> None:
        length_s = float(options.get("length_s", LONGEST_S))
        path = str(options["file"])
        self._length_s, response = _response(path, _changed_ns(path), sample_rate, length_s)
        self.n_outputs = max(n_inputs, len(response))
        firsts = (0, HOP_SIZE // 2)
        self._sides = [
            Side(response[min(c, len(response) - 1)], firsts[c]) for c in range(self.n_outputs)
        ]

    def play(self, block: Channels, curves: Curves, out: Channels) -> None:
        """See `Core.play`."""
        for c, side in enumerate(self._sides):
            side.play(block[min(c, len(block) - 1)], curves, out[c])

    def reset(self) -> None:
        """Silence."""
        for side in self._sides:
            side.reset()

    def tail_s(self, values: Mapping[str, float], bpm: float) -> float:
        """As long as the response."""
        return self._length_s


def _changed_ns(path: str) -> int:
    """When the file was; 0 if there is none, which whoever reads it will say."""
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return 0


def _length(value: object, where: str, _folder: Path) -> float:
    try:
        return LENGTH.check(value, where)
    except ControlError as error:
        raise PresetError(str(error), "", "") from None


ROOM = Kind(
    "room",
    "the room of an impulse response",
    PARAMETERS,
    maker(PARAMETERS, Room, is_expensive=True),
    (
        Option("file", "the path of an impulse response, mono or stereo", check_file, True),
        Option("length_s", LENGTH.doc, _length),
    ),
)
