"""What the audio thread and the hands leave for the recorder's writer to fetch.

Two counts of samples: the *number* of a sample in the rings, and the *clock*, which also counts
what was left out because the disk was too slow. A gap is where they move apart.
"""

import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from realtime.take_ring import Ring
from realtime.take_state import State, turned

Audio = NDArray[np.float32]

MOST_EVENTS = 65536
"""Kept while the writer is held up; the oldest go first."""

PIECE_S = 1.0
"""What the writer takes in at once."""

MOST_HOPS_S = 1000
"""Readings that are kept, a second: hops of 48 samples at 48 kHz."""


class Applied(Protocol):
    """Something that took effect: see `host_wanted.Applied`."""

    @property
    def sample(self) -> int:
        """Since the first block."""

    @property
    def what(self) -> str:
        """The kind."""

    @property
    def name(self) -> str:
        """Of the control, preset or effect."""

    @property
    def value(self) -> float:
        """Its new one."""


class Event(NamedTuple):
    """Something that happened, at a sample of the clock."""

    clock: int
    what: Mapping[str, Any]


class Gap(NamedTuple):
    """So many samples are missing before the sample of this number."""

    number: int
    n_samples: int


class Block(NamedTuple):
    """What one push has left."""

    n_missing: int
    """Samples before it for which there was no room."""
    wet: Audio
    dry: Audio
    readings: Audio | None
    applied: Sequence[Applied]


class Source:
    """Queue and rings of a recorder.

    Args:
        sample_rate: in Hz.
        n_outputs: channels of the wet sound.
        kept_s: how much of the past is remembered.
        queue_s: how much may wait for the writer.
        state: where everything stands at the beginning.
    """

    def __init__(
        self, sample_rate: int, n_outputs: int, kept_s: float, queue_s: float, state: State
    ) -> None:
        self.sample_rate = sample_rate
        self._n_queue_max = round(queue_s * sample_rate)
        self._queue: deque[Block] = deque()
        self.notes: deque[Event] = deque(maxlen=MOST_EVENTS)
        # Each of these has one writing thread, so that no lock is needed.
        self.n_pushed = self.n_dropped = self.last_gap = self.block_size = 0
        self.pushed_s = 0.0
        """By the wall clock: when the newest block came."""
        self._n_missing = 0
        # What follows is the writer's own.
        n_kept = round((kept_s + PIECE_S) * sample_rate)
        self.wet, self.dry = Ring(n_kept, n_outputs), Ring(n_kept, 1)
        self.readings = Ring(round((kept_s + PIECE_S) * MOST_HOPS_S), 4, np.float64)
        """At which sample of the clock a hop ended, and what was heard."""
        self._gaps: list[Gap] = []
        self._n_forgotten_missing = 0
        self._events: deque[Event] = deque()
        self._n_forgotten = 0
        self._state = state

    @property
    def clock(self) -> int:
        """Samples since the first block."""
        return self.n_pushed + self.n_dropped

    def push(
        self, wet: Audio, dry: Audio, readings: Audio | None, applied: Sequence[Applied]
    ) -> None:
        """Copies a block, if there is room for it (audio thread)."""
        n_samples = len(dry)
        if len(wet) != n_samples:
            raise ValueError(f"{len(wet)} wet samples for {n_samples} dry ones")
        if self.n_pushed - self.dry.n + n_samples > self._n_queue_max:
            self._n_missing += n_samples
            self.n_dropped += n_samples
            return
        if self._n_missing:
            self.last_gap = self.n_pushed
        said = readings if readings is None else readings.copy()
        self._queue.append(Block(self._n_missing, wet.copy(), dry.copy(), said, applied))
        self._n_missing = 0
        self.block_size = self.block_size or n_samples
        self.n_pushed += n_samples
        self.pushed_s = time.time()

    def fetch(self) -> bool:
        """Takes in a second at most; returns whether there is more (writer)."""
        for _ in range(len(self.notes)):
            self._events.append(self.notes.popleft())
        end = self.dry.n + round(PIECE_S * self.sample_rate)
        blocks: list[Block] = []
        n_fetched = self.dry.n
        while self._queue and n_fetched + len(self._queue[0].dry) <= end:
            blocks.append(self._queue.popleft())
            n_fetched += len(blocks[-1].dry)
        self._take_in(blocks)
        return bool(self._queue)

    def _take_in(self, blocks: list[Block]) -> None:
        number = self.dry.n
        rows = []
        for block in blocks:
            if block.n_missing:
                self._gaps.append(Gap(number, block.n_missing))
            if block.readings is not None and len(block.readings):
                step = len(block.dry) / len(block.readings)
                ends = self.clock_of(number) + step * np.arange(1, len(block.readings) + 1)
                rows.append(np.column_stack((ends, block.readings)))
            for one in block.applied:
                what = {"kind": one.what, "name": one.name, "value": one.value}
                self._events.append(Event(one.sample, what))
            number += len(block.dry)
        if rows:
            self.readings.put(np.concatenate(rows))
        if blocks:
            self.wet.put(np.concatenate([self._wide(block.wet) for block in blocks]))
            self.dry.put(np.concatenate([block.dry for block in blocks]))

    def _wide(self, wet: Audio) -> Audio:
        """(T,) or (T, C) to (T, C): a block that failed is silence in one channel."""
        columns = wet[:, np.newaxis] if wet.ndim == 1 else wet
        return np.broadcast_to(columns, (len(wet), self.wet.n_columns))

    def clock_of(self, number: int) -> int:
        """Of the sample of this number, which has not been forgotten (writer)."""
        missing = sum(gap.n_samples for gap in self._gaps if gap.number <= number)
        return number + self._n_forgotten_missing + missing

    def gap_between(self, start: int, stop: int) -> Gap | None:
        """The first one before a sample of these numbers (writer)."""
        return next((gap for gap in self._gaps if start <= gap.number < stop), None)

    def events_since(self, serial: int) -> Iterator[tuple[int, Event]]:
        """Those that came later than that one, with their own serial numbers (writer)."""
        for place, event in enumerate(self._events, self._n_forgotten + 1):
            if place > serial:
                yield place, event

    def state_at(self, clock: int) -> State:
        """How everything stood before this sample (writer)."""
        state = self._state
        for event in self._events:
            if event.clock < clock:
                state = turned(state, event.what)
        return state

    def played_s(self, number: int) -> float:
        """When the sample of this number was played, by the wall clock."""
        return self.pushed_s - (self.n_pushed - number) / self.sample_rate

    def forget(self, number: int) -> None:
        """What came before this sample is not asked for any more (writer)."""
        clock = self.clock_of(number)
        while self._events and self._events[0].clock < clock:
            self._state = turned(self._state, self._events.popleft().what)
            self._n_forgotten += 1
        while self._gaps and self._gaps[0].number < number:
            self._n_forgotten_missing += self._gaps.pop(0).n_samples
