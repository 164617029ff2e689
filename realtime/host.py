"""The host: all presets of a set, loaded. One plays; a change while a note is held is no click.

Hands turn it from any thread (it is a desk's `Instrument`); the card's thread calls `process`. Both
meet in one immutable value that is swapped as a whole: see `host_wanted`. What sounds, and how one
preset gives way to the next, is `host_stage`.
"""

import math
from collections import deque
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from realtime.host_applied import Applied
from realtime.host_hands import HostHands
from realtime.host_overload import Relief
from realtime.host_stage import Stage
from realtime.host_wanted import Wanted, changes
from realtime.meters import Meters, Sounding, readings_of
from realtime.preset import Preset
from realtime.slot import Slot
from realtime.witness import thread_cpu_s

Audio = NDArray[np.float32]

MOST_APPLIED = 4096
"""Kept until somebody takes them away."""


class Host(HostHands):
    """Plays one of several presets.

    Args:
        slots: of the set, in its order; at least one.
        number: of the one that plays first.
        block_size: samples, if all blocks will be of this size: see `Engine.expect_blocks_of`.
        cpu_clock: seconds that the calling thread has computed; a test puts its own here.
    """

    def __init__(
        self,
        slots: Sequence[Slot],
        number: int = 0,
        block_size: int | None = None,
        cpu_clock: Callable[[], float] = thread_cpu_s,
    ) -> None:
        super().__init__(slots, number)
        self.presets: Sequence[Preset] = tuple(slot.preset for slot in slots)
        self.hop_size = slots[0].parts[0].engine.hop_size
        self.sample_rate = slots[0].parts[0].engine.sample_rate
        self.n_outputs = max(slot.n_outputs for slot in slots)
        self.applied: deque[Applied] = deque(maxlen=MOST_APPLIED)
        self._done = self._wanted
        self._stage = Stage(self.slots, self._done, self.n_outputs)
        self._lead = self._lead_for(block_size)
        self._cpu_clock = cpu_clock
        self._relief: Relief | None = None
        self._n_bad_before = 0
        self._start()

    def go_live(self) -> None:
        """From now on blocks have a deadline: who cannot keep it plays with fewer effects."""
        self._relief = Relief(self._stage, self.sample_rate)

    @property
    def latency_samples(self) -> int:
        """From in to out, the same for every preset of the set."""
        return self._stage.latency_samples + self._lead

    def expect_blocks_of(self, block_size: int | None) -> None:
        """Starts afresh, with the least latency for blocks of this size (None: of any sizes)."""
        self._lead = self._lead_for(block_size)
        if self.sample:
            self._stage.reset()
        self._start()

    def _lead_for(self, block_size: int | None) -> int:
        return self.hop_size - math.gcd(block_size or 1, self.hop_size)

    def _start(self) -> None:
        self.sample = 0
        """Processed since the start."""
        self._collected = np.zeros(0, np.float32)
        self._ready = np.zeros(self._shape(self._lead), np.float32)

    def _shape(self, n_samples: int) -> tuple[int, ...]:
        return (n_samples,) if self.n_outputs == 1 else (n_samples, self.n_outputs)

    def process(self, block: Audio) -> Audio:
        """The next samples. (T,) -> (T,), or (T, 2) if `n_outputs` is 2; any T."""
        begun_s = self._cpu_clock()
        wanted = self._wanted
        if wanted is not self._done:
            self._apply(wanted)
        samples = np.concatenate((self._collected, block), dtype=np.float32)
        n_hops = len(samples) // self.hop_size
        hops = samples[: n_hops * self.hop_size].reshape(n_hops, self.hop_size)
        self._collected = samples[n_hops * self.hop_size :].copy()
        self.sample += len(block)
        try:
            played = self._stage.play(hops)
        except Exception:  # silence in its place, so that what follows keeps its time
            n_left = len(self._ready) + n_hops * self.hop_size - len(block)
            self._ready = np.zeros(self._shape(max(n_left, 0)), np.float32)
            raise
        ready = np.concatenate((self._ready, played))
        if len(ready) < len(block):
            ready = self._delayed_further(ready)
        self._ready = ready[len(block) :].copy()
        if self._relief is not None:
            self._relief.note(self._cpu_clock() - begun_s, len(block))
        return ready[: len(block)]

    def _delayed_further(self, ready: Audio) -> Audio:
        """What is ready behind a gap, long enough for blocks of any size from now on."""
        gap = self.hop_size - 1 - self._lead
        self._lead += gap
        return np.concatenate((np.zeros(self._shape(gap), np.float32), ready))

    def _apply(self, wanted: Wanted) -> None:
        slot = self.slots[wanted.number]
        self.applied.extend(changes(self.sample, self._done, wanted, slot))
        self._stage.turn(self._done, wanted)
        self._done = wanted

    @property
    def readings(self) -> Audio:
        """Of the hops that the last block completed: f0_hz, confidence, loudness_db; (N, 3)."""
        return readings_of(self._stage.last_read)

    @property
    def meters(self) -> Meters:
        """Of the last hop; from any thread."""
        return self.slots[self._stage.number].parts[0].engine.meters

    @property
    def sounding(self) -> Sounding:
        """What the last hop of the preset's first voice was made of; from any thread."""
        return self.slots[self._stage.number].parts[0].engine.sounding

    @property
    def n_bad(self) -> int:
        """How often an engine's stage gave something else than numbers: muted and put right."""
        return self._stage.n_bad

    @property
    def problem(self) -> str:
        """What the performer should know; empty if all is well."""
        said = [self._relief.problem] if self._relief else []
        n_bad = self.n_bad - self._n_bad_before
        said += [f"{n_bad} hops muted: no numbers"] if n_bad else []
        for chain in self._done.rows.chains:
            said += chain.problems()
        return "; ".join(filter(None, said))

    def reset_counters(self) -> None:
        """What was put right up to now is told no more; from any thread."""
        self._n_bad_before = self.n_bad

    def tidy(self) -> None:
        """Ends what other orders of effects have left behind; not for the audio thread."""
        if not self._made:
            return
        with self._turning:
            if self._done is not self._wanted:
                return  # the audio thread may be about to play what was wanted before
            rows = (self._wanted.rows, *(slot.rows for slot in self.slots))
            needed = [*self._stage.chains, *(chain for row in rows for chain in row.chains)]
            idle = [chain for chain in self._made if chain not in needed]
            self._made = [chain for chain in self._made if chain in needed]
        for chain in idle:
            chain.close()

    def close(self) -> None:
        """Ends what the effects have started."""
        for chain in (*self._made, *(chain for slot in self.slots for chain in slot.chains)):
            chain.close()
