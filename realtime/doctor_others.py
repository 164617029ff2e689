"""What else keeps the machine busy: other programs by name, and the host of a virtual machine."""

import os
import platform
import subprocess
import time
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from realtime.doctor_findings import Busy, Others

N_NAMED = 3
WORTH_NAMING = 0.05
"""Of one core."""

INTERPRETERS = ("python", "java", "node", "ruby", "perl")

IDLE, WAITING, STOLEN = 4, 5, 8
"""Columns of /proc/stat, after the word `cpu`: user nice system idle iowait irq softirq steal."""


class Sample(NamedTuple):
    """Processor time that was used until now."""

    at_s: float
    used_s: dict[tuple[int, str], float]
    """By process id and name."""
    whole: "WholeMachine | None"


class WholeMachine(NamedTuple):
    """Processor time of all cores together until now."""

    busy_s: float
    stolen_s: float
    """A virtual machine was ready to run, and its host ran others."""


def take_sample(proc: Path = Path("/proc")) -> Sample:
    """Now's sample; from `ps` where there is no /proc."""
    used_s = _from_proc(proc) if proc.is_dir() else _from_ps()
    return Sample(time.monotonic(), used_s, _whole_machine(proc))


def compare(
    before: Sample, after: Sample, ours: Collection[int], n_cores: int = os.cpu_count() or 1
) -> Others:
    """Who was busy between two samples, besides the processes `ours`."""
    seconds = max(after.at_s - before.at_s, 1e-3)
    shares = {
        process: (used_s - before.used_s.get(process, 0.0)) / seconds
        for process, used_s in after.used_s.items()
    }
    busiest = sorted(
        (
            Busy(pid, name, share)
            for (pid, name), share in shares.items()
            if pid not in ours and (pid, name) in before.used_s and share >= WORTH_NAMING
        ),
        key=lambda busy: -busy.core_share,
    )
    if before.whole is None or after.whole is None:
        return Others(tuple(busiest[:N_NAMED]), None, None)
    busy_s, stolen_s = (b - a for a, b in zip(before.whole, after.whole, strict=True))
    our_share = sum(share for (pid, _), share in shares.items() if pid in ours)
    return Others(
        busiest=tuple(busiest[:N_NAMED]),
        core_share=max(0.0, busy_s / seconds - our_share),
        stolen_share=max(0.0, stolen_s / (seconds * n_cores)),
    )


def full_name(busy: Busy, proc: Path = Path("/proc")) -> Busy:
    """With what an interpreter runs: `python3 mixer.py` says more than `python3`."""
    if not busy.name.startswith(INTERPRETERS):
        return busy
    try:
        text = (proc / str(busy.pid) / "cmdline").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return busy
    words = [word for word in text.split("\0")[1:] if word and not word.startswith("-")]
    if not words or len(words[0].split()) > 1:  # a program given as text, with -c
        return busy
    return replace(busy, name=f"{busy.name} {Path(words[0]).name}")


def _from_proc(proc: Path) -> dict[tuple[int, str], float]:
    ticks_a_second = os.sysconf("SC_CLK_TCK")
    found = {}
    for folder in proc.iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            text = (folder / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:  # it has just ended
            continue
        name, ticks = parse_stat(text)
        found[int(folder.name), name] = ticks / ticks_a_second
    return found


def parse_stat(text: str) -> tuple[str, int]:
    """Name, and ticks as user and as system, of /proc/PID/stat (man 5 proc).

    >>> parse_stat("7 (a (b) c) S 1 1 1 0 -1 0 0 0 0 0 30 12 0 0 20")
    ('a (b) c', 42)
    """
    head, _, tail = text.rpartition(")")
    fields = tail.split()
    return head.partition("(")[2], int(fields[11]) + int(fields[12])


def _whole_machine(proc: Path) -> WholeMachine | None:
    """The first line of /proc/stat."""
    try:
        fields = (proc / "stat").read_text(encoding="ascii").partition("\n")[0].split()
    except OSError:
        return None
    if len(fields) <= STOLEN:
        return None
    ticks = [int(field) for field in fields[1:]]
    busy = sum(ticks[: STOLEN - 1]) - ticks[IDLE - 1] - ticks[WAITING - 1]
    ticks_a_second = os.sysconf("SC_CLK_TCK")
    return WholeMachine(busy / ticks_a_second, ticks[STOLEN - 1] / ticks_a_second)


def _from_ps() -> dict[tuple[int, str], float]:
    """The same from `ps` (macOS)."""
    if platform.system() == "Windows":
        return {}
    command = ["ps", "-A", "-o", "pid=,time=,comm="]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=3.0, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return parse_ps(done.stdout)


def parse_ps(text: str) -> dict[tuple[int, str], float]:
    """Lines of `pid time comm`; macOS writes the time as the user's country does.

    >>> parse_ps("  12   1:02.50 /Applications/Web Browser.app/Web Browser\\n 13 0:00,50 a")
    {(12, 'Web Browser'): 62.5, (13, 'a'): 0.5}
    >>> parse_ps("  14   0:00.00")
    {}
    """
    found = {}
    for line in text.splitlines():
        words = line.split(None, 2)
        if len(words) < 3:  # one that has just ended may have no name any more
            continue
        pid, time_used, path = words
        seconds = 0.0
        for part in time_used.replace(",", ".").replace("-", ":").split(":"):
            seconds = 60.0 * seconds + float(part)
        found[int(pid), path.rpartition("/")[2]] = seconds
    return found
