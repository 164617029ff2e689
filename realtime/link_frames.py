"""What goes between the engine and its console: frames on a Unix socket, of a length and a kind.

    length of the rest (4 bytes, little-endian) | kind (1 byte) | payload

Tables, states and changes are JSON; what comes thirty times a second is packed (`link_live.py`).
Nothing of it is ever executed or unpickled: the console faces a network, and the engine the stage.
"""

import json
import math
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

from ddsp_core.errors import ChanterelleError

LENGTH = struct.Struct("<I")
LONGEST = 1 << 20
"""Bytes after the length; more is nothing that we have sent."""

LONGEST_WISH = 1 << 14
"""Of what the console asks for: what the engine reads, it reads beside the music."""

# From the engine
TABLE = b"T"
"""All that stays: controls, commands, presets, songs, effects (`link_table.py`). JSON."""
STATE = b"S"
"""All that a view shows, but for what moves fast: a `ViewState`. JSON."""
CHANGES = b"C"
"""What was turned or done since the last ones: a list of `desk.Change`. JSON."""
LIVE = b"L"
"""Meters, pitch, what the voice is made of: a `LiveFrame`."""
ANSWER = b"A"
"""To a request: {"number": N, "error": TEXT or "", ...}. JSON."""
BUSY = b"B"
"""There is a console already, and it listens. Nothing else comes, and the link is closed."""

# From the console
SET = b"s"
"""{"name": CONTROL, "value": NUMBER}."""
DO = b"d"
"""{"name": COMMAND, "value": NUMBER, TEXT or null}."""
REQUEST = b"r"
"""What is answered: {"number": N, "what": WORD, ...}."""


class LinkError(ChanterelleError):
    """The other end of the link says what cannot be."""


class Frame(NamedTuple):
    """One message."""

    kind: bytes
    payload: bytes

    @property
    def values(self) -> Any:
        """What its JSON says. Raises LinkError."""
        try:
            return json.loads(self.payload)
        except (ValueError, RecursionError):
            raise LinkError("link", "a message that is no JSON", "", "") from None


def pack(kind: bytes, payload: bytes) -> bytes:
    """A frame's bytes."""
    return LENGTH.pack(len(payload) + 1) + kind + payload


def pack_values(kind: bytes, values: Any) -> bytes:
    """A frame of JSON; numbers that are infinite or none become null."""
    return pack(kind, json.dumps(_finite(values), separators=(",", ":")).encode())


def _finite(values: Any) -> Any:
    if isinstance(values, float):
        return values if math.isfinite(values) else None
    if isinstance(values, dict):
        return {key: _finite(value) for key, value in values.items()}
    if isinstance(values, list | tuple):
        return [_finite(value) for value in values]
    return values


class FrameReader:
    """Cuts what comes in, in pieces of any size, into frames.

    Args:
        longest: bytes of a frame after its length.
    """

    def __init__(self, longest: int = LONGEST) -> None:
        self._longest, self._held, self._at = longest, bytearray(), 0

    def take(self, piece: bytes) -> None:
        """What has come next."""
        del self._held[: self._at]
        self._at = 0
        self._held += piece

    def frames(self) -> Iterator[Frame]:
        """Those that are complete. Raises LinkError for one that is too long or empty."""
        while (end := self._end()) is not None:
            kind = bytes(self._held[self._at + LENGTH.size : self._at + LENGTH.size + 1])
            payload = bytes(self._held[self._at + LENGTH.size + 1 : end])
            self._at = end
            yield Frame(kind, payload)

    @property
    def has_frame(self) -> bool:
        """Whether there is another one, complete or impossible."""
        try:
            return self._end() is not None
        except LinkError:
            return True

    def _end(self) -> int | None:
        """Where the next frame ends; None: it is not complete."""
        if len(self._held) - self._at < LENGTH.size:
            return None
        (length,) = LENGTH.unpack_from(self._held, self._at)
        if not 1 <= length <= self._longest:
            raise LinkError("link", f"a message of {length} bytes", f"1 to {self._longest}", "")
        end = self._at + LENGTH.size + int(length)
        return end if len(self._held) >= end else None
