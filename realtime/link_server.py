"""The engine's end of the link to its console: one thread, one connection, nothing that waits.

It tells what happens (`link_news.py`) and does what it is asked for (`link_asked.py`). A console
that is frozen, floods or dies costs a bounded amount of memory and work: what cannot be sent is
left out or told later, what is too much is not read.
"""

import contextlib
import select
import socket
import threading
import time
from pathlib import Path
from typing import Self

from realtime.allowance import Allowance
from realtime.desk import Change, Desk
from realtime.link_asked import Answerer, Asked
from realtime.link_frames import BUSY, LinkError, pack
from realtime.link_guest import Guest
from realtime.link_news import News, Sources
from realtime.waker import Waker

AFTER_TROUBLE_S = 0.5

MOST_PER_S, MOST_WORK = 1000.0, 0.02
"""Less than OSC may: a console puts turns together, and tells of a knob 80 times a second."""


class LinkServer:
    """Listens between `__enter__` and `__exit__`.

    Args:
        path: of the socket; in a folder that nobody else may enter.
        desk: carries out what is asked for, and tells what happens.
        sources: of what is told.
    """

    def __init__(self, path: Path, desk: Desk, sources: Sources) -> None:
        self._path, self._desk = path, desk
        self._asked = Asked(desk)
        self._news = News(sources, self._asked.troubles.tell)
        with contextlib.suppress(OSError):
            path.unlink()
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._door.bind(str(path))
        self._door.listen(4)
        self._door.setblocking(False)
        self._waker = Waker()
        self._allowance = Allowance(MOST_PER_S, MOST_WORK)
        self._rest_until_s = 0.0
        self._guest: Guest | None = None
        self._is_open = True
        self._thread = threading.Thread(target=self._run, name="console link", daemon=True)

    def answer(self, what: str, answerer: Answerer) -> None:
        """From now on this does what such requests ask for, in the server's thread."""
        self._asked.answer(what, answerer)

    def __enter__(self) -> Self:
        self._desk.listen(self._on_change)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_open = False
        self._waker.wake()
        self._thread.join(timeout=1.0)
        self._door.close()
        self._waker.close()
        with contextlib.suppress(OSError):
            self._path.unlink()

    @property
    def has_guest(self) -> bool:
        """Whether a console is connected."""
        return self._guest is not None

    def _on_change(self, change: Change) -> None:
        """Of the desk, in whichever thread made it."""
        if self._guest is not None and self._news.note(change, time.monotonic()):
            self._waker.wake()

    def _run(self) -> None:
        while self._is_open:
            try:
                self._turn()
            except Exception as error:  # whoever is to blame: the link goes on
                self._let_go()
                if self._is_open:
                    self._asked.troubles.tell(error)
                    time.sleep(AFTER_TROUBLE_S)
        self._let_go()

    def _turn(self) -> None:
        """Waits until there is something to do, and does it."""
        now_s, guest = time.monotonic(), self._guest
        watched: list[socket.socket | Waker] = [self._waker]
        if now_s >= self._rest_until_s:
            watched.append(self._door)
            if guest is not None and not guest.is_behind:
                watched.append(guest.socket)
        readable, _, _ = select.select(watched, [], [], self._wait_s(now_s))
        if self._waker in readable:
            self._waker.forget()
        if self._rest_until_s > time.monotonic():
            self._tell()
            return
        began_s, n_messages = time.thread_time(), 0
        if guest is not None and (guest.socket in readable or self._has_message):
            n_messages = self._receive(guest)
        if self._door in readable:
            n_messages += self._welcome()
        if n_messages:
            work_s, now_s = time.thread_time() - began_s, time.monotonic()
            self._rest_until_s = now_s + self._allowance.spend(n_messages, work_s, now_s)
        self._tell()

    def _wait_s(self, now_s: float) -> float | None:
        """How long nothing needs to be done; None: until somebody comes."""
        rest_s = self._rest_until_s - now_s
        if self._guest is None:
            return rest_s if rest_s > 0.0 else None
        if self._has_message and rest_s <= 0.0:
            return 0.0
        due_s = self._news.due_in_s(now_s, self._guest.is_behind)
        return min(due_s, rest_s) if rest_s > 0.0 else due_s

    @property
    def _has_message(self) -> bool:
        guest = self._guest
        return guest is not None and guest.has_message and not guest.is_behind

    def _welcome(self) -> int:
        """The first console stays as long as it reads: two would fight for the place."""
        try:
            connection, _ = self._door.accept()
        except OSError:  # gone again
            return 0
        if self._guest is not None and not self._guest.is_stuck:
            connection.setblocking(False)
            with connection, contextlib.suppress(OSError):
                connection.send(pack(BUSY, b""))
            return 1
        self._let_go()
        self._guest = Guest(connection)
        self._send(self._news.begin(time.monotonic()))
        return 1

    def _tell(self) -> None:
        if self._guest is not None:
            self._send(self._news.next(time.monotonic(), self._guest.is_behind))

    def _send(self, data: bytes) -> None:
        if self._guest is not None:
            try:
                self._guest.send(data)
            except OSError:
                self._let_go()

    def _receive(self, guest: Guest) -> int:
        """Carries out what has come, and answers; returns how many messages."""
        n_messages = 0
        try:
            guest.receive()
            for message in guest.messages():
                n_messages += 1
                self._send(self._asked.carry_out(message))
                if guest.is_behind:
                    break
            self._asked.settle()
        except OSError:
            self._let_go()
        except LinkError as error:
            self._asked.troubles.tell(error)
            self._let_go()
        return max(n_messages, 1)

    def _let_go(self) -> None:
        guest, self._guest = self._guest, None
        if guest is not None:
            guest.close()
