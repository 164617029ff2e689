"""The studio's console, with a folder of takes and one of training runs that tests fill."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
START_LIMIT_S = 60.0


class Studio(NamedTuple):
    """It serves pages until the tests end."""

    address: str
    """Of the console, with its token."""
    takes: Path
    runs: Path


@contextlib.contextmanager
def studio(folder: Path) -> Iterator[Studio]:
    """A console without a performance, until it is left."""
    takes, runs = folder / "takes", folder / "runs"
    takes.mkdir()
    runs.mkdir()
    command = [sys.executable, "-m", "realtime.console", "--port", "0"]
    command += ["--takes", str(takes), "--runs", str(runs)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    log = folder / "studio.log"
    with log.open("w+") as out:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=out)
        try:
            yield Studio(_address(log, process), takes, runs)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _address(log: Path, process: "subprocess.Popen[bytes]") -> str:
    end_s = time.monotonic() + START_LIMIT_S
    while time.monotonic() < end_s:
        for line in log.read_text().splitlines():
            if line.startswith("console: http"):
                return line.split()[1]
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(f"no console: {log.read_text()}")
