"""The neural guide: what CREPE heard a moment ago, at a pace of its own; it obeys the law.

Every `every_hops` hops the newest stretch of audio becomes a question. Its answer counts from
`answer_hops` hops later on, whoever gives it and however fast: computed in place or, while playing,
by another process. So the guide is the same whether a file is rendered or a voice plays, and nobody
ever waits for it.
"""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ddsp_core.crepe_reading import NO_READING, CrepeReader, Reading

Floats = NDArray[np.float32]

NOBODY_ASKED = np.zeros(0, np.float32)


class Pace(NamedTuple):
    """How often a reading is asked for and how long its answer may take, in seconds."""

    every_s: float
    answer_s: float  # no longer than every_s


class Listener(Protocol):
    """Who reads the pitch of a stretch."""

    def ask(self, past: Floats) -> int:
        """Takes a question, at once; returns its number."""

    def answer(self, number: int, past: Floats) -> Reading:
        """The answer to that question, at once; `NO_READING` where there is none yet."""


class InPlace:
    """A listener that computes when the answer is due. Rendering, training and tests use it."""

    def __init__(self, reader: CrepeReader) -> None:
        self._reader = reader

    def ask(self, past: Floats) -> int:
        """Nothing to do yet."""
        return 0

    def answer(self, number: int, past: Floats) -> Reading:
        """Computes it now."""
        return self._reader.read(past)


class GuideState(NamedTuple):
    """Memory of the guide; `forward` reads it and never writes into it."""

    past: Floats  # newest samples, as many as a reading needs
    n_hops: int  # heard so far, modulo the pace
    asked: Floats  # the stretch whose answer is awaited; empty when none is
    number: int  # of that question
    reading: Reading  # what counts now


class Guide:
    """Pitch and periodicity by CREPE, some hops old.

    Args:
        sample_rate: Hz, 8000 to 192000.
        hop_size: samples a hop.
        pace: of the questions; whole hops of it, at least one.
        listener: who answers; in place if none is given.

    Shape:
        hops (N, hop_size) -> f0_hz (N,) > 0, periodicity (N,) 0...1, 0 where nothing is known.
    """

    def __init__(
        self, sample_rate: int, hop_size: int, pace: Pace, listener: Listener | None = None
    ) -> None:
        self.reader = CrepeReader(sample_rate)
        self.every_hops = max(1, round(pace.every_s * sample_rate / hop_size))
        self.answer_hops = max(1, round(pace.answer_s * sample_rate / hop_size))
        self._listener = listener or InPlace(self.reader)
        self._hop_size = hop_size
        hops = self.answer_hops + (self.every_hops - 1) / 2
        self.delay_s = self.reader.delay_s + hops * hop_size / sample_rate
        """By how much a reading lags the sound, on average."""

    def start(self) -> GuideState:
        """The state before the first sample: silence."""
        past = np.zeros(self.reader.n_past, np.float32)
        return GuideState(past, 0, NOBODY_ASKED, 0, NO_READING)

    def forward(
        self, hops: Floats, state: GuideState | None = None
    ) -> tuple[tuple[Floats, Floats], GuideState]:
        """The reading that counts at the end of each hop."""
        past, n_hops, asked, number, reading = state or self.start()
        f0_hz = np.empty(len(hops), np.float32)
        periodicity = np.empty(len(hops), np.float32)
        audio = np.concatenate((past, np.asarray(hops, np.float32).reshape(-1)))
        n_past = len(past)
        for k in range(len(hops)):
            if len(asked) and n_hops == self.answer_hops % self.every_hops:
                reading, asked = self._listener.answer(number, asked), NOBODY_ASKED
            if n_hops == 0:
                end = n_past + (k + 1) * self._hop_size
                asked = audio[end - n_past : end].copy()
                number = self._listener.ask(asked)
            n_hops = (n_hops + 1) % self.every_hops
            f0_hz[k], periodicity[k] = reading
        past = audio[len(audio) - n_past :].copy()
        return (f0_hz, periodicity), GuideState(past, n_hops, asked, number, reading)
