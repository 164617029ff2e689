"""Programs that do nothing but count: a load for measurements beside a busy machine."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

COUNT = """
import os, sys
os.sched_setaffinity(0, {int(sys.argv[1])})
while os.getppid() == int(sys.argv[2]):  # it ends with whoever started it
    for _ in range(100_000):
        pass
"""


@contextlib.contextmanager
def busy_cores(n: int) -> Iterator[None]:
    """While inside, a program that does nothing but count keeps each of the last cores busy."""
    cores = sorted(os.sched_getaffinity(0))[-n:] if n else []
    command = [sys.executable, "-c", COUNT]
    parent = str(os.getpid())
    counters = [
        subprocess.Popen([*command, str(core), parent], start_new_session=True) for core in cores
    ]
    try:
        yield
    finally:
        for counter in counters:
            counter.kill()
            counter.wait()
