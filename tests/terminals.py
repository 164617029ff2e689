"""A program in a terminal of its own, with somebody who types and looks at the screen."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent

START = """
import os, sys
os.close(os.open(os.ttyname(0), os.O_RDWR))  # now it is this session's terminal
sys.path.insert(0, "tests")
report = os.fdopen(int(sys.argv[1]), "w", buffering=1)
"""


class Typist:
    """Runs Python code with a pseudo-terminal; what it prints to `report` comes by `line()`."""

    def __init__(self, code: str, rows: int = 24, columns: int = 80, **environment: str) -> None:
        self._code, self._size = START + code, (rows, columns)
        self._environment = {**os.environ, "TERM": "xterm-256color", **environment}
        self.screen = b""
        """Everything that came out so far."""

    def __enter__(self) -> Self:
        self._master, self._slave = pty.openpty()
        self.resize(*self._size)
        self._before = self.settings()
        reader, writer = os.pipe()
        command = [sys.executable, "-c", self._code, str(writer)]
        terminal: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), self._slave)
        self.program = subprocess.Popen(
            command, cwd=ROOT, env=self._environment, pass_fds=[writer], start_new_session=True,
            **terminal,
        )  # fmt: skip
        os.close(writer)
        self._report, self._told = reader, b""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.program.kill()
        self.program.wait()
        os.close(self._report)
        os.close(self._slave)
        os.close(self._master)

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def see(self, text: bytes, timeout_s: float = 20.0) -> None:
        """Waits until it has come out."""
        until_s = time.monotonic() + timeout_s
        while text not in self.look():
            is_running = self.program.poll() is None and time.monotonic() < until_s
            assert is_running, self.screen[-3000:].decode(errors="replace")
            time.sleep(0.02)

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def line(self, timeout_s: float = 20.0) -> str:
        """The next line of the report; the screen is read while waiting, as people do."""
        until_s = time.monotonic() + timeout_s
        while b"\n" not in self._told:
            self.look()
            assert time.monotonic() < until_s, self.screen.decode(errors="replace")
            if select.select([self._report], [], [], 0.02)[0]:
                told = os.read(self._report, 65536)
                assert told, self.look().decode(errors="replace")
                self._told += told
        line, self._told = self._told.split(b"\n", 1)
        return line.decode()

    def look(self) -> bytes:
        while select.select([self._master], [], [], 0)[0]:
            self.screen += os.read(self._master, 65536)
        return self.screen

    def settings(self) -> list[Any]:
        return termios.tcgetattr(self._slave)

    @property
    def is_as_before(self) -> bool:
        return self.settings() == self._before

    def wait(self, timeout_s: float = 20.0) -> int:
        """Exit code."""
        until_s = time.monotonic() + timeout_s
        while self.program.poll() is None:
            self.look()
            assert time.monotonic() < until_s
            time.sleep(0.01)
        self.look()
        return int(self.program.returncode)
