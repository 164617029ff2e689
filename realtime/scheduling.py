"""The right to be first: real-time priority for the audio thread, and memory that stays in memory.

A thread of the policy SCHED_FIFO runs as soon as it can, whatever else the machine is doing. Linux
grants that, and locked memory, to users who are allowed to (`man 7 sched`, `man 2 mlock`). macOS
gives CoreAudio's threads a priority of their own, and there is nothing to ask for. Nothing here
raises: who may not, plays on as before, and `hints` says what to change.
"""

import ctypes
import os
import sys
import threading
from pathlib import Path
from typing import Any, NamedTuple

AUDIO_PRIORITY = 70
"""Of 1 to 99; below the watchdogs of sound servers, above interrupts, which Linux gives 50."""

COMPANION_PRIORITY = 1
"""Of the instrument's other threads: above all ordinary programs, below all else in real time."""

CAP_IPC_LOCK = 1 << 14
MCL_CURRENT, MCL_ONFAULT = 1, 4

LIMITS_FILE = "/etc/security/limits.d/audio.conf"


class Rights(NamedTuple):
    """What this process may do to be in time."""

    realtime_priority: int
    """The highest SCHED_FIFO priority that its threads may take; 0: none."""

    lockable_bytes: int | None
    """How much memory it may keep from being swapped out; None: all of it."""


NO_RIGHTS = Rights(0, 0)


def rights(system: Any = os, platform: str = sys.platform) -> Rights:
    """What is allowed here and now, found out by trying in a thread that ends at once.

    Args:
        system: the os module, or a fake of it.
        platform: as in `sys.platform`.
    """
    if not platform.startswith("linux"):
        return NO_RIGHTS
    return Rights(_highest_priority(system), _lockable_bytes())


def hints(rights: Rights, platform: str = sys.platform) -> list[str]:
    """What a person can change; empty if nothing.

    >>> hints(Rights(95, None), "linux")
    []
    """
    if not platform.startswith("linux"):
        return []
    lines = []
    if not rights.realtime_priority:
        lines.append(
            "no real-time priority: other programs can hold the sound up; write '@audio - rtprio"
            f" 95' into {LIMITS_FILE}, run 'sudo usermod -aG audio $USER', log in anew (with"
            " PipeWire it is enough to install rtkit and pipewire-jack and to start by pw-jack)"
        )
    if rights.lockable_bytes is not None:
        lines.append(
            "memory cannot be locked: under pressure the system may swap the instrument out; write"
            f" '@audio - memlock unlimited' into {LIMITS_FILE}, join the group audio, log in anew"
        )
    return lines


def granted_lines(
    priority: int, is_locked: bool, rights: Rights, platform: str = sys.platform
) -> list[str]:
    """What an audio thread has been granted, in a line, and what to change if that is not all.

    >>> granted_lines(70, True, Rights(99, None), "linux")
    ['audio thread at real-time priority 70, memory locked']
    """
    if not platform.startswith("linux"):
        return ["audio thread as the system's sound service runs it"]
    first = f"at real-time priority {priority}" if priority else "without real-time priority"
    memory = "memory locked" if is_locked else "memory not locked"
    missing = Rights(priority, None if is_locked else rights.lockable_bytes or 0)
    return [
        f"audio thread {first}, {memory}",
        *(f"hint: {hint}" for hint in hints(missing, platform)),
    ]


def raise_this_thread(priority: int, system: Any = os) -> bool:
    """Makes the calling thread a real-time one; whether it is one now.

    One that is one already stays as it is: JACK keeps its clients below its server on purpose.

    Args:
        priority: 1...99; what `rights` allows, at most.
        system: the os module, or a fake of it.
    """
    if thread_priority(system):
        return True
    try:
        _set_priority(priority, system)
    except (OSError, AttributeError):  # not permitted; not on this system
        return False
    return True


def raise_companions(system: Any = os, tasks: Path = Path("/proc/self/task")) -> int:
    """Makes the process's ordinary threads real-time ones of the lowest priority; how many it made.

    They do little, but hold Python's lock while they do it. One that is put aside meanwhile for
    another program makes the audio thread wait for that program.

    Args:
        system: the os module, or a fake of it.
        tasks: the folder of this process's threads.
    """
    n_raised = 0
    for task in sorted(tasks.glob("[0-9]*")):
        try:
            if system.sched_getscheduler(int(task.name)) == system.SCHED_OTHER:
                _set_priority(COMPANION_PRIORITY, system, int(task.name))
                n_raised += 1
        except (OSError, AttributeError):  # it has ended; not permitted; not on this system
            continue
    return n_raised


def thread_priority(system: Any = os) -> int:
    """The calling thread's real-time priority; 0: it has none, or not on this system."""
    try:
        policy = system.sched_getscheduler(0) & ~system.SCHED_RESET_ON_FORK
        if policy in (system.SCHED_FIFO, system.SCHED_RR):
            return int(system.sched_getparam(0).sched_priority)
    except (OSError, AttributeError):
        pass
    return 0


def lock_memory(libc: Any = None, platform: str = sys.platform) -> bool:
    """Keeps what is in memory now in memory; whether that was granted.

    MCL_ONFAULT: what is mapped but was never used is not fetched for it, so nothing grows, and it
    takes no time. Mappings to come are not locked, as with a limit they would fail.

    Args:
        libc: the C library, or a fake of it.
        platform: as in `sys.platform`.
    """
    if not platform.startswith("linux"):
        return False
    _lift_soft_limit("RLIMIT_MEMLOCK")
    library = libc or ctypes.CDLL(None)
    return int(library.mlockall(MCL_CURRENT | MCL_ONFAULT)) == 0


def _set_priority(priority: int, system: Any, thread_id: int = 0) -> None:
    # What such a thread starts shall not be first, too.
    policy = system.SCHED_FIFO | system.SCHED_RESET_ON_FORK
    system.sched_setscheduler(thread_id, policy, system.sched_param(priority))


def _highest_priority(system: Any) -> int:
    found = [0]

    def try_out() -> None:
        # As root any; else the limit. Some containers refuse both, whatever the limit says.
        for priority in (99, _lift_soft_limit("RLIMIT_RTPRIO")):
            try:
                _set_priority(priority, system)
            except (OSError, ValueError):
                continue
            found[0] = priority
            return

    thread = threading.Thread(target=try_out, name="what is allowed")
    thread.start()
    thread.join()
    return found[0]


def _lockable_bytes() -> int | None:
    import resource

    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        capabilities = int(status.partition("CapEff:")[2].split()[0], 16)
    except (OSError, IndexError):  # a system that does not tell: then the limit counts
        capabilities = 0
    limit = _lift_soft_limit("RLIMIT_MEMLOCK")
    unlimited = limit == resource.RLIM_INFINITY or capabilities & CAP_IPC_LOCK
    return None if unlimited else limit


def _lift_soft_limit(name: str) -> int:
    """Sets a limit to the most that this process may have of it, and returns that."""
    import resource

    which = getattr(resource, name)
    hard = resource.getrlimit(which)[1]
    resource.setrlimit(which, (hard, hard))
    return hard
