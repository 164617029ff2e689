"""Watchmen: one process on each core sleeps for a millisecond, again and again.

One that wakes up far too late had no core to run on: the machine stood still, as virtual machines
do and laptops when their firmware works; or, without the right to real-time priority, another
program was in its way. How late they wake up otherwise is the jitter of the machine's timer.
Processes of their own, because threads would wait for Python's lock and not for the machine.
"""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from realtime.doctor_findings import Watch
from realtime.scheduling import raise_this_thread
from realtime.stats import Histogram, percentile

PRIORITY = 90
"""Above sound servers and their clients, whose work is not to be taken for a standstill."""

NAP_S = 0.001
LATE_S = 0.0002
N_CORES_MAX = 4
N_KEPT_MAX = 20_000
END_LIMIT_S = 5.0


class Report(NamedTuple):
    """What one watchman saw. Standstills: begin and end, in s of time.monotonic()."""

    is_realtime: bool
    seconds: float
    late_counts: dict[str, int]
    """A histogram's bins that are not empty."""
    longest_s: float
    standstills_s: list[tuple[float, float]]


class Watchmen:
    """One on each core, at most four; a context manager, within which all watch. `pids`: theirs."""

    def __init__(self, priority: int) -> None:
        self._priority = min(PRIORITY, priority)
        self._processes: list[subprocess.Popen[str]] = []
        self.pids: tuple[int, ...] = ()

    def __enter__(self) -> Self:
        self._processes = [self._start(core) for core in cores_to_watch()]
        self.pids = tuple(process.pid for process in self._processes)
        try:
            for process in self._processes:  # starting, they would disturb what they are to watch
                self._wait_for(process)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.communicate()
        self._processes = []

    def end(self) -> list[Report]:
        """Their reports; they go home."""
        reports = []
        for process in self._processes:
            try:
                text = process.communicate(timeout=END_LIMIT_S)[0]
            except subprocess.TimeoutExpired:
                continue
            if text:
                reports.append(Report(**json.loads(text)))
        return reports

    @staticmethod
    def _wait_for(process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        process.stdout.readline()  # empty if it could not start

    def _start(self, core: int) -> "subprocess.Popen[str]":
        words = ["-m", "realtime.doctor_watch", str(core), str(self._priority)]
        pipe: Any = subprocess.PIPE
        # A session of its own: Ctrl-C is for the one who asked them.
        return subprocess.Popen(
            [sys.executable, *words], stdin=pipe, stdout=pipe, text=True, start_new_session=True
        )


def cores_to_watch() -> Sequence[int]:
    """Cores that this process may use, at most four; -1, any core, where none can be chosen."""
    try:
        return sorted(os.sched_getaffinity(0))[:N_CORES_MAX]
    except AttributeError:
        return [-1]


def sum_up(reports: Sequence[Report]) -> Watch:
    """All watchmen's reports as one."""
    counts = Histogram().counts()
    for report in reports:
        for position, count in report.late_counts.items():
            counts[int(position)] += count
    lengths_ms = [1e3 * (end - begin) for report in reports for begin, end in report.standstills_s]
    return Watch(
        core_seconds=sum(report.seconds for report in reports),
        is_realtime=bool(reports) and all(report.is_realtime for report in reports),
        wake_p50_ms=1e3 * percentile(counts, 50),
        wake_p99_ms=1e3 * percentile(counts, 99),
        wake_max_ms=1e3 * max((report.longest_s for report in reports), default=0.0),
        standstills_ms=tuple(sorted(lengths_ms, reverse=True)),
    )


def watch(core: int, priority: int) -> Report:
    """Watches one core until standard input is closed; says when it begins."""
    if core >= 0:
        os.sched_setaffinity(0, {core})
    is_realtime = priority > 0 and raise_this_thread(priority)
    late, found = Histogram(), list[tuple[float, float]]()
    print("on watch", flush=True)
    begun_s = before_s = time.monotonic()
    while not select.select([sys.stdin], [], [], NAP_S)[0]:
        after_s = time.monotonic()
        late_s = after_s - before_s - NAP_S
        late.add(late_s)
        if late_s > LATE_S and len(found) < N_KEPT_MAX:
            # It may have begun at any time of the nap; half of it is the best guess.
            found.append((after_s - late_s - NAP_S / 2, after_s))
        before_s = time.monotonic()
    counts = {
        str(position): count for position, count in enumerate(late.counts().tolist()) if count
    }
    return Report(is_realtime, time.monotonic() - begun_s, counts, late.largest, found)


if __name__ == "__main__":
    print(json.dumps(watch(int(sys.argv[1]), int(sys.argv[2]))._asdict()))
