"""The console's process, kept by whoever started the music: started again where it died.

It stands in a folder that nobody else may enter, beside the engine's socket: `wish` is what the
command line asks for, `token` what the address holds. The port is opened here and handed down, so
that address and token outlive both the console and the engine, and open pages heal.

Nothing heavy is imported here: the supervisor of `chanterelle play` keeps the console, so that a
restart of it costs the engine nothing.
"""

import base64
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Self

from ddsp_core.errors import DeviceError

FOLDER = "CHANTERELLE_CONSOLE"
"""In the environment of the process that plays: the folder of the link to its console."""

SOCKET, WISH, TOKEN, SAID = "engine", "wish", "token", "said"
"""Names in the folder."""

USUAL_PORT = 8320
PORTS_TO_TRY = 100
LONGEST_FOLDER = 80
"""Characters: the name of a Unix socket has 103 at most on macOS, 107 on Linux."""

LOOK_EVERY_S = 0.1
AGAIN_AFTER_S = 0.3
END_LIMIT_S = 1.5
ANSWER_LIMIT_S = 1.0
MOST_ENDS, ENDS_S = 5, 30.0
"""So many ends within that time: then it is no accident, and the next start would not help."""

COMMAND = (sys.executable, "-P", "-m", "realtime.console")
"""Without what lies in the current folder."""

HOME = str(Path(__file__).resolve().parent.parent)


class Wish(NamedTuple):
    """What the command line asks of the console."""

    port: int | None = None
    """0: any that is free; None: the usual one, or the next that is free."""
    is_lan: bool = False
    """Others of the network may pair."""
    opens_browser: bool = False
    takes: str = "takes"
    """Folder, absolute."""

    def write(self, folder: Path) -> None:
        """For whoever keeps the console."""
        new = folder / f"{WISH}.new"
        new.write_text(json.dumps(self._asdict()))
        new.replace(folder / WISH)


def read_wish(folder: Path) -> Wish:
    """The one that lies there; the usual one if none does."""
    try:
        return Wish(**json.loads((folder / WISH).read_text()))
    except (OSError, ValueError, TypeError):
        return Wish()


def new_folder() -> Path:
    """For the link, entered by nobody else."""
    folder = tempfile.mkdtemp(prefix="chanterelle-console-")
    if len(folder) > LONGEST_FOLDER:
        os.rmdir(folder)  # noqa: PTH106 (a string)
        folder = tempfile.mkdtemp(prefix="chanterelle-console-", dir="/tmp")
    return Path(folder)


def open_door(port: int | None, is_lan: bool) -> socket.socket:
    """Listens there; browsers that come before the console does are kept waiting.

    Raises:
        DeviceError: no such port is free.
    """
    usual = range(USUAL_PORT, USUAL_PORT + PORTS_TO_TRY)
    for number in usual if port is None else (port,):
        door = socket.socket()
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("0.0.0.0" if is_lan else "127.0.0.1", number))
            door.listen(128)
            return door
        except OSError as error:
            door.close()
            given = f"cannot listen there ({error.strerror})"
    todo = "take another one with --console-port, or 0 for any that is free"
    raise DeviceError(f"console: port {number}", given, "", todo)


class ConsoleKeeper:
    """Keeps a console from when the engine's socket is there; a context manager.

    Args:
        folder: of the link; it goes with the keeper.
        command: that starts a console.
    """

    def __init__(self, folder: Path, command: Sequence[str] = COMMAND) -> None:
        self.folder, self._command = folder, command
        self._is_over = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._door: socket.socket | None = None
        self._thread = threading.Thread(target=self._keep, name="console keeper", daemon=True)

    def __enter__(self) -> Self:
        token = base64.urlsafe_b64encode(os.urandom(16)).rstrip(b"=")
        (self.folder / TOKEN).write_bytes(token)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the console at once: nothing in it needs time."""
        with self._lock:
            self._is_over.set()
            if self._process:
                self._process.terminate()
        self._thread.join(END_LIMIT_S)
        if self._process and self._thread.is_alive():
            _end_group(self._process.pid)
            self._thread.join(END_LIMIT_S)
        if self._process and self._process.stdin:
            self._process.stdin.close()
        if self._door:
            self._door.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _keep(self) -> None:
        while not (self.folder / SOCKET).exists():
            if self._is_over.wait(LOOK_EVERY_S):
                return
        wish = read_wish(self.folder)
        try:
            self._door = open_door(wish.port, wish.is_lan)
            self._keep_at(self._door)
        except (DeviceError, OSError) as error:  # no port; no process
            self._say(f"no console: {error}")

    def _keep_at(self, door: socket.socket) -> None:
        """Until nobody wants it any more, or it ends too often."""
        ends: deque[float] = deque(maxlen=MOST_ENDS)
        while process := self._start(door, is_first=not ends):
            process.wait()
            _end_group(process.pid)  # what it had started
            ends.append(time.monotonic())
            if len(ends) == MOST_ENDS and ends[-1] - ends[0] < ENDS_S:
                door.close()  # who calls there shall not be kept waiting
                self._say(f"no console: it ended {MOST_ENDS} times in a row{self._why()}")
                return
            self._is_over.wait(AGAIN_AFTER_S)

    def _start(self, door: socket.socket, is_first: bool) -> "subprocess.Popen[bytes] | None":
        """Starts it, if that is still wanted."""
        command = [*self._command, "--link", str(self.folder), "--door", str(door.fileno())]
        command += ["--first"] if is_first else []
        places = (HOME, os.environ.get("PYTHONPATH"))
        with self._lock, (self.folder / SAID).open("wb") as log:
            if self._is_over.is_set():
                return None
            if self._process and self._process.stdin:
                self._process.stdin.close()
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,  # its lifeline: closed when this process is gone
                stdout=subprocess.DEVNULL,
                stderr=log,
                pass_fds=(door.fileno(),),
                process_group=0,  # Ctrl-C in the terminal is not for it
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, places))},
            )
        return self._process

    def _why(self) -> str:
        """Its last words."""
        lines = (self.folder / SAID).read_text(errors="replace").strip().splitlines()
        return f" ({lines[-1]})" if lines else ""

    def _say(self, text: str) -> None:
        """To the performer: by the engine, which has a view; else as a line."""
        if self._is_over.is_set():
            return
        try:
            _ask_to_say(self.folder / SOCKET, text)
        except OSError:
            with contextlib.suppress(OSError):
                print(text, file=sys.stderr, flush=True)


def _end_group(number: int) -> None:
    """A console and what it has started."""
    with contextlib.suppress(OSError):
        os.killpg(number, signal.SIGKILL)


def _ask_to_say(engine: Path, text: str) -> None:
    """In the console's place, which must be free. Raises OSError if the engine does not answer."""
    from realtime.link_frames import ANSWER, REQUEST, FrameReader, pack_values

    reader = FrameReader()
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(ANSWER_LIMIT_S)
        link.connect(str(engine))
        link.sendall(pack_values(REQUEST, {"number": 0, "what": "say", "text": text}))
        while piece := link.recv(1 << 16):
            reader.take(piece)
            if any(frame.kind == ANSWER for frame in reader.frames()):
                return
    raise ConnectionError("it has let us go")
