"""Cutting a stream of samples into whole hops."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class FramingState(NamedTuple):
    """Samples that do not fill a hop yet. Shape: (0 ... hop_size - 1,)."""

    remainder: NDArray[np.float32]


class Framing:
    """Collects samples into hops, without overlap; analysis windows carry their own tails.

    Args:
        hop_size: samples a hop, at least 1.

    Shape:
        samples (T,) -> hops (N, hop_size), N being the number of hops completed.
    """

    def __init__(self, hop_size: int) -> None:
        self.hop_size = hop_size

    def forward(
        self, samples: NDArray[np.float32], state: FramingState | None = None
    ) -> tuple[NDArray[np.float32], FramingState]:
        """Hops completed by `samples`, and what is left over."""
        if state is not None and len(state.remainder):
            samples = np.concatenate((state.remainder, samples))
        whole = len(samples) // self.hop_size * self.hop_size
        hops = samples[:whole].reshape(-1, self.hop_size)
        return hops, FramingState(samples[whole:].copy())
