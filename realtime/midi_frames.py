"""What passes from the process of the MIDI ports to the one that plays: short frames on a pipe.

A frame is written by one call and is shorter than what a pipe takes whole (PIPE_BUF: 4096 bytes on
Linux, 512 on macOS), so that several threads may write without a lock.
"""

import json
import os
import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

HEADER = struct.Struct("<dHH")
"""When it came in (time.monotonic, s), number of its port, bytes that follow."""

REPORT = 0xFFFF
"""In place of a port's number: something about the ports, as JSON."""

LONGEST = 480
"""Bytes of data: system exclusive messages and names beyond it are no use here."""


class Frame(NamedTuple):
    """One message, or a report."""

    time_s: float
    port: int
    data: bytes


class Report(NamedTuple):
    """Something about the ports."""

    what: str
    """"there", "vanished", "opened", "closed", "refused", "no_midi", "looked"."""
    name: str = ""
    port: int = 0


def write_frame(descriptor: int, time_s: float, port: int, data: Sequence[int]) -> bool:
    """Writes one frame; False if it is too long or the pipe full: nobody waits here, in a sound
    server's thread."""
    if len(data) > LONGEST:
        return False
    try:
        os.write(descriptor, HEADER.pack(time_s, port, len(data)) + bytes(data))
    except BlockingIOError:
        return False
    return True


def write_report(descriptor: int, time_s: float, report: Report) -> bool:
    """Writes a report, the name cut to fit."""
    short = report._replace(name=report.name[: LONGEST // 8])
    return write_frame(descriptor, time_s, REPORT, json.dumps(short).encode())


def read_report(data: bytes) -> Report:
    """What `write_report` wrote."""
    return Report(*json.loads(data))


class FrameReader:
    """Frames out of whatever pieces a pipe hands over."""

    def __init__(self) -> None:
        self._left = b""

    def feed(self, piece: bytes) -> Iterator[Frame]:
        """The frames that are complete now."""
        self._left += piece
        while len(self._left) >= HEADER.size:
            time_s, port, length = HEADER.unpack_from(self._left)
            end = HEADER.size + length
            if len(self._left) < end:
                return
            data, self._left = self._left[HEADER.size : end], self._left[end:]
            yield Frame(time_s, port, data)
