"""What the system knows of a thread and of the machine: time used, turns lost, time stolen.

Linux counts for each thread how often it went to sleep by itself (and a thread that waits for
Python's lock does so again and again), how often its core was taken away, and how long it stood in
line (`man 2 getrusage`, `man 5 proc`). A virtual machine's host may tell how much time it stole;
Linux then leaves that out of a thread's time. Not every host tells. Elsewhere only time is known.
"""

import functools
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

STOLEN = 8
"""The column of /proc/stat, counted from the word `cpu`."""

TICKS_PER_S = 100
"""Of /proc/stat (USER_HZ, the same on all of Linux's architectures that play sound)."""


class Turns(NamedTuple):
    """How often a thread has lost its core so far. Fields as in `resource.struct_rusage`."""

    ru_nvcsw: int = 0
    """Times that it gave it away: for the card's next block, for a lock."""
    ru_nivcsw: int = 0
    """Times that it was taken away."""
    ru_majflt: int = 0
    """Pages that it waited for until a disk had brought them."""


class Spent(NamedTuple):
    """What a thread used between two moments."""

    cpu_s: float
    n_waits: int
    n_preempted: int
    n_faults: int


class Losses(NamedTuple):
    """Time that the machine took from a thread while nobody looked."""

    queued_s: float = 0.0
    """It could have run, but others did."""
    stolen_s: float = 0.0
    """The whole machine did not run: its host says so."""


def _no_turns() -> Turns:
    return Turns()


thread_turns: Callable[[], Any] = _no_turns
"""The calling thread's turns so far: `Turns`, or Linux's own record with the same fields."""

if hasattr(resource, "RUSAGE_THREAD"):  # as it comes: the audio thread asks twice a block
    thread_turns = functools.partial(resource.getrusage, resource.RUSAGE_THREAD)

thread_cpu_s = time.thread_time
"""Seconds that the calling thread has computed. Not from getrusage: what that says of a running
thread is as old as the kernel's last tick, up to 4 ms."""


def spent_between(cpu_s: float, before: Any, after: Any) -> Spent:
    """Computing time, and the difference of two records of the same thread's turns."""
    return Spent(
        cpu_s,
        after.ru_nvcsw - before.ru_nvcsw,
        after.ru_nivcsw - before.ru_nivcsw,
        after.ru_majflt - before.ru_majflt,
    )


class MachineWatch:
    """Tells what one thread lost since it was last asked (any thread, a few times a second).

    Args:
        thread_id: the thread's number, as by `threading.get_native_id()`.
        proc: where the kernel tells such things.
    """

    def __init__(self, thread_id: int, proc: Path = Path("/proc")) -> None:
        self._stat, self._schedstat = proc / "stat", proc / f"self/task/{thread_id}/schedstat"
        self._before = self._so_far()

    def losses(self) -> Losses:
        """Since the last call."""
        # What can be read no more (the thread has ended) stands where it stood.
        now = Losses(*map(max, self._so_far(), self._before))
        lost = Losses(*(a - b for a, b in zip(now, self._before, strict=True)))
        self._before = now
        return lost

    def _so_far(self) -> Losses:
        return Losses(
            1e-9 * _number_in(self._schedstat, 1), _number_in(self._stat, STOLEN) / TICKS_PER_S
        )


def _number_in(path: Path, column: int) -> int:
    """Of a file's first words; 0 where there is none: another system, or the thread has ended."""
    try:
        return int(path.read_text(encoding="ascii").split(maxsplit=column + 1)[column])
    except (OSError, IndexError, ValueError):
        return 0
