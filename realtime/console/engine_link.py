"""The console's end of the link to the engine: connects, keeps the mirror true, comes back."""

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from realtime.console.mirror import Mirror
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
    pack_values,
)
from realtime.link_live import unpack_live

AGAIN_AFTER_S = 0.2
SETS_EVERY_S = 0.012
MOST_UNSENT = 1 << 16
PIECE = 1 << 16


class EngineLink:
    """Runs as long as the console does.

    Args:
        path: of the engine's socket.
        mirror: what is kept up to date.
        greeting: what the performer is told at the first connection; empty: nothing.
    """

    def __init__(self, path: Path, mirror: Mirror, greeting: str = "") -> None:
        self._path, self._mirror, self._greeting = path, mirror, greeting
        self._writer: asyncio.StreamWriter | None = None
        self._sets: dict[str, float] = {}
        self._sending: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Connects, again and again, until it is cancelled."""
        while True:
            with contextlib.suppress(OSError, ValueError, EOFError):
                reader, self._writer = await asyncio.open_unix_connection(str(self._path))
                try:
                    await self._listen(reader)
                finally:
                    self._writer.close()
                    self._writer = None
                    self._mirror.disconnect()
            await asyncio.sleep(AGAIN_AFTER_S)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        frames = FrameReader()
        while piece := await reader.read(PIECE):
            for frame in frames.feed(piece):
                self._take(frame)

    def _take(self, frame: Frame) -> None:
        mirror = self._mirror
        if frame.kind == LIVE:
            mirror.take_live(unpack_live(frame.payload))
        elif frame.kind == CHANGES:
            mirror.take_changes(frame.values)
        elif frame.kind == STATE:
            mirror.take_state(frame.values)
        elif frame.kind == TABLE:
            mirror.connect(self)
            mirror.take_table(frame.values)
            if self._greeting:
                self.send_request(0, "say", {"text": self._greeting})
                self._greeting = ""
        elif frame.kind == ANSWER:
            mirror.take_answer(frame.values)

    def send_set(self, name: str, value: float) -> None:
        """Turns a control; what follows within some milliseconds replaces it."""
        self._sets[name] = value
        if self._sending is None:
            loop = asyncio.get_running_loop()
            self._sending = loop.call_later(SETS_EVERY_S, self._send_sets)

    def send_do(self, name: str, value: float | str | None) -> None:
        """Carries out a command, after all that was turned before it."""
        self._send_sets()
        self._send(DO, {"name": name, "value": value})

    def send_request(self, number: int, what: str, details: Mapping[str, Any]) -> None:
        """Asks for something that is answered."""
        self._send_sets()
        self._send(REQUEST, {**details, "number": number, "what": what})

    def _send_sets(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None
        sets, self._sets = self._sets, {}
        for name, value in sets.items():
            self._send(SET, {"name": name, "value": value})

    def _send(self, kind: bytes, values: Mapping[str, Any]) -> None:
        """Unless the engine has stopped reading: it would do it much later."""
        if self._writer is None or self._writer.transport.get_write_buffer_size() > MOST_UNSENT:
            return
        self._writer.write(pack_values(kind, values))
