"""The engine under load: called once a block, as a sound card would call it, and timed twice.

By the wall, because that is what the sound card sees; and by the processor time of the thread,
because that is our own doing. What lies between is time in which others ran: another program, or
nobody, because the machine stood still (which the watchmen saw).
"""

import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from realtime.doctor_findings import Load
from realtime.processor import Audio, Processor
from realtime.scheduling import raise_this_thread

Times = NDArray[np.float64]
FEWEST_BLOCKS = 20
"""Fewer say nothing."""

OWN_PERCENTILE = 99.9


class Timing(NamedTuple):
    """When blocks were due, begun and done, in s of time.monotonic(), and own computing in s.

    Shape: (N,) each.
    """

    due_s: Times
    begun_s: Times
    done_s: Times
    own_s: Times


class Timed(NamedTuple):
    """One block size, timed."""

    block_size: int
    sample_rate: int
    latency_samples: int
    timing: Timing


class PacedPlayer:
    """Plays in a thread of its own, of the audio thread's priority, until it is done or stopped.

    Args:
        player: what is timed.
        sound: what is sung, again and again. Shape: (T,)
        block_size: in samples.
        seconds: how long.
        priority: real-time priority for its thread, 1...99; 0: none.
    """

    def __init__(
        self, player: Processor, sound: Audio, block_size: int, seconds: float, priority: int
    ) -> None:
        self._player, self._block_size = player, block_size
        self._priority = priority
        n_blocks = max(FEWEST_BLOCKS, round(seconds * player.sample_rate / block_size))
        self._seconds = seconds
        n_whole = len(sound) // block_size
        self._blocks = sound[: n_whole * block_size].reshape(n_whole, block_size)
        self._times = np.zeros((4, n_blocks))
        self._n_done = 0
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="paced player", daemon=True)

    def run(self) -> None:
        """Plays to the end; Ctrl-C ends it at the next block."""
        self._thread.start()
        try:
            while self._thread.is_alive():
                self._thread.join(0.1)
        finally:
            self._stopping = True
            self._thread.join()

    def timing(self) -> Timing:
        """Of all blocks so far."""
        return Timing(*self._times[:, : self._n_done])

    def _run(self) -> None:
        if self._priority:
            raise_this_thread(self._priority)
        period_s = self._block_size / self._player.sample_rate
        due_s = time.monotonic()
        give_up_s = due_s + self._seconds
        for n in range(self._times.shape[1]):
            due_s += period_s
            time.sleep(max(0.0, due_s - time.monotonic()))
            if self._stopping or (due_s > give_up_s and n >= FEWEST_BLOCKS):
                return
            block = self._blocks[n % len(self._blocks)]
            begun_s, cpu_s = time.monotonic(), time.thread_time()
            self._player.process(block)
            own_s = time.thread_time() - cpu_s
            done_s = time.monotonic()
            self._times[:, n] = due_s, begun_s, done_s, own_s
            self._n_done = n + 1
            if done_s > due_s + period_s:  # as a sound card: what is lost is lost
                due_s = done_s


def judge(timed: Timed, standstills_s: Sequence[tuple[float, float]]) -> Load | None:
    """Figures of one block size, late blocks by cause; None of too few blocks.

    A late block that would have been in time had no core stood still is blamed on the machine; else
    one that was computed for most of its time is ours; else other programs were in the way.
    """
    timing, block_size = timed.timing, timed.block_size
    if len(timing.due_s) < FEWEST_BLOCKS:
        return None
    deadline_s = block_size / timed.sample_rate
    taken_s = timing.done_s - timing.begun_s
    standing_s = overlap_s(timing.due_s, timing.done_s, standstills_s)
    over_s = timing.done_s - timing.due_s - deadline_s
    is_machine = (over_s > 0.0) & (over_s <= standing_s)
    is_unexplained = over_s > standing_s
    is_own = is_unexplained & (timing.own_s > 0.5 * (timing.done_s - timing.due_s))
    is_calm = standing_s == 0.0
    calm = timing.own_s[is_calm] if is_calm.any() else timing.own_s
    p50, p99, most = 1e3 * np.percentile(taken_s, (50, 99, 100))
    return Load(
        block_size=block_size,
        deadline_ms=1e3 * deadline_s,
        n_blocks=len(taken_s),
        p50_ms=float(p50),
        p99_ms=float(p99),
        max_ms=float(most),
        own_p999_ms=float(1e3 * np.percentile(calm, OWN_PERCENTILE, method="higher")),
        late_own=int(np.count_nonzero(is_own)),
        late_machine=int(np.count_nonzero(is_machine)),
        late_others=int(np.count_nonzero(is_unexplained & ~is_own)),
        engine_latency_ms=1e3 * timed.latency_samples / timed.sample_rate,
    )


def overlap_s(begins_s: Times, ends_s: Times, spans_s: Sequence[tuple[float, float]]) -> Times:
    """How much of each of N stretches of time, in order, the spans take up together.

    Shape: (N,) each

    >>> overlap_s(np.array([0.0, 5.0]), np.array([1.0, 6.0]), [(0.5, 2.0)]).tolist()
    [0.5, 0.0]
    """
    found = np.zeros(len(begins_s))
    for begin_s, end_s in spans_s:
        here = slice(np.searchsorted(ends_s, begin_s), np.searchsorted(begins_s, end_s))
        found[here] += np.minimum(ends_s[here], end_s) - np.maximum(begins_s[here], begin_s)
    return found
