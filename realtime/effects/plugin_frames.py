"""Frames of sound that the engine and a plug-in's process share, without locks.

Questions and answers lie in two rings of slots. Each slot has one writer, and its frame carries
its number and a checksum (`realtime/guide_pages.py`): whoever reads one that is just being written
sees that the sum is wrong and takes it for none. So neither side ever waits for the other.

A question holds the sound, and what is to be turned before it is played: changes of parameters
travel with the frame in which they were made, so that they fall on the same sample however the
sound was cut.
"""

import mmap
import os
import tempfile
from typing import IO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from realtime.guide_pages import IN_MEMORY, Letter

Floats = NDArray[np.float32]

FRAME = 64
"""Samples that are sent at a time: the finest grain of parameters, and half a usual block."""
N_SLOTS = 64
"""Frames that either ring holds, 85 ms at 48 kHz: who was held up that long can still catch up."""
MAX_CHANGES = 16
"""Parameters that can be turned in one frame; those beyond are turned in the next."""

_HEAD = 2 + 2 * MAX_CHANGES
_WORD = 8


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
        descriptor: of a file that `new_file(n_inputs, n_outputs)` made.
        n_inputs: channels of a question.
        n_outputs: channels of an answer.
    """

    def __init__(self, descriptor: int, n_inputs: int, n_outputs: int) -> None:
        memory = mmap.mmap(descriptor, _size(n_inputs, n_outputs))
        self._shape_in, self._shape_out = (n_inputs, FRAME), (n_outputs, FRAME)
        asked = _HEAD + n_inputs * FRAME
        self._questions = _letters(memory, 0, asked)
        self._answers = _letters(memory, N_SLOTS * _stride(asked), n_outputs * FRAME)
        self._record = np.zeros(asked, np.float32)

    def ask(self, number: int, question: Question) -> None:
        """Writes a question over an old one; number 1 or more (engine)."""
        record = self._record
        record[0], record[1] = len(question.changes), question.is_reset
        for place, change in enumerate(question.changes):
            record[2 + 2 * place : 4 + 2 * place] = change
        record[_HEAD:] = question.frame.ravel()
        self._questions[number % N_SLOTS].write(number, record)

    def question(self, number: int) -> tuple[int, Question | None]:
        """Which number lies in this number's slot, 0 for none, and the question (plug-in)."""
        found = self._questions[number % N_SLOTS].read()
        if found is None:
            return 0, None
        record = found[1]
        pairs = record[2 : 2 + 2 * int(record[0])].reshape(-1, 2)
        changes = [(int(index), float(value)) for index, value in pairs]
        frame = record[_HEAD:].reshape(self._shape_in)
        return found[0], Question(frame, changes, bool(record[1]))

    def reply(self, number: int, frame: Floats) -> None:
        """Writes the answer to a question over an old one (plug-in)."""
        self._answers[number % N_SLOTS].write(number, frame.ravel())

    def answer(self, number: int) -> Floats | None:
        """The answer to that question, if it is there and whole: (n_outputs, FRAME) (engine)."""
        found = self._answers[number % N_SLOTS].read()
        if found is None or found[0] != number:
            return None
        return found[1].reshape(self._shape_out)


def new_file(n_inputs: int, n_outputs: int) -> IO[bytes]:
    """A file without a name, large enough, gone when both sides have closed it."""
    folder = IN_MEMORY if os.access(IN_MEMORY, os.W_OK | os.X_OK) else None
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (the caller closes it)
    file.truncate(_size(n_inputs, n_outputs))
    return file


def _letters(memory: mmap.mmap, start: int, n_floats: int) -> list[Letter]:
    places = (start + slot * _stride(n_floats) for slot in range(N_SLOTS))
    return [
        Letter(
            np.frombuffer(memory, np.uint64, 2, at),
            np.frombuffer(memory, np.float32, n_floats, at + 2 * _WORD),
        )
        for at in places
    ]


def _stride(n_floats: int) -> int:
    """Bytes of a slot: the seal and the content, up to a whole number of words."""
    return 2 * _WORD + -(-4 * n_floats // _WORD) * _WORD


def _size(n_inputs: int, n_outputs: int) -> int:
    return N_SLOTS * (_stride(_HEAD + n_inputs * FRAME) + _stride(n_outputs * FRAME))
