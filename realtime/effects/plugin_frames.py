"""Frames of sound that the engine and a plug-in's process share, without locks.

Questions and answers lie in two rings of slots. Each slot has one writer, and its frame carries
its number and a checksum: whoever reads one that is just being written sees that the sum is wrong
and takes it for none. So neither side ever waits for the other, on processors of any memory order.

A question holds the sound, and what is to be turned before it is played: changes of parameters
travel with the frame in which they were made, so that they fall on the same sample however the
sound was cut.
"""

import mmap
import os
import struct
import tempfile
import zlib
from typing import IO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from realtime.guide_pages import IN_MEMORY

Floats = NDArray[np.float32]

FRAME = 64
"""Samples that are sent at a time: the finest grain of parameters, and half a usual block."""
N_SLOTS = 64
"""Frames that either ring holds, 85 ms at 48 kHz: who was held up that long can still catch up."""
MAX_CHANGES = 16
"""Parameters that can be turned in one frame; those beyond are turned in the next."""

_SEAL = struct.Struct("=QQ")
"""Number and checksum."""
_HEAD = 2 + 2 * MAX_CHANGES
_FLOAT = 4


class Question(NamedTuple):
    """A frame for the plug-in."""

    frame: Floats
    """Shape: (C, FRAME)."""
    changes: list[tuple[int, float]]
    """Number of a parameter and its new value."""
    is_reset: bool
    """The plug-in forgets its past first."""


class PluginFrames:
    """The shared rings, as either side sees them.

    Args:
        descriptor: of a file that `new_file(n_inputs, n_outputs)` made, or for more outputs.
        n_inputs: channels of a question.
        n_outputs: channels of an answer.
    """

    def __init__(self, descriptor: int, n_inputs: int, n_outputs: int) -> None:
        memory = mmap.mmap(descriptor, _size(n_inputs, n_outputs))
        self._shape_in, self._shape_out = (n_inputs, FRAME), (n_outputs, FRAME)
        self._questions = _Ring(memory, 0, _HEAD + n_inputs * FRAME)
        self._answers = _Ring(memory, self._questions.end, n_outputs * FRAME)
        self._record = np.zeros(_HEAD + n_inputs * FRAME, np.float32)

    def ask(self, number: int, question: Question) -> None:
        """Writes a question over an old one; number 1 or more (engine)."""
        record = self._record
        record[0], record[1] = len(question.changes), question.is_reset
        for place, change in enumerate(question.changes):
            record[2 + 2 * place : 4 + 2 * place] = change
        record[_HEAD:] = question.frame.reshape(-1)
        self._questions.write(number, record)

    def question(self, number: int) -> Question | None:
        """The question of that number, if it is there and whole (plug-in)."""
        record = self._questions.read(number)
        if record is None:
            return None
        pairs = record[2 : 2 + 2 * int(record[0])].reshape(-1, 2)
        changes = [(int(index), float(value)) for index, value in pairs]
        return Question(record[_HEAD:].reshape(self._shape_in), changes, bool(record[1]))

    def reply(self, number: int, frame: Floats) -> None:
        """Writes the answer to a question over an old one (plug-in)."""
        self._answers.write(number, frame)

    def answer(self, number: int) -> Floats | None:
        """The answer to that question, if it is there and whole: (n_outputs, FRAME) (engine)."""
        found = self._answers.read(number)
        return None if found is None else found.reshape(self._shape_out)


class _Ring:
    """Slots of shared memory, taken in turn. Whole copies of bytes: what costs least in Python.

    Args:
        memory: shared.
        start: of the first slot, in bytes.
        n_floats: of a slot.
    """

    def __init__(self, memory: mmap.mmap, start: int, n_floats: int) -> None:
        self._memory, self._start, self._n_bytes = memory, start, _FLOAT * n_floats
        self._stride = _stride(n_floats)
        self.end = start + N_SLOTS * self._stride

    def write(self, number: int, content: Floats) -> None:
        """Puts a content in place of an old one; number 1 or more."""
        at = self._start + number % N_SLOTS * self._stride
        letter = content.tobytes()
        self._memory[at + _SEAL.size : at + _SEAL.size + self._n_bytes] = letter
        _SEAL.pack_into(self._memory, at, number, zlib.crc32(letter, number & 0xFFFFFFFF))

    def read(self, number: int) -> Floats | None:
        """A copy of the content; None if another number lies there or it is being written."""
        at = self._start + number % N_SLOTS * self._stride
        there, checksum = _SEAL.unpack_from(self._memory, at)
        if there != number:
            return None
        letter = self._memory[at + _SEAL.size : at + _SEAL.size + self._n_bytes]
        if checksum != zlib.crc32(letter, number & 0xFFFFFFFF):
            return None
        return np.frombuffer(bytearray(letter), np.float32)


def new_file(n_inputs: int, n_outputs: int) -> IO[bytes]:
    """A file without a name, large enough, gone when both sides have closed it."""
    folder = IN_MEMORY if os.access(IN_MEMORY, os.W_OK | os.X_OK) else None
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (the caller closes it)
    file.truncate(_size(n_inputs, n_outputs))
    return file


def _stride(n_floats: int) -> int:
    """Bytes of a slot: the seal and the content, up to a whole number of words."""
    return _SEAL.size + -(-_FLOAT * n_floats // 8) * 8


def _size(n_inputs: int, n_outputs: int) -> int:
    return N_SLOTS * (_stride(_HEAD + n_inputs * FRAME) + _stride(n_outputs * FRAME))
