"""When does this machine stand still? A control for measurements of lateness.

    python benchmarks/stalls.py CORE SECONDS

On a virtual machine a core can lose milliseconds to others, and no program can help it. A process
of the highest real-time priority, on one core, sleeps for a millisecond again and again; if it
wakes up far too late, nobody ran on that core in between. It prints those spans as JSON, in us of
CLOCK_MONOTONIC_RAW, at the end or when it is told to end (SIGTERM).
"""

import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
import time
from typing import Self

import numpy as np
from numpy.typing import NDArray

PRIORITY = 90
"""Above jackd and its clients, so that their work is not taken for a stall."""

NAP_S = 0.001
LATE_S = 0.0005

Spans = NDArray[np.int64]


class Watch:
    """A watchman on each core, for so long at most; a context manager."""

    def __init__(self, duration_s: float) -> None:
        self._cores = contextlib.ExitStack()
        self._processes = [
            self._cores.enter_context(_start(core, duration_s)) for core in os.sched_getaffinity(0)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
        self._cores.close()

    def spans_us(self) -> Spans:
        """Begin and end of each stall of any core so far; ends the watch. Shape: (N, 2)."""
        for process in self._processes:
            process.terminate()
        found = [json.loads(process.communicate()[0]) for process in self._processes]
        return np.array([span for spans in found for span in spans], np.int64).reshape(-1, 2)


def _start(core: int, duration_s: float) -> "subprocess.Popen[str]":
    command = [sys.executable, __file__, str(core), str(duration_s)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def overlaps(starts_us: NDArray[np.int64], ends_us: NDArray[np.int64], stalls_us: Spans) -> int:
    """How many of the given spans a stall fell into.

    Shape:
        starts_us, ends_us: (M,), stalls_us: (N, 2)

    >>> overlaps(np.array([0, 50]), np.array([10, 60]), np.array([[8, 20], [70, 90]]))
    1
    """
    begins_in_time = stalls_us[None, :, 0] < ends_us[:, None]
    ends_in_time = stalls_us[None, :, 1] > starts_us[:, None]
    return int(np.count_nonzero(np.any(begins_in_time & ends_in_time, axis=1)))


def watch_core(core: int, duration_s: float) -> list[tuple[int, int]]:
    """Stalls of one core; none are seen without the right to real-time priority."""
    is_over: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: is_over.append(number))
    os.sched_setaffinity(0, {core})
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    except PermissionError:
        return []
    gc.disable()
    spans = []
    end_s = now_s() + duration_s
    while (before_s := now_s()) < end_s and not is_over:
        time.sleep(NAP_S)
        after_s = now_s()
        if after_s - before_s > NAP_S + LATE_S:
            spans.append((round(1e6 * before_s), round(1e6 * after_s)))
    return spans


def now_s() -> float:
    """By JACK's clock."""
    return time.clock_gettime(time.CLOCK_MONOTONIC_RAW)


if __name__ == "__main__":
    print(json.dumps(watch_core(int(sys.argv[1]), float(sys.argv[2]))))
