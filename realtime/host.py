"""The host: all presets of a set, loaded. One plays; a change while a note is held is no click.

Hands turn it from any thread (it is a desk's `Instrument`); the card's thread calls `process`. Both
meet in one immutable value that is swapped as a whole: see `host_wanted`. What sounds, and how one
preset gives way to the next, is `host_stage`.
"""

import math
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ddsp_core.errors import ControlError
from realtime.controls import Control
from realtime.host_applied import Applied
from realtime.host_overload import Relief
from realtime.host_stage import Stage
from realtime.host_wanted import Wanted, beginning, changes, chosen
from realtime.meters import Meters, Sounding, readings_of
from realtime.preset import Preset
from realtime.slot import Slot
from realtime.witness import thread_cpu_s

Audio = NDArray[np.float32]

MOST_APPLIED = 4096
"""Kept until somebody takes them away."""


class Host:
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
        self.slots = tuple(slots)
        self.presets: Sequence[Preset] = tuple(slot.preset for slot in slots)
        self.hop_size = slots[0].parts[0].engine.hop_size
        self.sample_rate = slots[0].parts[0].engine.sample_rate
        self.n_outputs = max(slot.n_outputs for slot in slots)
        self.applied: deque[Applied] = deque(maxlen=MOST_APPLIED)
        self._turning = threading.Lock()  # two hands at once; the audio thread never takes it
        self._wanted = self._done = beginning(self.slots, number)
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
        self.applied.extend(
            changes(self.sample, self._done, wanted, self.presets[wanted.number].name)
        )
        self._stage.turn(self._done, wanted)
        self._done = wanted

    @property
    def readings(self) -> Audio:
        """Of the hops that the last block completed: f0_hz, confidence, loudness_db; (N, 3)."""
        return readings_of(self._stage.last_read)

    @property
    def number(self) -> int:
        """Of the preset that plays, from 0."""
        return self._wanted.number

    @property
    def control_values(self) -> Mapping[str, float]:
        """Where every control stands, those of the preset's effects (`echo.mix`) among them."""
        wanted = self._wanted
        return {**wanted.controls, **wanted.effects}

    def find_control(self, name: str, where: str = "") -> Control:
        """Of the table, or of an effect of the preset that plays; else raises ControlError."""
        return self.slots[self._wanted.number].find_control(name, where)

    def set_control(self, name: str, value: float) -> None:
        """Moves a control, from any thread; heard from the next hop on, over its smoothing time.

        Raises:
            ControlError: no such control, or out of its range.
        """
        checked = self.find_control(name).check(value)

        def turned(wanted: Wanted) -> Wanted:
            if name in wanted.controls:
                controls = {**wanted.controls, name: checked}
                aims = self.slots[wanted.number].aims(controls)
                return wanted._replace(controls=controls, aims=aims)
            if name not in wanted.effects:  # the preset has changed in between
                return wanted
            return wanted._replace(effects={**wanted.effects, name: checked})

        self._want(turned)

    def choose(self, number: int) -> None:
        """Plays this preset from the next block on, as its file says; from any thread."""
        self._want(lambda wanted: chosen(self.slots, number, wanted))

    def keep_preset(self) -> None:
        """As everything stands now, the preset begins from now on; from any thread."""
        with self._turning:
            number, slots = self._wanted.number, list(self.slots)
            slots[number] = slots[number].kept(self._wanted)
            self.slots = tuple(slots)

    def bypass(self, on: bool) -> None:
        """The microphone instead of the instrument, aligned; from any thread."""
        self._want(lambda wanted: wanted._replace(is_bypassed=on))

    @property
    def is_bypassed(self) -> bool:
        """Whether it is."""
        return self._wanted.is_bypassed

    def bypass_effect(self, name: str) -> bool:
        """In or out with an effect; returns whether it is out now. Raises ControlError."""
        self.slots[self._wanted.number].chain_of(name)
        self._want(lambda wanted: wanted._replace(effects_out=wanted.effects_out ^ {name}))
        return name in self.effects_out

    @property
    def effects_out(self) -> frozenset[str]:
        """Effects of the preset that plays which are out now."""
        return self._wanted.effects_out

    def panic(self) -> None:
        """Silence at once; from any thread."""
        self._want(lambda wanted: wanted._replace(n_panics=wanted.n_panics + 1))

    def set_tempo(self, bpm: float) -> None:
        """Beats a minute, 20 to 400; from any thread."""
        if not 20.0 <= bpm <= 400.0:
            raise ControlError("tempo", f"{bpm:g} beats a minute", "20 to 400")
        self._want(lambda wanted: wanted._replace(tempo_bpm=float(bpm)))

    def _want(self, change: Callable[[Wanted], Wanted]) -> None:
        with self._turning:
            self._wanted = change(self._wanted)

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
        for chain in self.slots[self._done.number].chains:
            said += chain.problems()
        return "; ".join(filter(None, said))

    def reset_counters(self) -> None:
        """What was put right up to now is told no more; from any thread."""
        self._n_bad_before = self.n_bad

    def close(self) -> None:
        """Ends what the effects have started."""
        for slot in self.slots:
            for chain in slot.chains:
                chain.close()
