"""MIDI inputs: any number, by part of their name, opened when they appear, found again when lost.

They live in a process of their own (`midi_worker.py`): RtMidi holds Python's lock while it looks
for ports and connects them, for up to 25 ms, and a block lasts 3. A message reaches us through a
pipe. If that process hangs or dies, it is started again.
"""

import contextlib
import os
import select
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from ddsp_core.errors import DeviceError
from realtime.midi_frames import REPORT, FrameReader, Report, read_report
from realtime.midi_watch import ALL, VIRTUAL, is_wanted, no_midi

START_LIMIT_S = 3.0
SILENCE_S = 8.0
"""A process that has not said for so long that it looked hangs. A JACK server that has lost a
client makes the next one wait for up to 5 s."""
AGAIN_AFTER_S = 0.3
END_LIMIT_S = 1.0
PIECE = 65536

Receiver = Callable[[bytes, str, float], object]
"""Gets each message, its port's name and when it came in (time.monotonic, s)."""


class MidiPorts:
    """Open inputs; a context manager.

    Args:
        names: parts of names, also as one text (`nano,Pedal`); `all` for every instrument,
            `virtual` for an input of our own, "midi in", that others connect to.
        on_message: called in this object's thread with each message.
        on_notice: called there with what the performer should know.
    """

    def __init__(
        self,
        names: str | Sequence[str],
        on_message: Receiver,
        on_notice: Callable[[str], object] = lambda text: None,
    ) -> None:
        self.wanted = split_names(names)
        self.n_restarts = 0
        self.n_failed = 0
        self._on_message, self._on_notice = on_message, on_notice
        self._there: list[str] = []
        self._open: dict[int, str] = {}
        self._has_looked, self._is_closing = threading.Event(), threading.Event()
        self._no_midi = False
        self._worker = self._start()
        self._thread = threading.Thread(target=self._serve, name="midi", daemon=True)
        self._thread.start()

    @property
    def there(self) -> tuple[str, ...]:
        """Names of all inputs."""
        return tuple(self._there)

    @property
    def open(self) -> tuple[str, ...]:
        """Names of those that are open."""
        return tuple(self._open.values())

    @property
    def pid(self) -> int:
        """Number of the process of the ports."""
        return self._worker.pid

    @property
    def problem(self) -> str:
        """What the performer should know; empty if all is well."""
        if self._no_midi:
            return "no MIDI system answers"
        missing = self._missing() if self._has_looked.is_set() else ()
        return f"no MIDI port {missing[0]!r}" if missing else ""

    def wait_until_ready(self, limit_s: float = START_LIMIT_S) -> None:
        """Until it is known which ports there are, some tenths of a second.

        Raises DeviceError if there is no MIDI at all. A port that is missing is a `problem` and no
        error: it may be plugged in later.
        """
        if not self._has_looked.wait(limit_s) and self._no_midi:
            raise no_midi()

    def close(self) -> None:
        """Closes all ports; a second time does nothing."""
        self._is_closing.set()
        _ask_to_leave(self._worker)
        self._thread.join(3 * END_LIMIT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "realtime.midi_worker", *self.wanted],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd=Path(__file__).resolve().parent.parent,
        )

    def _serve(self) -> None:
        """This object's thread."""
        while True:
            with contextlib.suppress(OSError, ValueError):
                self._read_all()
            _end(self._worker)
            self._there, self._open = [], {}
            if self._is_closing.wait(AGAIN_AFTER_S):
                return
            self.n_restarts += 1
            self._worker = self._start()

    def _read_all(self) -> None:
        """Until the process ends or says nothing for too long."""
        assert self._worker.stdout is not None
        descriptor, reader = self._worker.stdout.fileno(), FrameReader()
        while select.select([descriptor], [], [], SILENCE_S)[0]:
            piece = os.read(descriptor, PIECE)
            if not piece:
                return
            for frame in reader.feed(piece):
                if frame.port == REPORT:
                    self._note(read_report(frame.data))
                else:
                    self._receive(frame.data, self._open.get(frame.port, ""), frame.time_s)

    def _receive(self, data: bytes, port: str, time_s: float) -> None:
        try:
            self._on_message(data, port, time_s)
        except Exception:
            self.n_failed += 1

    def _note(self, report: Report) -> None:
        what, name = report.what, report.name
        self._no_midi = what == "no_midi"
        if what == "there":
            self._there = [*self._there, name]
        elif what == "vanished":
            self._there = [known for known in self._there if known != name]
        elif what == "opened":
            self._open = {**self._open, report.port: name}
            if self._has_looked.is_set():
                self._tell(f"MIDI: {name} is here")
        elif what == "closed":
            self._open = {port: known for port, known in self._open.items() if port != report.port}
            self._tell(f"MIDI: {name} is gone, and looked for")
        elif what == "refused":
            self._tell(f"MIDI: {name} does not open")
        elif what == "looked":
            self._has_looked.set()

    def _tell(self, text: str) -> None:
        if not self._is_closing.is_set():
            with contextlib.suppress(Exception):
                self._on_notice(text)

    def _missing(self) -> list[str]:
        found = self.open
        plain = [name for name in self.wanted if name not in (ALL, VIRTUAL)]
        return [name for name in plain if not any(is_wanted(port, [name]) for port in found)]


def split_names(names: str | Sequence[str]) -> list[str]:
    """Parts of names, out of `nano,Pedal` or a list.

    Raises DeviceError if there is none.
    """
    pieces = names.split(",") if isinstance(names, str) else names
    found = [piece.strip() for piece in pieces if piece.strip()]
    if not found:
        raise DeviceError("--midi", repr(names), "part of a MIDI port's name, all, or virtual")
    return found


def _ask_to_leave(worker: "subprocess.Popen[bytes]") -> None:
    assert worker.stdin is not None
    with contextlib.suppress(OSError):
        worker.stdin.close()


def _end(worker: "subprocess.Popen[bytes]") -> None:
    """Asks the process to leave, and insists."""
    _ask_to_leave(worker)
    try:
        worker.wait(END_LIMIT_S)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
    if worker.stdout is not None:
        worker.stdout.close()
