"""How long blocks took: histograms that the audio thread fills and any thread reads, lock-free.

The audio thread is the only writer and adds to plain ints and an array; a reader copies the array
in one step. A reading may miss the block that is just being added, never more.
"""

import math
from array import array
from collections import deque
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]

BINS_PER_E = 200
"""Bins per factor e: a percentile is right within 0.25 %."""

SMALLEST = 1e-7
N_BINS = int(BINS_PER_E * math.log(1e4 / SMALLEST)) + 1
CENTRES = SMALLEST * np.exp((np.arange(N_BINS) + 0.5) / BINS_PER_E)


class CardFlags(NamedTuple):
    """What the sound card reports with a block, or how often it did; each one is lost sound."""

    input_underflow: int = 0
    input_overflow: int = 0
    output_underflow: int = 0
    output_overflow: int = 0


NO_FLAGS = CardFlags()


class BlockReport(NamedTuple):
    """Block timing of a whole session. Loads are computing time over block length."""

    n_blocks: int
    n_samples: int
    duration_s: float
    smallest_block: int
    largest_block: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    deadline_ms: float
    load_p50: float
    load_p99: float
    late_blocks: int
    xruns: int


class Histogram:
    """Counts of positive values in logarithmic bins; memory never grows."""

    def __init__(self) -> None:
        self._counts = array("q", bytes(8 * N_BINS))
        self.largest = 0.0

    def add(self, value: float) -> None:
        """Counts one value (audio thread only)."""
        position = int(BINS_PER_E * math.log(max(value, SMALLEST) / SMALLEST))
        self._counts[min(position, N_BINS - 1)] += 1
        if value > self.largest:
            self.largest = value

    def counts(self) -> Counts:
        """A copy of the bins (any thread). Shape: (N_BINS,)."""
        return np.array(self._counts, np.int64)

    def percentile(self, percent: float) -> float:
        """The value that `percent` of all values do not pass; 0.0 while there are none."""
        return min(percentile(self.counts(), percent), self.largest)


def percentile(counts: Counts, percent: float) -> float:
    """Nearest-rank percentile of a histogram's bins, at the bin's centre; 0.0 if empty."""
    so_far = np.cumsum(counts)
    rank = math.ceil(percent / 100.0 * int(so_far[-1]))
    if rank == 0:
        return 0.0
    return SMALLEST * math.exp((int(np.searchsorted(so_far, rank)) + 0.5) / BINS_PER_E)


def mean(counts: Counts) -> float:
    """Of a histogram's values, each taken to be at its bin's centre; 0.0 if empty."""
    n = int(counts.sum())
    return float(counts @ CENTRES) / n if n else 0.0


def greatest(counts: Counts) -> float:
    """The centre of the highest bin that holds a value; 0.0 if empty."""
    held = np.flatnonzero(counts)
    return float(CENTRES[held[-1]]) if len(held) else 0.0


class BlockTimes:
    """Computing time of every block of a session, and what the card lost.

    Args:
        sample_rate: of the blocks, in Hz; n samples must be ready within n / sample_rate.
    """

    def __init__(self, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self.seconds = Histogram()
        self.loads = Histogram()
        self.n_blocks = 0
        self.n_samples = 0
        self.late_blocks = 0
        self.xruns = NO_FLAGS
        self._smallest = 0
        self._largest = 0

    def add(self, elapsed_s: float, n_samples: int, flags: CardFlags = NO_FLAGS) -> None:
        """Counts one block that took `elapsed_s` (audio thread only)."""
        deadline_s = n_samples / self.sample_rate
        self.seconds.add(elapsed_s)
        self.loads.add(elapsed_s / deadline_s)
        self.n_samples += n_samples
        self.late_blocks += elapsed_s > deadline_s
        self._largest = max(self._largest, n_samples)
        self._smallest = min(self._smallest or n_samples, n_samples)
        if flags is not NO_FLAGS:
            self.xruns = CardFlags(*(a + b for a, b in zip(self.xruns, flags, strict=True)))
        self.n_blocks += 1

    @property
    def n_xruns(self) -> int:
        """All losses that the card reported."""
        return sum(self.xruns)

    def report(self) -> BlockReport:
        """The figures of the session so far."""
        return BlockReport(
            n_blocks=self.n_blocks,
            n_samples=self.n_samples,
            duration_s=self.n_samples / self.sample_rate,
            smallest_block=self._smallest,
            largest_block=self._largest,
            p50_ms=1e3 * self.seconds.percentile(50),
            p99_ms=1e3 * self.seconds.percentile(99),
            max_ms=1e3 * self.seconds.largest,
            deadline_ms=1e3 * self.n_samples / max(self.n_blocks, 1) / self.sample_rate,
            load_p50=self.loads.percentile(50),
            load_p99=self.loads.percentile(99),
            late_blocks=self.late_blocks,
            xruns=self.n_xruns,
        )


class RecentLoad:
    """Load over the last looks only, so that the live line shows now and not the whole evening."""

    def __init__(self, loads: Histogram, n_looks: int = 30) -> None:
        self._loads = loads
        self._before: deque[Counts] = deque([loads.counts()], maxlen=n_looks)

    def look(self) -> tuple[float, float]:
        """p50 and p99 of the load since `n_looks` looks ago."""
        now = self._loads.counts()
        recent = now - self._before[0]
        self._before.append(now)
        return percentile(recent, 50), percentile(recent, 99)
