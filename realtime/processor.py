"""What a session asks of the player: the host, an engine, or one of them behind another rate."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]


class Processor(Protocol):
    """Blocks in, blocks of the same length out, a constant time later."""

    @property
    def sample_rate(self) -> int:
        """Of the blocks in and out, in Hz."""

    @property
    def latency_samples(self) -> int:
        """Constant delay from in to out."""

    def expect_blocks_of(self, block_size: int | None) -> None:
        """Starts afresh, with the least latency for blocks of this size (None: of any sizes)."""

    def process(self, block: Audio) -> Audio:
        """(T,) to (T,), or to (T, 2) in stereo, for any T."""
