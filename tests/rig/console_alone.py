"""A console's process by itself: before a fake engine, or a studio."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
START_LIMIT_S = 180.0
"""A machine may be busy, and kernels may have to be compiled."""


@contextlib.contextmanager
def console_alone(
    folder: Path, words: Sequence[str], more: Mapping[str, str] | None = None
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Its address and process, until it is left.

    Args:
        folder: where it runs, and writes its log.
        words: of its command line.
        more: for its environment.
    """
    command = [sys.executable, "-m", "realtime.console", "--port", "0", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **(more or {})}
    log = folder / "console.log"
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=out)
        try:
            yield address_in(log, process), process
        finally:
            end(process)


def address_in(log: Path, process: "subprocess.Popen[Any]") -> str:
    """The console's address, as soon as it stands in this log."""
    end_s = time.monotonic() + START_LIMIT_S
    while time.monotonic() < end_s:
        for line in log.read_text().splitlines():
            if line.startswith("console: http"):
                return line.split()[1]
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(f"no console: {log.read_text()}")


def end(process: "subprocess.Popen[Any]") -> None:
    """Asks it to, and insists."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
