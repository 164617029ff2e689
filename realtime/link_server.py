"""The engine's end of the link to its console: one thread, one connection, nothing that waits.

It tells what happens, thirty times a second and at once when something is turned, and does what it
is asked for. A console that is frozen, floods or dies costs a bounded amount of memory and work:
what cannot be sent is left out or told later, and what is too much is not read.
"""

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from ddsp_core.errors import ChanterelleError
from realtime.desk import Change, Desk
from realtime.link_frames import (
    ANSWER,
    CHANGES,
    DO,
    LIVE,
    REQUEST,
    SET,
    STATE,
    TABLE,
    Frame,
    FrameReader,
    LinkError,
    pack,
    pack_values,
)
from realtime.link_live import LiveFrame, pack_live
from realtime.osc import Allowance

SOURCE = "console"
EVERY_S = 1.0 / 30.0
STATE_EVERY_S = 0.2
SOON_S = 0.01
"""After a change it is told, with all that come in between."""

MOST_READ = 1 << 14
MOST_UNSENT = 1 << 16
"""Bytes that wait; beyond that, what moves fast is left out."""

MOST_PENDING = 1000

Answerer = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Does what a request asks for; its result goes into the answer."""


class LinkServer:
    """Listens between `__enter__` and `__exit__`.

    Args:
        path: of the socket; in a folder that nobody else may enter.
        desk: carries out what is asked for, and tells what happens.
        read_table: what stays, as JSON's values.
        read_state: what a view shows, likewise.
        read_live: what moves fast.
    """

    def __init__(
        self,
        path: Path,
        desk: Desk,
        read_table: Callable[[], Mapping[str, Any]],
        read_state: Callable[[], Mapping[str, Any]],
        read_live: Callable[[], LiveFrame],
    ) -> None:
        self._desk, self._read_table = desk, read_table
        self._read_state, self._read_live = read_state, read_live
        self._answerers: dict[str, Answerer] = {}
        self._path = path
        with contextlib.suppress(OSError):
            path.unlink()
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._door.bind(str(path))
        self._door.listen(1)
        self._waker, self._woken = socket.socketpair()
        for end in (self._door, self._waker, self._woken):
            end.setblocking(False)
        self._lock = threading.Lock()  # never held while anybody else's code runs
        self._pending: dict[tuple[str, str], Change] = {}
        self._guest: _Guest | None = None
        self._is_open = True
        self._thread = threading.Thread(target=self._run, name="console link", daemon=True)

    def answer(self, what: str, answerer: Answerer) -> None:
        """From now on this does what such requests ask for, in the server's thread."""
        self._answerers[what] = answerer

    def __enter__(self) -> Self:
        self._desk.listen(self._on_change)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_open = False
        self._wake()
        self._thread.join(timeout=1.0)
        for end in (self._door, self._waker, self._woken):
            end.close()
        with contextlib.suppress(OSError):
            self._path.unlink()

    @property
    def has_guest(self) -> bool:
        """Whether a console is connected."""
        return self._guest is not None

    def _on_change(self, change: Change) -> None:
        """Of the desk, in whichever thread made it; the last of each control is told."""
        if self._guest is None:
            return
        with self._lock:
            is_first = not self._pending
            if len(self._pending) < MOST_PENDING:
                key = (change.what, change.name)
                self._pending.pop(key, None)
                self._pending[key] = change
        if is_first:
            self._wake()

    def _run(self) -> None:
        allowance, rest_until_s, due_s = Allowance(), 0.0, 0.0
        while self._is_open:
            now_s = time.monotonic()
            guest = self._guest
            watched: list[Any] = [self._door, self._woken]
            if guest is not None and now_s >= rest_until_s:
                watched.append(guest.socket)
            wait_s = None if guest is None else max(min(due_s, guest.due_s) - now_s, 0.0)
            readable, _, _ = select.select(watched, [], [], wait_s)
            if self._woken in readable:
                self._forget_wakes()
                due_s = min(due_s, time.monotonic() + SOON_S)
            if self._door in readable:
                self._welcome()
            if guest is not None and guest.socket in readable:
                began_s = time.thread_time()
                n_messages = self._receive(guest)
                work_s = time.thread_time() - began_s
                rest_until_s = now_s + allowance.spend(n_messages, work_s, now_s)
            if self._guest is not None and time.monotonic() >= min(due_s, self._guest.due_s):
                due_s = float("inf")
                self._tell(self._guest)
        if self._guest is not None:
            self._guest.socket.close()

    def _welcome(self) -> None:
        """The newest console is the one: another one that still hangs there is let go."""
        with contextlib.suppress(OSError):
            connection, _ = self._door.accept()
            connection.setblocking(False)
            if self._guest is not None:
                self._guest.socket.close()
            guest = _Guest(connection)
            guest.send(pack_values(TABLE, self._read_table()))
            guest.send(pack_values(STATE, self._read_state()))
            self._guest = guest

    def _tell(self, guest: "_Guest") -> None:
        """Changes at once, the rest when it is due."""
        with self._lock:
            pending, self._pending = self._pending, {}
        now_s = time.monotonic()
        try:
            if pending:
                guest.send(pack_values(CHANGES, list(pending.values())))
            if now_s >= guest.due_s:
                guest.due_s = now_s + EVERY_S
                if not guest.is_behind:
                    guest.send(pack(LIVE, pack_live(self._read_live())))
                if now_s >= guest.state_due_s and not guest.is_behind:
                    guest.state_due_s = now_s + STATE_EVERY_S
                    guest.send(pack_values(STATE, self._read_state()))
            guest.flush()
        except (OSError, LinkError):
            self._let_go(guest)

    def _receive(self, guest: "_Guest") -> int:
        """Carries out what has come; returns how many messages."""
        n_messages = 0
        try:
            for frame in guest.receive():
                n_messages += 1
                self._carry_out(guest, frame)
        except (OSError, LinkError):
            self._let_go(guest)
        return n_messages

    def _carry_out(self, guest: "_Guest", frame: Frame) -> None:
        asked = frame.values
        try:
            if frame.kind == SET:
                self._desk.set(str(asked["name"]), asked["value"], SOURCE)
            elif frame.kind == DO:
                self._desk.do(str(asked["name"]), asked["value"], SOURCE)
            elif frame.kind == REQUEST:
                guest.send(pack_values(ANSWER, self._answered(asked)))
        except ChanterelleError as error:
            self._desk.say(str(error), SOURCE)
        except (KeyError, TypeError) as error:
            raise LinkError("link", f"a message without {error}", "", "") from None

    def _answered(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        number, what = asked["number"], str(asked["what"])
        try:
            if what not in self._answerers:
                raise LinkError(what, "nobody here can do it", "", "")
            return {"number": number, "error": "", **self._answerers[what](asked)}
        except ChanterelleError as error:
            return {"number": number, "error": str(error)}

    def _let_go(self, guest: "_Guest") -> None:
        guest.socket.close()
        if self._guest is guest:
            self._guest = None

    def _wake(self) -> None:
        with contextlib.suppress(OSError):  # full: it is awake
            self._waker.send(b"!")

    def _forget_wakes(self) -> None:
        with contextlib.suppress(OSError):
            self._woken.recv(4096)


class _Guest:
    """A console that is connected."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.due_s = self.state_due_s = 0.0
        self._reader, self._unsent = FrameReader(), bytearray()

    @property
    def is_behind(self) -> bool:
        """Whether it does not read as fast as it is told."""
        return len(self._unsent) > MOST_UNSENT

    def send(self, data: bytes) -> None:
        """Now, or when it reads again. Raises OSError if it has gone."""
        self._unsent += data
        self.flush()

    def flush(self) -> None:
        """As much as it takes. Raises OSError if it has gone, or reads nothing for too long."""
        if len(self._unsent) > 16 * MOST_UNSENT:
            raise OSError("the console does not read")
        with contextlib.suppress(BlockingIOError):
            while self._unsent:
                n_sent = self.socket.send(self._unsent)
                del self._unsent[:n_sent]

    def receive(self) -> list[Frame]:
        """What has come, of a bounded length. Raises OSError if it has gone, LinkError."""
        piece = self.socket.recv(MOST_READ)
        if not piece:
            raise OSError("the console has gone")
        return list(self._reader.feed(piece))
