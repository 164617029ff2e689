"""Wakes a thread that waits for sockets, from any other thread."""

import contextlib
import socket


class Waker:
    """Stands among the sockets of a `select`, and is readable once somebody has called `wake`."""

    def __init__(self) -> None:
        self._sender, self._receiver = socket.socketpair()
        self._sender.setblocking(False)
        self._receiver.setblocking(False)

    def fileno(self) -> int:
        """What `select` asks for."""
        return self._receiver.fileno()

    def wake(self) -> None:
        """From any thread; many calls are one, and one after `close` is none."""
        with contextlib.suppress(OSError):  # full: it is awake
            self._sender.send(b"!")

    def forget(self) -> None:
        """What woke the thread is being seen to."""
        with contextlib.suppress(OSError):
            self._receiver.recv(4096)

    def close(self) -> None:
        """Lets both ends go."""
        self._sender.close()
        self._receiver.close()
