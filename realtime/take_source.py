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


class Source:
    """Rings and queues of a recorder.

    Args:
        sample_rate: in Hz.
        n_outputs: channels of the wet sound.
        kept_s: how much is remembered.
        state: where everything stands at the beginning.
    """

    def __init__(self, sample_rate: int, n_outputs: int, kept_s: float, state: State) -> None:
        self.sample_rate = sample_rate
        n_kept = max(round(kept_s * sample_rate), 1)
        self.wet, self.dry = Ring(n_kept, n_outputs), Ring(n_kept, 1)
        self.readings = Ring(round(kept_s * MOST_HOPS_S) + 1, 4, np.float64)
        """Where the block ended (by the clock) that completed the hop, and what was heard."""
        self.applied: deque[Sequence[Applied]] = deque(maxlen=MOST_EVENTS)
        self.notes: deque[Event] = deque(maxlen=MOST_EVENTS)
        self.new_gaps: deque[Gap] = deque()
        self.n_dropped = self.last_gap = self.block_size = 0
        self.pushed_s = 0.0
        """By the wall clock: when the newest block came."""
        self._n_missing = 0
        # What follows is the writer's own.
        self._gaps: list[Gap] = []
        self._n_forgotten_missing = 0
        self._events: deque[Event] = deque()
        self._n_forgotten = 0
        self._state = state

    @property
    def clock(self) -> int:
        """Samples since the first block."""
        return self.dry.n + self.n_dropped

    def push(
        self, wet: Audio, dry: Audio, readings: Audio | None, applied: Sequence[Applied]
    ) -> None:
        """Copies a block (audio thread)."""
        if self._n_missing:
            self.last_gap = self.dry.n
            self.new_gaps.append(Gap(self.dry.n, self._n_missing))
            self._n_missing = 0
        if applied:
            self.applied.append(tuple(applied))
        if readings is not None and len(readings):
            self.readings.put_at(self.clock + len(dry), readings)
        self.wet.put(wet)
        self.block_size = self.block_size or len(dry)
        self.dry.put(dry)  # last: its count says that all of the block is there
        self.pushed_s = time.time()

    def drop(self, n_samples: int) -> None:
        """There is no room for a block (audio thread)."""
        self._n_missing += n_samples
        self.n_dropped += n_samples

    def fetch(self) -> int:
        """Takes in what is new; returns how many samples there are (writer)."""
        n_stored = self.dry.n
        for _ in range(len(self.new_gaps)):
            self._gaps.append(self.new_gaps.popleft())
        for _ in range(len(self.applied)):
            for one in self.applied.popleft():
                what = {"kind": one.what, "name": one.name, "value": one.value}
                self._events.append(Event(one.sample, what))
        for _ in range(len(self.notes)):
            self._events.append(self.notes.popleft())
        return n_stored

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
        return self.pushed_s - (self.dry.n - number) / self.sample_rate

    def forget(self, number: int) -> None:
        """What came before this sample is not asked for any more (writer)."""
        clock = self.clock_of(number)
        while self._events and self._events[0].clock < clock:
            self._state = turned(self._state, self._events.popleft().what)
            self._n_forgotten += 1
        while self._gaps and self._gaps[0].number < number:
            self._n_forgotten_missing += self._gaps.pop(0).n_samples
