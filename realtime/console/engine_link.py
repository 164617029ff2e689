"""The console's end of the link to the engine: connects, keeps the mirror true, comes back."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ddsp_core.errors import ChanterelleError
from realtime.console.mirror import Mirror
from realtime.link_frames import (
    ANSWER,
    BUSY,
    CHANGES,
    DO,
    LIVE,
    LONGEST_WISH,
    REQUEST,
    SET,
    STATE,
    TABLE,
    Frame,
    FrameReader,
    pack_values,
)
from realtime.link_live import unpack_live

AGAIN_AFTER_S = 0.1
LATER_S = 1.0
"""Another console has the place, or what the engine says is not understood."""

SETS_EVERY_S = 0.012
MOST_SETS = 1000
MOST_UNSENT = 1 << 16
PIECE = 1 << 16

log = logging.getLogger(__name__)


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
            pause_s = AGAIN_AFTER_S
            try:
                pause_s = await self._stay()
            except OSError:  # the engine is away
                pass
            except Exception:
                log.exception("the engine's link")
                pause_s = LATER_S
            await asyncio.sleep(pause_s)

    async def _stay(self) -> float:
        """Until the link ends; returns how long to wait before the next."""
        reader, self._writer = await asyncio.open_unix_connection(str(self._path))
        frames = FrameReader()
        try:
            while piece := await reader.read(PIECE):
                frames.take(piece)
                for frame in frames.frames():
                    if frame.kind == BUSY:
                        return LATER_S
                    self._take(frame)
            return AGAIN_AFTER_S
        finally:
            self._writer.close()
            self._writer = None
            self._sets.clear()  # turned long ago when it is back
            self._mirror.disconnect()

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
            self._greet()
        elif frame.kind == ANSWER:
            mirror.take_answer(frame.values)

    def _greet(self) -> None:
        if self._greeting:
            self.send_request(0, "say", {"text": self._greeting})
            self._greeting = ""

    def send_set(self, name: str, value: float) -> None:
        """Turns a control; what follows within some milliseconds replaces it."""
        if len(self._sets) < MOST_SETS or name in self._sets:
            self._sets[name] = value
        if self._sending is None:
            loop = asyncio.get_running_loop()
            self._sending = loop.call_later(SETS_EVERY_S, self._send_sets)

    def send_do(self, name: str, value: float | str | None) -> None:
        """Carries out a command, after all that was turned before it."""
        self._send_sets()
        self._send(DO, {"name": name, "value": value})

    def send_request(self, number: int, what: str, details: Mapping[str, Any]) -> None:
        """Asks for something that is answered. Raises ChanterelleError if it is too long."""
        self._send_sets()
        self._send(REQUEST, {**details, "number": number, "what": what})

    def _send_sets(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None
        sets, self._sets = self._sets, {}
        for name, value in sets.items():
            with contextlib.suppress(ChanterelleError):
                self._send(SET, {"name": name, "value": value})

    def _send(self, kind: bytes, values: Mapping[str, Any]) -> None:
        """Unless the engine has stopped reading: it would do it much later."""
        if self._writer is None or self._writer.transport.get_write_buffer_size() > MOST_UNSENT:
            return
        data = pack_values(kind, values)
        if len(data) > LONGEST_WISH:
            raise ChanterelleError("console", f"{len(data)} bytes", f"up to {LONGEST_WISH}", "")
        self._writer.write(data)
