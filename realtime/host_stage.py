"""What sounds in a host, hop by hop."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from realtime.host_wanted import Wanted
from realtime.slot import Slot

Audio = NDArray[np.float32]


class Stage:
    """Plays the preset that is wanted.

    Args:
        slots: of the set.
        wanted: how everything stands at the beginning.
        n_outputs: channels that come out: 1 or 2.
    """

    def __init__(self, slots: Sequence[Slot], wanted: Wanted, n_outputs: int) -> None:
        self._slots = slots
        self._now = slots[wanted.number]
        self._n_outputs = n_outputs
        self.n_bad = 0
        self.latency_samples = slots[0].parts[0].engine.latency_samples

    def reset(self) -> None:
        """Everything silent, as at the beginning."""
        for part in self._now.parts:
            part.engine.reset()
        for chain in self._now.chains:
            chain.reset()

    def turn(self, before: Wanted, now: Wanted) -> None:
        """Does what is wanted (audio thread)."""
        self._now = self._slots[now.number]
        for part, aim in zip(self._now.parts, now.aims, strict=True):
            part.engine.turn_to(aim)
        for name, value in now.effects.items():
            if before.effects.get(name) != value:
                self._now.chain_of(name).set(name, value)
        for name in before.effects_out ^ now.effects_out:
            self._now.chain_of(name).bypass(name, name in now.effects_out)

    def play(self, hops: Audio) -> tuple[Audio, Audio]:
        """The output of these hops, (N H,) or (N H, 2), and their readings (N, 3)."""
        sung = hops.reshape(-1)
        readings = np.zeros((len(hops), 3), np.float32)
        if self._now.input_chain is not None:
            sung = self._now.input_chain.process(sung[np.newaxis])[0]
        out = sum(part.engine.process(sung) for part in self._now.parts)
        channels = np.asarray(out, np.float32)[np.newaxis]
        if self._now.output_chain is not None:
            channels = self._now.output_chain.process(channels)
        if self._n_outputs == 1:
            return channels[0], readings
        return np.ascontiguousarray(np.broadcast_to(channels.T, (channels.shape[1], 2))), readings
