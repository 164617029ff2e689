"""A JACK server with the dummy driver: a real sound server that needs no sound card.

JACK has room for eight server names on a machine, and the name of a server that was killed is free
again only for a server of the same name. So there is a small pool of names, each with a lock file:
several test runs at once take different ones, and later runs free what was left behind.
"""

import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO

from rig.printed import Printed
from rig.transport import RigError

N_NAMES = 4
REALTIME_PRIORITY = 70
CLIENT_TIMEOUT_MS = 5000
"""A program that was paused for longer than a fraction of this cannot be stopped in order."""

STOP_LIMIT_S = 5.0


def what_is_missing() -> str:
    """What the rig needs and this machine lacks, with how to get it; empty if it can run."""
    if sys.platform != "linux":
        return "the virtual sound card of the tests needs Linux: elsewhere PortAudio has no JACK"
    for program, package in (("jackd", "jackd2"), ("cc", "gcc libc6-dev")):
        if shutil.which(program) is None:
            todo = f"apt-get install {package}; `make test` does it on Debian"
            return f"the virtual sound card of the tests needs {program}: {todo}"
    if importlib.util.find_spec("jack") is None:
        return "the virtual sound card of the tests needs JACK-Client: pip install JACK-Client"
    return ""


class JackServer:
    """jackd under a name of our own.

    Args:
        period: frames a cycle.
        sample_rate: in Hz.
        sync: whether a cycle waits for a late program instead of going on without it.
    """

    def __init__(self, period: int, sample_rate: int, sync: bool) -> None:
        self.period, self.sample_rate, self.sync = period, sample_rate, sync
        self.name, self._lock = take_name()
        self._log = Printed()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """For programs that are to find this server and no other."""
        ours = {
            "JACK_DEFAULT_SERVER": self.name,
            "JACK_NO_START_SERVER": "1",
            "JACK_NO_AUDIO_RESERVATION": "1",
        }
        return os.environ | ours

    def start(self) -> None:
        """Starts jackd; it is ready a moment later."""
        self._process = subprocess.Popen(
            self.command(),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log.file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def command(self) -> list[str]:
        """jackd with its arguments."""
        priority = ["-R", "-P", str(REALTIME_PRIORITY)] if may_run_realtime() else ["-r"]
        waiting = ["-S"] if self.sync else []
        server = ["jackd", "-n", self.name, *priority, *waiting, "-t", str(CLIENT_TIMEOUT_MS)]
        return [*server, "-d", "dummy", "-r", str(self.sample_rate), "-p", str(self.period)]

    def check(self) -> None:
        """Raises RigError if it ended by itself."""
        if self._process is None or self._process.poll() is None:
            return
        raise RigError(
            f"jackd ended with {self._process.returncode}; if all eight of JACK's server names are"
            f" taken and no jackd runs, rm /dev/shm/jack*: {self.log()[-500:]}"
        )

    def log(self) -> str:
        """What jackd has said so far."""
        return self._log.text()

    def kill(self) -> None:
        """The sound server dies without a word."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ends jackd, clears up behind it and gives the name back; a second time does nothing."""
        self._end(signal.SIGTERM)
        for leftover in Path("/dev/shm").glob(f"jack*_{self.name}_*"):
            leftover.unlink(missing_ok=True)
        self._lock.close()
        self._log.close()

    def _end(self, number: signal.Signals) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def take_name() -> tuple[str, IO[str]]:
    """A server name that no other rig uses, and its lock: close it to give the name back."""
    for number in range(N_NAMES):
        name = f"chanterelle-{number}"
        path = Path(tempfile.gettempdir()) / f"{name}-{os.getuid()}.lock"
        lock = path.open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
        else:
            return name, lock
    raise RigError(f"{N_NAMES} rigs are running already")


def may_run_realtime() -> bool:
    """Whether this user may have real-time threads, tried in a thread that ends at once."""
    allowed = []

    def attempt() -> None:
        try:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(REALTIME_PRIORITY))
            allowed.append(True)
        except PermissionError:
            pass

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    return bool(allowed)
