"""OSC over UDP: phones, tablets and other programs turn what the desk has, and see where it stands.

One thread waits for packets; with no packet and no subscriber it costs nothing. However many come,
it handles so many messages a second and no more, as the same Python plays the music: what is too
much waits in the system's buffer, and is lost there.
"""

import contextlib
import ipaddress
import select
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Self

from ddsp_core.errors import DeviceError
from realtime.allowance import Allowance
from realtime.desk import Desk
from realtime.live_view_state import ViewState
from realtime.osc_answers import Answers
from realtime.osc_news import Peer
from realtime.osc_packet import LONGEST_PACKET
from realtime.waker import Waker

MOST_PER_S = 3000.0
MOST_WORK = 0.05
"""Share of a core: a message that is refused takes ten times as long as a fader's."""

MOST_AT_ONCE = 32
"""Before subscribers get their share."""

BUFFER_BYTES = 1 << 18

SO_RXQ_OVFL = 40
"""Linux tells with a packet how many were lost before it (socket(7)); Python has no name for it."""


class OscServer:
    """Has its port from when it is made; hears and answers between `__enter__` and `__exit__`.

    Args:
        desk: carries out what is asked for.
        read_state: what subscribers see of the performance; called in the server's thread.
        port: UDP; 0: any that is free.
        host: the address to listen at; packets of this machine alone, if not given.

    Raises:
        DeviceError: the port is in use, or the host is not this machine's.
    """

    def __init__(
        self, desk: Desk, read_state: Callable[[], ViewState], port: int, host: str = "127.0.0.1"
    ) -> None:
        self._socket = _open(host, port)
        self.host, self.port = host, int(self._socket.getsockname()[1])
        self._socket.setblocking(False)
        self._waker = Waker()
        self._answers = Answers(desk, read_state, self._send, self._waker.wake, self._is_ourselves)
        self._thread = threading.Thread(target=self._run, name="osc", daemon=True)
        self._is_open = True
        self._n_lost = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_open = False
        self._waker.wake()
        self._thread.join(timeout=1.0)
        self._socket.close()
        self._waker.close()

    @property
    def warning(self) -> str:
        """What it opens to others; empty if nobody but this machine can reach it."""
        if ipaddress.ip_address(self._socket.getsockname()[0]).is_loopback:
            return ""
        return (
            f"OSC listens at {self.host}, port {self.port}: everybody in this network can play,"
            " record and change presets; there is no password in OSC"
        )

    @property
    def troubles(self) -> dict[str, int]:
        """How often something was wrong: malformed, refused, failed, flood, lost, unsent."""
        lost = {"lost": self._n_lost} if self._n_lost else {}
        return {**self._answers.troubles, **lost}

    @property
    def n_messages(self) -> int:
        """Carried out, or refused."""
        return self._answers.n_messages

    def _run(self) -> None:
        allowance = Allowance(MOST_PER_S, MOST_WORK)
        while self._is_open:
            wait_s = self._answers.due_in_s(time.monotonic())
            watched: list[socket.socket | Waker] = [self._socket, self._waker]
            readable, _, _ = select.select(watched, [], [], wait_s)
            if self._waker in readable:
                self._waker.forget()
            began_s = time.thread_time()
            n_messages = self._receive() if self._socket in readable else 0
            work_s = time.thread_time() - began_s if n_messages else 0.0
            self._answers.tick(time.monotonic())
            pause_s = allowance.spend(n_messages, work_s, time.monotonic())
            if pause_s:
                self._answers.trouble("flood", "too many messages; some may be lost", "")
                time.sleep(pause_s)

    def _receive(self) -> int:
        """Packets that are there, until they are enough; returns their number of messages."""
        n_messages = 0
        while n_messages < MOST_AT_ONCE and self._is_open:
            try:
                packet, notes, _, sender = self._socket.recvmsg(LONGEST_PACKET + 1, 64)
            except OSError:  # none is left; or an answer of ours was not wanted
                break
            for level, kind, data in notes:
                if (level, kind) == (socket.SOL_SOCKET, SO_RXQ_OVFL):
                    self._n_lost = int.from_bytes(data[:4], "little")
            n_messages += self._answers.receive(packet, sender, time.monotonic())
        return n_messages

    def _send(self, packet: bytes, peer: Peer) -> None:
        try:
            self._socket.sendto(packet, peer)
        except OSError:  # a full buffer, a network that is gone: the next one comes soon
            self._answers.troubles["unsent"] += 1

    def _is_ourselves(self, peer: Peer) -> bool:
        """Whether our feedback would come back to us as commands: only our own hosts can bind."""
        if peer[1] != self.port:
            return False
        with contextlib.suppress(OSError), socket.socket(self._socket.family) as trial:
            trial.bind((peer[0], 0))
            return True
        return False


def _open(host: str, port: int) -> socket.socket:
    where = f"OSC {host}:{port}"
    try:
        kind, address = _resolve(host, port)
        opened = socket.socket(kind, socket.SOCK_DGRAM)
    except (OSError, OverflowError, UnicodeError) as error:
        raise DeviceError(
            where, f"no such address ({error})", "an address of this machine"
        ) from None
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        if sys.platform == "linux":
            opened.setsockopt(socket.SOL_SOCKET, SO_RXQ_OVFL, 1)
        opened.bind(address)
    except (OSError, OverflowError) as error:
        opened.close()
        given = f"cannot listen there ({error})"
        raise DeviceError(where, given, "", "take another port, or end what uses it") from None
    return opened


def _resolve(host: str, port: int) -> tuple[socket.AddressFamily, Any]:
    kind, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    return kind, address
