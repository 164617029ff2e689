"""What has gone wrong and how busy it was since the performer last asked for a fresh count.

The audio thread alone counts, and never starts afresh; who resets remembers where the counts stood.
"""

from typing import NamedTuple

from realtime.lateness import LateBlocks
from realtime.stats import BlockTimes, greatest, mean


class Counted(NamedTuple):
    """Since the last reset. Loads are computing time over block length."""

    n_late: int
    late_counts: dict[str, int]
    """By their causes."""
    n_xruns: int
    load_mean: float
    load_max: float


class Counters:
    """Counts of a session that can be reset.

    Args:
        times, late: of the session.
    """

    def __init__(self, times: BlockTimes, late: LateBlocks) -> None:
        self._times, self._late = times, late
        self.reset()

    def reset(self) -> None:
        """From now on (any thread)."""
        n_late, counts = self._late.n, dict(self._late.counts)
        self._before = n_late, counts, self._times.n_xruns, self._times.loads.counts()

    def look(self) -> Counted:
        """The figures (any thread)."""
        n_late, late_counts, n_xruns, loads = self._before
        recent = self._times.loads.counts() - loads
        return Counted(
            self._late.n - n_late,
            {cause: n - late_counts[cause] for cause, n in self._late.counts.items()},
            self._times.n_xruns - n_xruns,
            mean(recent),
            greatest(recent),
        )
