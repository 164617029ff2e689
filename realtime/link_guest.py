"""A console that is connected: what goes to it and comes from it, of bounded length."""

import contextlib
import socket
import time
from collections.abc import Iterator
from itertools import islice

from realtime.link_frames import LONGEST_WISH, Frame, FrameReader

MOST_READ = 1 << 14
MOST_AT_ONCE = 16
"""Messages, before others get their share: a fifth of a millisecond of Python at most."""

SYSTEM_BYTES = 1 << 15
"""Of the system's own buffer: a console that was frozen is shown little of what was long ago."""

STUCK_S = 2.0
"""After so long without reading anything, another console may have its place."""


class Guest:
    """One console.

    Args:
        connection: to it, as it was accepted.
    """

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SYSTEM_BYTES)
        self.socket = connection
        self._reader, self._unsent = FrameReader(LONGEST_WISH), bytearray()
        self._sent_s = time.monotonic()

    @property
    def is_behind(self) -> bool:
        """Whether it does not read as fast as it is told; it is told and asked no more till then.

        So what waits for it is never more than was said at once.
        """
        return bool(self._unsent)

    @property
    def is_stuck(self) -> bool:
        """Whether it has been so for long: frozen, or not a console at all."""
        return self.is_behind and time.monotonic() - self._sent_s > STUCK_S

    @property
    def has_message(self) -> bool:
        """Whether one has come that nobody has looked at."""
        return self._reader.has_frame

    def send(self, data: bytes) -> None:
        """As much as it takes now, the rest when it reads again. Raises OSError if it has gone."""
        self._unsent += data
        with contextlib.suppress(BlockingIOError):
            while self._unsent:
                n_sent = self.socket.send(self._unsent)
                del self._unsent[:n_sent]
                self._sent_s = time.monotonic()
        if not self._unsent:
            self._sent_s = time.monotonic()

    def receive(self) -> None:
        """Takes in a piece of what has come. Raises OSError if it has gone."""
        if self._reader.has_frame:
            return
        piece = self.socket.recv(MOST_READ)
        if not piece:
            raise OSError("the console has gone")
        self._reader.take(piece)

    def messages(self) -> Iterator[Frame]:
        """The next ones, not too many. Raises LinkError if it says what cannot be."""
        return islice(self._reader.frames(), MOST_AT_ONCE)

    def close(self) -> None:
        """Lets it go."""
        self.socket.close()
