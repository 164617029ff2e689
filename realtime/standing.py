"""Where a performance stands, kept outside the process that plays: its successor goes on there.

The supervisor owns the file, and never reads it. Two pages of it are written in turn, each with its
number, length and checksum: a process that is killed while writing leaves the page before.
"""

import dataclasses
import json
import os
import struct
import tempfile
import zlib
from dataclasses import dataclass, field
from typing import IO

PAGE_BYTES = 65536
HEADER = struct.Struct("<QII")
"""Number of the write, length of what follows, and a checksum of both."""


@dataclass(frozen=True)
class Standing:
    """All that a performer has set since the start."""

    song: int = 0
    place: int = 0
    """Of the preset in its song, from 0."""
    controls: dict[str, float] = field(default_factory=dict)
    is_bypassed: bool = False
    effects_out: tuple[str, ...] = ()
    """Effects that the performer has taken out."""
    effect_order: tuple[str, ...] = ()
    """How the sound goes through the effects of each side."""
    tempo_bpm: float = 0.0
    """0: never set."""
    take: str = ""
    """Folder of the take that is being recorded; empty: none."""
    flags: dict[str, str] = field(default_factory=dict)
    """Of the command line, as a console has changed them (`restart.py`)."""
    proven: dict[str, str] = field(default_factory=dict)
    """Those that it has played with."""
    said: str = ""
    """For the performer, once it plays again."""


def new_file() -> IO[bytes]:
    """An empty file without a name."""
    return tempfile.TemporaryFile(prefix="chanterelle-", buffering=0)


class StandingFile:
    """The two pages, as the playing process sees them.

    Args:
        descriptor: of a file that `new_file` made; inherited.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._number, self._last = self._newest()
        self._written: Standing | None = None

    def read(self) -> Standing | None:
        """The last that was written whole; None if there is none."""
        return self._last

    def write(self, standing: Standing) -> None:
        """Keeps it, if it differs from the last one; a disk without room keeps the one before."""
        if standing == self._written:
            return
        text = json.dumps(dataclasses.asdict(standing)).encode()
        if len(text) > PAGE_BYTES - HEADER.size:
            return
        page = HEADER.pack(self._number + 1, len(text), _sum(self._number + 1, text)) + text
        try:
            os.pwrite(self._descriptor, page, (self._number + 1) % 2 * PAGE_BYTES)
        except OSError:
            return
        self._number += 1
        self._written = self._last = standing

    def _newest(self) -> tuple[int, Standing | None]:
        found = [self._page(at) for at in (0, PAGE_BYTES)]
        return max(found, key=lambda page: page[0])

    def _page(self, at: int) -> tuple[int, Standing | None]:
        data = os.pread(self._descriptor, PAGE_BYTES, at)
        if len(data) < HEADER.size:
            return 0, None
        number, length, checksum = HEADER.unpack_from(data)
        text = data[HEADER.size : HEADER.size + length]
        if not text or len(text) != length or _sum(number, text) != checksum:
            return 0, None
        values = json.loads(text)
        lists = {name: tuple(values[name]) for name in ("effects_out", "effect_order")}
        return number, Standing(**{**values, **lists})


def _sum(number: int, text: bytes) -> int:
    return zlib.crc32(text, number & 0xFFFFFFFF)
