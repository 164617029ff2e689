"""An engine that can enter and leave while others play.

- It enters from its resting state (that of a decoder which has heard silence), catches up on what
  was sung lately, and its tone and noise are faded in *before* its room.
- It leaves the same way, so that its room rings out by itself; from then on nothing of it is
  computed but that room.

What was sung long ago needs no sound any more: the readings of whoever played then will do for the
decoder's memory. Only the last hops are heard by its own pitch tracker.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.bound import Bound
from ddsp_core.denormals import flush_denormals, restore_denormals
from ddsp_core.live_decoder import follow
from ddsp_core.live_noise import add_noise
from ddsp_core.live_room import add_room
from ddsp_core.loudness import weigh_hops
from realtime.engine import MOST_HOPS, Engine
from realtime.engine_memory import put_back, stages
from realtime.hop import HopMemory, HopTables, shaped_hops
from realtime.limiter import limit
from realtime.meters import LastHop, Sounding, read_sounding
from realtime.settings import Bends, Settings, next_settings

Audio = NDArray[np.float32]

REST_S = 2.0
"""Of silence before the first note: then the decoder rests."""

RECALL_PRODUCTS = 5_000_000
"""Multiplications that recalling may cost in one hop: about 0.3 ms."""

MOST_RECALLED = 96
FEWEST_RECALLED = 8


@njit(nogil=True, cache=True)
def recall(
    tables: HopTables, memory: HopMemory, f0_hz: Audio, confidence: Audio, loudness_db: Audio,
    now: Settings,
) -> None:  # fmt: skip
    """Shaping, tuning and the decoder's memory move on by readings alone. Shape: (N,) each."""
    denormals = flush_denormals()
    shaped = shaped_hops(tables, memory, f0_hz, confidence, loudness_db, now)
    hidden = memory.voice.decoder.hidden
    for n in range(len(f0_hz)):
        inputs = np.zeros(4 * len(hidden), np.float32)
        follow(tables.voice.decoder, shaped.f0_hz[n], shaped.loudness_db[n], hidden, inputs)
    restore_denormals(denormals)


@njit(nogil=True, cache=True)
def listen(
    tables: HopTables, memory: HopMemory, heard: Audio, f0_hz: Audio, confidence: Audio,
    given_db: Audio, loudness_db: Audio, now: Settings,
) -> None:  # fmt: skip
    """The same by what is heard (N, H), which is kept for the dry sound, too."""
    if len(given_db):
        loudness_db[:] = given_db
    else:
        weigh_hops(tables.loudness, memory.loudness, heard, f0_hz, loudness_db)
    recall(tables, memory, f0_hz, confidence, loudness_db, now)
    samples, n_past = heard.reshape(-1), len(memory.history)
    n_kept = max(n_past - len(samples), 0)
    memory.history[:n_kept] = memory.history[n_past - n_kept :].copy()
    memory.history[n_kept:] = samples[len(samples) - (n_past - n_kept) :]


@njit(nogil=True, cache=True)
def ring(tables: HopTables, memory: HopMemory, now: Settings, gain: float, out: Audio) -> None:
    """What is still in the room after the last sound. Fills out (N, H)."""
    denormals = flush_denormals()
    bands = np.zeros(tables.voice.noise.shape[1], np.float32)
    nothing = np.zeros(out.shape[1], np.float32)
    for n in range(len(out)):
        last = np.zeros(out.shape[1], np.float32)
        add_noise(tables.voice.noise, bands, nothing, memory.voice.noise.tail, last)
        add_room(tables.voice.room, memory.voice.room, last, now.room_mix, out[n])
        for i in range(out.shape[1]):
            out[n, i] *= gain
        memory.limiter_peak[0] = limit(
            out[n], out[n], memory.limiter_peak[0], tables.limiter_release
        )
    restore_denormals(denormals)


class HostEngine(Engine):
    """See above; `process` plays as any engine does. All calls are the audio thread's."""

    presence = 1.0
    """How much of tone, noise and dry sound is heard at the end of the next hop."""

    _used: Settings | None
    _presence_before: float

    read: tuple[LastHop, ...] = ()
    """Of the hops that were played last."""

    def prepare(self, warm_up_s: float) -> None:
        """Once, after loading: every kernel has run, and the resting state is known."""
        self._recall, self._listen, self._ring = Bound(recall), Bound(listen), Bound(ring)
        n_rest = round(REST_S * self.sample_rate / self.hop_size)
        self.process(np.zeros(n_rest * self.hop_size, np.float32))
        self._resting = self._memory.voice.decoder.hidden.copy()
        self.warm_up(warm_up_s)
        self.rest()
        self._settings = self._wanted
        self.recall(np.array([[220.0, 0.9, -30.0]] * 2, np.float32))
        self.listen(np.zeros((2, self.hop_size), np.float32))
        self.ring(1)
        self.reset()

    @property
    def n_recalled_a_hop(self) -> int:
        """How many hops' readings it may take in while one hop passes."""
        n_products = 3 * self._voice.config.decoder.n_units**2
        return min(max(RECALL_PRODUCTS // n_products, FEWEST_RECALLED), MOST_RECALLED)

    @property
    def n_ringing_hops(self) -> int:
        """After so many without a sound its room is silent, and so is everything in it."""
        n_room = -(-self._voice.config.reverb_len // self.hop_size)
        return n_room + 2 * 16 + len(self._memory.voice.noise.tail) // self.hop_size + 1

    def rest(self, *, is_ringing: bool = False) -> None:
        """Forgets what was sung, but not what rings in its room, at the level where it rings."""
        now, start = stages(self._memory), stages(self._start)
        for name in ("delay", "loudness", "shaping", "tuning", "oscillators", "noise"):
            put_back(now[name], start[name])
        self._memory.voice.decoder.hidden[:] = self._resting
        self._pitch, self._presence_before = None, 0.0
        self._wanted = next_settings(self._targets, None, self.hop_size)
        if not is_ringing:
            self._settings = self._used = None

    def forget(self) -> None:
        """Panic: nothing rings, nothing is remembered but the microphone's last samples."""
        history = self._memory.history.copy()
        put_back(self._memory, self._start)
        self._memory.history[:] = history
        self._memory.voice.decoder.hidden[:] = self._resting
        self._pitch = None

    def clear_room(self) -> None:
        """For a tail that was cut short."""
        put_back(self._memory.voice.room, None)

    def recall(self, readings: Audio) -> None:
        """Takes in readings of what was sung: f0_hz, confidence, loudness_db. Shape: (N, 3)."""
        f0_hz, confidence, loudness_db = np.ascontiguousarray(readings.T)
        self._recall(self._tables, self._memory, f0_hz, confidence, loudness_db, self._wanted)

    def listen(self, hops: Audio) -> None:
        """Hears hops (N, H) without playing."""
        now = self._wanted
        heard = np.empty_like(hops)
        self._amplify(hops, now.input_gain, now.input_gain, 0.0, heard)
        f0_hz, confidence, given_db = self._features_of(heard)
        loudness_db = np.empty(len(hops), np.float32)
        self._listen(
            self._tables, self._memory, heard, f0_hz, confidence, given_db, loudness_db, now
        )

    def ring(self, n_hops: int) -> Audio:
        """The rest of its sound, (N H,), while `presence` is 0."""
        out = np.empty((n_hops, self.hop_size), np.float32)
        assert self._settings is not None
        now = self._settings._replace(  # where a knob stood still half way, it stays
            room_mix=np.full(self.hop_size, self._settings.room_mix[-1], np.float32)
        )
        self._ring(self._tables, self._memory, now, now.output_gain * now.wet_share, out)
        if self._mend_unless_well(out):
            out[:] = 0.0
        return out.reshape(-1)

    def play(self, hops: Audio) -> Audio:
        """The sound of hops (N, H), one after the other; `read` then holds what was read of them.

        Shape: (N H,).
        """
        out = self._play(hops[:MOST_HOPS])
        assert self._last_hop is not None
        self.read = (self._last_hop,)
        if len(out) == hops.size:
            return out
        parts, n_done = [out], len(out)
        while n_done < hops.size:
            parts.append(self._play(hops[n_done // self.hop_size :][:MOST_HOPS]))
            self.read = (*self.read, self._last_hop)
            n_done += len(parts[-1])
        return np.concatenate(parts)

    @property
    def input_gain_db(self) -> float:
        """Where it stands."""
        return float(self._controls["input_gain_db"])

    @property
    def sounding(self) -> Sounding:
        """What its last hop was made of; from any thread."""
        last = self._last_hop
        return read_sounding(self._memory.voice, last.tone_gain if last else 0.0)

    def _begin(self) -> None:
        super()._begin()
        self.presence = self._presence_before = 1.0
        self._used = None

    def _steer(self) -> tuple[Settings, Settings]:
        before, now = super()._steer()
        if self._used is None:
            self._used = faded(before, self._presence_before)
        elif self._presence_before == 1.0:
            self._used = before
        before = self._used
        if self.presence < 1.0 or self._presence_before < 1.0:
            now = faded(now, self.presence)
        self._used, self._presence_before = now, self.presence
        return before, now


def faded(settings: Settings, presence: float) -> Settings:
    """The same with tone, noise and dry sound at this share, but all that rings at its level."""
    if presence == 1.0:
        return settings
    wet = settings.output_gain * settings.wet_share
    dry = settings.output_gain * (1.0 - settings.wet_share) * presence
    gain = wet + dry
    return settings._replace(
        harmonic_gain=settings.harmonic_gain * presence,
        noise_gain=settings.noise_gain * presence,
        wet_share=wet / gain if gain > 0.0 else 1.0,
        output_gain=gain,
        bends=Bends(input_gain=settings.bends.input_gain),
    )
