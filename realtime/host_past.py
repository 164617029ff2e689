"""What the microphone heard lately, for whoever begins to listen only now."""

import numpy as np
from numpy.typing import NDArray

from realtime.meters import LastHop

Audio = NDArray[np.float32]


class Past:
    """The newest samples of a stream.

    Args:
        n_kept: how many, at least.
    """

    def __init__(self, n_kept: int) -> None:
        self._n_kept = n_kept
        self._buffer = np.zeros(4 * n_kept, np.float32)
        self._end = n_kept

    def push(self, samples: Audio) -> None:
        """Takes a copy of (T,)."""
        samples = samples[-self._n_kept :]
        if self._end + len(samples) > len(self._buffer):
            self._buffer[: self._n_kept] = self._buffer[self._end - self._n_kept : self._end]
            self._end = self._n_kept
        self._buffer[self._end : self._end + len(samples)] = samples
        self._end += len(samples)

    def last(self, n_samples: int, delay: int = 0) -> Audio:
        """The samples that end `delay` before the newest one; a view. Shape: (n_samples,)."""
        end = self._end - delay
        return self._buffer[end - n_samples : end]

    def reset(self) -> None:
        """Silence."""
        self._buffer[:] = 0.0


class PastReadings:
    """The newest readings of a stream of hops.

    Args:
        n_kept: hops, at least.
    """

    def __init__(self, n_kept: int) -> None:
        self._n_kept = n_kept
        self._buffer = np.zeros((8 * n_kept, 3), np.float32)
        self._end = 0

    def push(self, read: LastHop) -> None:
        """Takes a copy of at most `n_kept` hops' readings."""
        n_hops = len(read.f0_hz)
        if self._end + n_hops > len(self._buffer):
            self._buffer[: self._n_kept] = self._buffer[self._end - self._n_kept : self._end]
            self._end = self._n_kept
        here = self._buffer[self._end : self._end + n_hops]
        here[:, 0], here[:, 1], here[:, 2] = read.f0_hz, read.confidence, read.loudness_db
        self._end += n_hops

    def last(self) -> Audio:
        """A copy: f0_hz, confidence, loudness_db. Shape: (up to n_kept, 3)."""
        return self._buffer[max(self._end - self._n_kept, 0) : self._end].copy()


class Delay:
    """A constant delay. (C, T) to (C, T).

    Args:
        n_samples: of the delay.
        n_channels: C.
    """

    def __init__(self, n_samples: int, n_channels: int) -> None:
        self._held = np.zeros((n_channels, n_samples), np.float32)

    def process(self, block: Audio) -> Audio:
        """The next samples."""
        if not self._held.shape[1]:
            return block
        joined = np.concatenate((self._held, block), axis=1)
        self._held = joined[:, block.shape[1] :].copy()
        return joined[:, : block.shape[1]]

    def reset(self) -> None:
        """Silence."""
        self._held[:] = 0.0
