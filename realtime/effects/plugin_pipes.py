"""Pipes between the engine and a plug-in's process: letters before playing, then wake-up calls.

A call is the number of the newest frame that lies ready. The write end never blocks; and it is
gone as soon as the engine is, however that ended, which the process is told by the system.
"""

import ctypes
import json
import os
import select
import struct
import threading
import time
from typing import Any

NUMBER = struct.Struct("=Q")
MAX_LETTER = 1 << 20
READ = 4096
"""Bytes at a time: a whole number of calls."""

# With the interpreter's lock held: a call takes a microsecond, getting the lock back may take many.
_write = ctypes.PyDLL(None).write
_write.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t)
_write.restype = ctypes.c_ssize_t


def wake(descriptor: int, number: int) -> None:
    """Says which is the newest frame (audio thread; a full or broken pipe is no matter)."""
    _write(descriptor, NUMBER.pack(number), NUMBER.size)


def wait_for_call(descriptor: int) -> int | None:
    """The number of the last call; None if there will be no more."""
    calls = os.read(descriptor, READ)
    return int(NUMBER.unpack(calls[-NUMBER.size :])[0]) if calls else None


def send(descriptor: int, letter: Any) -> None:
    """Writes a letter as a line of JSON."""
    line = json.dumps(letter).encode("ascii") + b"\n"
    while line:
        line = line[os.write(descriptor, line) :]


def receive(descriptor: int, limit_s: float = float("inf")) -> Any:
    """Reads a letter; None if none came in time, or if nobody is there to write one."""
    line, end_s = b"", time.monotonic() + limit_s
    while not line.endswith(b"\n"):
        left_s = end_s - time.monotonic()
        if left_s <= 0 or not can_read(descriptor, min(left_s, 3600.0)):
            return None
        found = os.read(descriptor, READ)  # nothing follows a letter until it has been answered
        if not found or len(line) > MAX_LETTER:
            return None
        line += found
    return json.loads(line)


def can_read(descriptor: int, limit_s: float) -> bool:
    """Whether there is something to read within this time, the end counts."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(1000.0 * limit_s))


def leave_with(descriptor: int) -> None:
    """This process ends at once when nobody can write into the pipe any more.

    It does so whatever its other threads are doing: loading for a minute, or caught in a loop.
    """
    poll = select.poll()
    poll.register(descriptor, 0)  # no more than what is always told: that it was hung up

    def watch() -> None:
        poll.poll()
        os._exit(0)

    threading.Thread(target=watch, name="end", daemon=True).start()
