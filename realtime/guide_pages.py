"""A page of memory that the engine and the guide's process share, without locks.

One question and one answer lie there. Each has one writer, and carries its number and a checksum:
who reads one that is just being written sees that the sum is wrong and takes it for none. So
neither side ever waits for the other, on processors of any memory order.
"""

import mmap
import os
import tempfile
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ddsp_core.crepe_reading import Reading

Floats = NDArray[np.float32]
Numbers = NDArray[Any]

IN_MEMORY = Path("/dev/shm")
"""Where Linux keeps files that never reach a disk, and whose pages nobody ever stops to write."""

N_WORDS = 8
"""Whole numbers at the beginning of the page: two flags, and number and sum of both letters."""


class GuidePages:
    """The shared page, as either side sees it.

    Args:
        descriptor: of a file that `new_file(n_past)` made.
        n_past: samples of a question.
    """

    def __init__(self, descriptor: int, n_past: int) -> None:
        memory = mmap.mmap(descriptor, _size(n_past))
        words = np.frombuffer(memory, np.uint64, N_WORDS)
        self._flags = words[:2]
        at = words.nbytes
        self._reading = Letter(words[2:4], np.frombuffer(memory, np.float64, 2, at))
        self._past = Letter(words[4:6], np.frombuffer(memory, np.float32, n_past, at + 16))

    def ask(self, number: int, past: Floats) -> None:
        """Writes a question over the last one (engine)."""
        self._past.write(number, past)

    def question(self) -> tuple[int, Floats] | None:
        """Number and audio of the last question, if it is whole (guide)."""
        return self._past.read()

    def reply(self, number: int, reading: Reading) -> None:
        """Writes the answer to a question over the last one (guide)."""
        self._reading.write(number, np.array(reading))

    def answer(self, number: int) -> Reading | None:
        """The answer to that question, if it is there and whole (engine)."""
        found = self._reading.read()
        return Reading(*map(float, found[1])) if found and found[0] == number else None

    @property
    def is_ready(self) -> bool:
        """Whether the guide listens (set by it once)."""
        return bool(self._flags[0])

    def set_ready(self) -> None:
        """From now on questions are answered (guide)."""
        self._flags[0] = 1

    @property
    def is_over(self) -> bool:
        """Whether the engine needs no more answers."""
        return bool(self._flags[1])

    def set_over(self) -> None:
        """The guide may go (engine)."""
        self._flags[1] = 1


class Letter:
    """Some numbers under a seal: their number and a checksum of both.

    Args:
        seal: two words of shared memory.
        content: the rest.
    """

    def __init__(self, seal: NDArray[np.uint64], content: Numbers) -> None:
        self._seal, self._content = seal, content

    def write(self, number: int, content: Numbers) -> None:
        """Puts another content in place of the last one; number 1 or more."""
        self._content[:] = content
        self._seal[:] = number, _sum(number, content)

    def read(self) -> tuple[int, Numbers] | None:
        """Number and a copy of the content; None while there is none or it is being written."""
        content = self._content.copy()
        number, checksum = (int(word) for word in self._seal)
        return (number, content) if number and checksum == _sum(number, content) else None


def new_file(n_past: int) -> IO[bytes]:
    """A file without a name, large enough, gone when both sides have closed it."""
    folder = IN_MEMORY if os.access(IN_MEMORY, os.W_OK | os.X_OK) else None
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (the caller closes it)
    file.truncate(_size(n_past))
    return file


def _size(n_past: int) -> int:
    return N_WORDS * 8 + 2 * 8 + 4 * n_past


def _sum(number: int, content: Numbers) -> int:
    return zlib.crc32(content.data, number & 0xFFFFFFFF)
