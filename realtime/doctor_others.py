"""What else keeps the machine busy: other programs by name, and the host of a virtual machine."""

import os
import platform
import subprocess
import time
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from realtime.doctor_findings import Busy, Others

N_NAMED = 3
WORTH_NAMING = 0.05
"""Of one core."""


class Sample(NamedTuple):
    """Processor time that was used until now."""

    at_s: float
    used_s: dict[tuple[int, str], float]
    """By process id and name."""
    stolen_s: float | None


def take_sample(proc: Path = Path("/proc")) -> Sample:
    """Now's sample; from `ps` where there is no /proc."""
    used_s = _from_proc(proc) if proc.is_dir() else _from_ps()
    return Sample(time.monotonic(), used_s, _stolen_s(proc))


def compare(
    before: Sample, after: Sample, ours: Collection[int], n_cores: int = os.cpu_count() or 1
) -> Others:
    """Who was busy between two samples, besides the processes `ours`."""
    seconds = max(after.at_s - before.at_s, 1e-3)
    found = [
        Busy(pid, name, (used_s - before.used_s[pid, name]) / seconds)
        for (pid, name), used_s in after.used_s.items()
        if pid not in ours and (pid, name) in before.used_s
    ]
    found.sort(key=lambda busy: -busy.core_share)
    stolen = None
    if before.stolen_s is not None and after.stolen_s is not None:
        stolen = max(0.0, after.stolen_s - before.stolen_s) / (seconds * n_cores)
    named = [busy for busy in found if busy.core_share >= WORTH_NAMING][:N_NAMED]
    return Others(tuple(named), stolen)


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


def _stolen_s(proc: Path) -> float | None:
    """Time that a virtual machine was ready to run and its host ran others."""
    try:
        fields = (proc / "stat").read_text(encoding="ascii").partition("\n")[0].split()
    except OSError:
        return None
    return int(fields[8]) / os.sysconf("SC_CLK_TCK") if len(fields) > 8 else None


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
    """Lines of `pid time comm`.

    >>> parse_ps("  12   1:02.50 /Applications/Web Browser.app/Web Browser")
    {(12, 'Web Browser'): 62.5}
    """
    found = {}
    for line in text.splitlines():
        pid, time_used, path = line.split(None, 2)
        seconds = 0.0
        for part in time_used.replace("-", ":").split(":"):
            seconds = 60.0 * seconds + float(part)
        found[int(pid), path.rpartition("/")[2]] = seconds
    return found
