"""What the console's benchmark plays on: the instrument, watched; a console that comes and goes.

The console is started here and not by the instrument, so that one performance has stretches with it
and without it: a machine that others use is not the same machine a minute later.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from benchmarks.cards import ROOT, sung

sys.path.insert(0, str(ROOT / "tests"))  # the tests are no package

from rig.browser import FLAGS, find_chromium
from rig.console import long_clip
from rig.jack_rig import JackRig

from realtime.console_process import FOLDER, SOCKET, open_door
from realtime.lateness import now_s

LIMIT_S = 120.0
TOKEN = "benchmark"


def wait(is_so: Any, limit_s: float = LIMIT_S) -> None:
    end_s = time.monotonic() + limit_s
    while not is_so():
        if time.monotonic() > end_s:
            raise TimeoutError
        time.sleep(0.01)


def free_port(kind: int) -> int:
    with socket.socket(socket.AF_INET, kind) as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def spent_s(pid: int) -> float:
    """Computing time of a process, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Played(NamedTuple):
    """What an instrument has told at its end. Times by time.monotonic()."""

    begun_s: NDArray[np.float64]
    taken_s: NDArray[np.float64]
    late: list[tuple[float, str]]
    """When, and the cause."""

    def between(self, from_s: float, to_s: float) -> tuple[NDArray[np.float64], list[str]]:
        """Times of blocks in ms, and causes of the late ones."""
        inside = (self.begun_s >= from_s) & (self.begun_s < to_s)
        return 1e3 * self.taken_s[inside], [why for at, why in self.late if from_s <= at < to_s]


class Stage:
    """An instrument that plays.

    Args:
        folder: for all files.
        minutes: the longest that it will play.
        is_jack: through a JACK server of our own, else through the virtual card.
    """

    def __init__(self, folder: Path, minutes: float, is_jack: bool) -> None:
        self.folder, self._minutes, self._is_jack = folder, minutes, is_jack
        self.link = folder / "link"
        self.link.mkdir(mode=0o700)
        self.osc_port = free_port(socket.SOCK_DGRAM)
        self._file = folder / "watched.npz"
        self._offset_s = time.monotonic() - now_s()

    def command(self) -> list[str]:
        words = [sys.executable, "-m", "benchmarks.watched_play", str(self._file), "play"]
        words += ["--console", "--no-browser", "--json", "--preset", "violin,echo,duet"]
        words += ["--osc", str(self.osc_port), "--block-size", "128"]
        if self._is_jack:
            return words
        clip = long_clip(self.folder / "sung.wav", self._minutes)
        return [*words, "--input", f"file:{clip}", "--output", f"file:{self.folder / 'out.wav'}"]

    @property
    def environment(self) -> dict[str, str]:
        seconds = str(60 * self._minutes)
        return {**os.environ, FOLDER: str(self.link), "WATCHED_S": seconds}

    @contextlib.contextmanager
    def playing(self) -> Iterator[None]:
        """Until it is left; `played` is known then."""
        with self._on_jack() if self._is_jack else self._on_files() as said:
            wait((self.link / SOCKET).exists)
            time.sleep(2.0)  # it has found its pace
            yield
        self._said = json.loads("".join(said).strip().splitlines()[-1])

    @contextlib.contextmanager
    def _on_files(self) -> Iterator[list[str]]:
        said: list[str] = []
        with (self.folder / "play.log").open("w+") as log:
            process = subprocess.Popen(
                self.command(), env=self.environment, stdout=log, stderr=subprocess.DEVNULL
            )
            try:
                yield said
            finally:
                process.terminate()
                process.wait(30)
            log.seek(0)
            said.append(log.read())

    @contextlib.contextmanager
    def _on_jack(self) -> Iterator[list[str]]:
        said: list[str] = []
        os.environ.update(self.environment)
        with JackRig(mode="async") as rig:
            rig.start(self.command())
            rig.connect()
            sound = sung(60.0 * self._minutes)
            rig.transport.start(sound, len(sound), ())
            yield said
            rig.stop_program(signal.SIGTERM)
            said.append(rig.program.stdout)

    @property
    def played(self) -> Played:
        kept = np.load(self._file)
        late = [(event["at_s"] + self._offset_s, event["cause"]) for event in self._events()]
        return Played(kept["begun_s"], kept["taken_s"], late)

    def _events(self) -> list[dict[str, Any]]:
        return list(self._said["late_events"])


class AConsole:
    """A console beside the stage, at the same address whenever it comes."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        with open_door(0, False) as door:
            self.port = door.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    def path(self, path: str) -> str:
        """A page's address, for a browser that has been here."""
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def address(self) -> str:
        """For one that has not."""
        return self.path(f"/?token={TOKEN}")

    @property
    def is_there(self) -> bool:
        return self._process is not None

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def start(self) -> None:
        words = ["--link", str(self._stage.link), "--port", str(self.port), "--token", TOKEN]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "realtime.console", *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait_until_there(self) -> None:
        def is_there() -> bool:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port)).close()
                return True
            return False

        wait(is_there)

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


@contextlib.contextmanager
def two_pages() -> Iterator[list[Any]]:
    """Each in a browser of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, contextlib.ExitStack() as tidy:
        pages = []
        for _ in range(2):
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
            tidy.callback(browser.close)
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            pages.append(page)
        yield pages
