"""The core of what turns the sound up and down by its loudness: gate, compressor, limiter."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ddsp_core.bound import Bound
from realtime.effects.effect import Channels
from realtime.effects.own import MakeCore
from realtime.effects.ramps import Curves


class GainCore:
    """One kernel and its memory, which is zeros at the beginning; see `own.Core`.

    Args:
        kernel: (block, curves, *constants, memory, out).
        constants: that it computes with.
        n_memory: numbers that it remembers.
        n_outputs: channels.
    """

    def __init__(
        self, kernel: Any, constants: tuple[float, ...], n_memory: int, n_outputs: int
    ) -> None:
        self.n_outputs = n_outputs
        self._kernel, self._constants = Bound(kernel), constants
        self._memory = np.zeros(n_memory)

    def play(self, block: Channels, curves: Curves, out: Channels) -> None:
        """See `Core.play`."""
        self._kernel(block, curves, *self._constants, self._memory, out)

    def go_on_from(self, other: "GainCore") -> None:
        """With the gain at which another one of its kind has arrived (audio thread)."""
        self._memory[:] = other._memory

    def reset(self) -> None:
        """As at the beginning."""
        self._memory[:] = 0.0

    def tail_s(self, values: Mapping[str, float], bpm: float) -> float:
        """None: silence times a gain is silence."""
        return 0.0


def gain_core(
    kernel: Any,
    n_memory: int,
    constants: Callable[[int], tuple[float, ...]] = lambda sample_rate: (float(sample_rate),),
) -> MakeCore:
    """What makes such a core.

    Args:
        constants: by the sample rate.
    """

    def make(sample_rate: int, n_inputs: int, _options: Mapping[str, Any]) -> GainCore:
        return GainCore(kernel, constants(sample_rate), n_memory, n_inputs)

    return make
