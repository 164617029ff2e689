"""The machine itself: cores, speed, power, memory, real or virtual. Reads files and two commands.

Everything is optional: what a system does not tell is None. Linux: `man 5 proc` and
https://docs.kernel.org/admin-guide/pm/cpufreq.html; macOS: `man sysctl`, `man pmset`.
"""

import os
import platform
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from realtime.doctor_findings import Computer

GB = 1024**3
COMMAND_LIMIT_S = 3.0

Ask = Callable[[Sequence[str]], str]


def examine_computer(
    root: Path = Path("/"), system: str = platform.system(), ask: Ask | None = None
) -> Computer:
    """Facts about this computer.

    Args:
        root: of the file system, or of a made-up one.
        system: Linux, Darwin or another.
        ask: runs a command and gives what it prints, empty if it fails.
    """
    if system == "Linux":
        return _linux(root)
    return _elsewhere(system, ask or _run)


def _linux(root: Path) -> Computer:
    memory = _table(_read(root / "proc/meminfo"))
    processor = _table(_read(root / "proc/cpuinfo"))
    speeds = root / "sys/devices/system/cpu/cpu0/cpufreq"
    flags = processor.get("flags") or processor.get("Features", "")
    return Computer(
        system=f"Linux {platform.release()}",
        processor=processor.get("model name", platform.machine()),
        n_cores=_cores_allowed(),
        memory_gb=_gb(memory, "MemTotal"),
        free_gb=_gb(memory, "MemAvailable"),
        swapped_gb=_swapped_gb(memory),
        governor=_read(speeds / "scaling_governor").strip() or None,
        lowest_mhz=_mhz(speeds / "scaling_min_freq"),
        highest_mhz=_mhz(speeds / "scaling_max_freq"),
        on_battery=_on_battery(root / "sys/class/power_supply"),
        is_virtual="hypervisor" in flags.split() if flags else None,
    )


def _elsewhere(system: str, ask: Ask) -> Computer:
    """MacOS; of any other system little is known."""
    is_mac = system == "Darwin"
    memory = _sysctl(ask, "hw.memsize") if is_mac else ""
    virtual = _sysctl(ask, "kern.hv_vmm_present") if is_mac else ""
    power = ask(["pmset", "-g", "batt"]) if is_mac else ""
    brand = _sysctl(ask, "machdep.cpu.brand_string") if is_mac else ""
    name = f"macOS {platform.mac_ver()[0]}".strip() if is_mac else system
    return Computer(
        system=name or "unknown",
        processor=brand or platform.machine() or "unknown processor",
        n_cores=os.cpu_count() or 1,
        memory_gb=int(memory) / GB if memory.isdecimal() else None,
        free_gb=None,
        swapped_gb=None,
        governor=None,
        lowest_mhz=None,
        highest_mhz=None,
        on_battery="'Battery Power'" in power if "drawing from" in power else None,
        is_virtual=virtual == "1" if virtual else None,
    )


def _cores_allowed() -> int:
    """Cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def _table(text: str) -> dict[str, str]:
    """`name: value` lines; of several with one name (one a core) the first.

    >>> _table("a : 1\\nb: x y\\na: 2")
    {'a': '1', 'b': 'x y'}
    """
    table: dict[str, str] = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        table.setdefault(name.strip(), value.strip())
    return table


def _gb(memory: dict[str, str], name: str) -> float | None:
    """A figure of /proc/meminfo, which counts in kB."""
    number = memory.get(name, "").partition(" ")[0]
    return int(number) * 1024 / GB if number.isdecimal() else None


def _swapped_gb(memory: dict[str, str]) -> float | None:
    total, free = _gb(memory, "SwapTotal"), _gb(memory, "SwapFree")
    return None if total is None or free is None else total - free


def _mhz(path: Path) -> int | None:
    khz = _read(path).strip()
    return int(khz) // 1000 if khz.isdecimal() else None


def _on_battery(supplies: Path) -> bool | None:
    """True if no charger gives power and there is a battery; None where nothing is told."""
    kinds = {folder: _read(folder / "type").strip() for folder in _entries(supplies)}
    chargers = [folder for folder, kind in kinds.items() if kind in {"Mains", "USB"}]
    if any(_read(folder / "online").strip() == "1" for folder in chargers):
        return False
    # A mouse has a battery, too; its scope is then "Device".
    batteries = [
        folder
        for folder, kind in kinds.items()
        if kind == "Battery" and _read(folder / "scope").strip() != "Device"
    ]
    if not batteries:
        return None
    return any(_read(folder / "status").strip() == "Discharging" for folder in batteries)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _read(path: Path) -> str:
    """A file's text; empty if it is not there or not for us."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _sysctl(ask: Ask, name: str) -> str:
    return ask(["sysctl", "-n", name]).strip()


def _run(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=COMMAND_LIMIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
