"""The engine: microphone samples in, violin samples out, a constant `latency_samples` later.

All work happens in whole hops, and a hop's output is due when its last sample has come in. Blocks
of 128, 256, ... end where hops end: what has been computed is handed out with the same block.
Blocks of another size B may end up to hop - gcd(B, hop) samples after the last hop did; so much
silence is handed out first, and then there is always enough. Whoever does not say which blocks
will come gets hop - 1, and may cut the input anywhere: it changes nothing. No lock, no file, no
torch.

Latency: a frame describes the sound at the centre of its loudness window (`delay_samples` back),
and the synthesizers reach it with the last sample of its hop. Voices are trained with their target
audio delayed by just that, and the dry signal is delayed by it too.
"""

import math
import threading
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ddsp_core.bound import Bound
from ddsp_core.checkpoint import VoiceFile
from ddsp_core.errors import VoiceError
from ddsp_core.features import FeatureExtractor
from ddsp_core.live_voice import LiveVoice
from ddsp_core.loudness_map import LoudnessMap, tables_of
from ddsp_core.products import Storage, usual_storage
from ddsp_core.trackers import Tracker
from ddsp_core.vibrato import centre_weights
from realtime import engine_memory
from realtime.controls import check_values, find_control
from realtime.hop import HopTables, amplify, play_hops
from realtime.limiter import release
from realtime.meters import SILENCE, Aim, LastHop, Meters, read_meters
from realtime.note_source import NoteSource
from realtime.settings import Settings, next_settings
from realtime.smoothing import Smoothing, as_vector

Audio = NDArray[np.float32]


NOT_GIVEN = np.zeros(0, np.float32)

MOST_HOPS = 32
"""In one call: where blocks are larger, several calls bound the memory in use."""


class Engine:
    """Plays a voice from sung audio.

    Args:
        voice: a loaded voice file.
        controls: values by name; the rest at their defaults.
        seed: of the noise; equal seeds and inputs give equal outputs.
        block_size: samples, if all blocks will be of this size: see `expect_blocks_of`.
        tracker: hears pitch in place of the one that voices are trained with.
        storage: of the decoder's weights; else as usual for a voice of its size.
        loudness_map: from the singer's loudness to the instrument's; none where notes are given.
        notes: what is played, in place of what the microphone hears.

    Raises:
        ControlError: an unknown control or a value out of range.
        VoiceError: a voice trained with other features than this version computes.
    """

    def __init__(
        self,
        voice: VoiceFile,
        controls: Mapping[str, float] | None = None,
        seed: int = 0,
        *,
        block_size: int | None = None,
        tracker: Tracker | None = None,
        storage: Storage | None = None,
        loudness_map: LoudnessMap | None = None,
        notes: NoteSource | None = None,
    ) -> None:
        self.sample_rate = voice.config.sample_rate
        self.hop_size = voice.config.hop_size
        self._extractor = FeatureExtractor(self.sample_rate, self.hop_size, tracker)
        if dict(self._extractor.definition) != dict(voice.definition):
            given = f"trained with features {voice.definition}"
            raise VoiceError(
                "voice", given, f"{dict(self._extractor.definition)}", "train it again"
            )
        self._lead = self._lead_for(block_size)
        hop_s = self.hop_size / self.sample_rate
        self._voice = LiveVoice(voice, storage or usual_storage(voice.config.decoder.n_units))
        self.loudness_map = tables_of(None if notes else loudness_map)
        """From the singer's loudness to the instrument's."""
        self._tables = HopTables(
            self._extractor.loudness.tables, self._voice.tables, hop_s, release(self.sample_rate),
            centre_weights(hop_s), self.loudness_map,
        )  # fmt: skip
        self._notes = notes
        self._amplify, self._play_hops = Bound(amplify), Bound(play_hops)
        self._smoothing = Smoothing(hop_s)
        self._seed = seed
        self._controls: Mapping[str, float] = check_values(controls or {})
        self._targets = as_vector(self._controls)
        self._turning = threading.Lock()  # two hands at once; the audio thread never takes it
        self._is_well = Bound(engine_memory.is_well)
        self._mend_pitch = Bound(engine_memory.mend_pitch)
        self.n_bad = 0
        """How often a stage gave something else than numbers: muted, and put back to its start."""
        self._memory = engine_memory.new_memory(self._extractor, self._voice)
        self._start = engine_memory.snapshot(self._memory)
        self._begin()

    @property
    def latency_samples(self) -> int:
        """From in to out: the features' delay and what cutting into hops costs; constant."""
        return self._extractor.delay_samples + self._lead

    def expect_blocks_of(self, block_size: int | None) -> None:
        """Starts afresh with the least latency for blocks of this size; None: of any sizes.

        Should other blocks come nevertheless, latency grows to that of any sizes, once, by a gap.
        """
        self._lead = self._lead_for(block_size)
        if self._last_hop is not None or len(self._collected):
            self.reset()
        else:  # as new: a card's first callback asks here, and shall take no longer than the others
            self._ready = np.zeros(self._lead, np.float32)

    def _lead_for(self, block_size: int | None) -> int:
        return self.hop_size - math.gcd(block_size or 1, self.hop_size)

    def reset(self) -> None:
        """Back to the beginning: silence, the same noise again, controls where they are."""
        engine_memory.put_back(self._memory, self._start)
        self._begin()

    def _begin(self) -> None:
        self._pitch: Any = None
        self._settings: Settings | None = None
        self._random = np.random.default_rng(self._seed)
        self._collected = np.zeros(0, np.float32)
        self._ready = np.zeros(self._lead, np.float32)
        self._last_hop: LastHop | None = None

    def warm_up(self, seconds: float = 1.0) -> None:
        """Plays to nobody, so that the first block is as fast as any; then starts afresh."""
        t = np.arange(self.hop_size) / self.sample_rate
        hop = (0.1 * np.sin(2 * np.pi * 220.0 * t)).astype(np.float32)
        for _ in range(max(2, round(seconds * self.sample_rate / self.hop_size))):
            self.process(hop)
        self.reset()

    @property
    def meters(self) -> Meters:
        """Of the last hop; from any thread."""
        last_hop = self._last_hop  # once: the audio thread may be starting afresh
        return SILENCE if last_hop is None else read_meters(last_hop)

    @property
    def control_values(self) -> Mapping[str, float]:
        """Where every control stands (its target, if it is still moving)."""
        return self._controls

    def set_control(self, name: str, value: float) -> None:
        """Moves a control, from any thread; heard from the next hop on, over its smoothing time.

        Raises:
            ControlError: no such control, or out of its range.
        """
        checked = find_control(name).check(value)
        with self._turning:
            self._controls = {**self._controls, name: checked}
            self._targets = as_vector(self._controls)

    def turn_to(self, aim: Aim) -> None:
        """Moves all controls (audio thread; checked already)."""
        self._controls, self._targets = aim

    def process(self, block: Audio) -> Audio:
        """The next samples. (T,) -> (T,), any T; the same object's calls must not overlap."""
        samples = np.concatenate((self._collected, block), dtype=np.float32)
        n_hops = len(samples) // self.hop_size
        hops = samples[: n_hops * self.hop_size].reshape(n_hops, self.hop_size)
        self._collected = samples[n_hops * self.hop_size :].copy()
        parts = [self._ready]
        try:
            while len(hops):
                parts.append(self._play(hops[:MOST_HOPS]))
                hops = hops[len(parts[-1]) // self.hop_size :]
        except Exception:  # silence in its place, so that what follows keeps its time
            n_left = len(self._ready) + n_hops * self.hop_size - len(block)
            self._ready = np.zeros(max(n_left, 0), np.float32)
            raise
        ready = np.concatenate(parts)
        if len(ready) < len(block):
            ready = self._delayed_further(ready)
        self._ready = ready[len(block) :].copy()
        return ready[: len(block)]

    def _delayed_further(self, ready: Audio) -> Audio:
        """What is ready behind a gap, long enough for blocks of any size from now on."""
        gap = self.hop_size - 1 - self._lead
        self._lead += gap
        return np.concatenate((np.zeros(gap, np.float32), ready))

    def _features_of(self, heard: Audio) -> tuple[Audio, Audio, Audio]:
        """Pitch and confidence; a loudness only where notes are given, else it is weighed later."""
        if self._notes is not None:
            return self._notes.read(len(heard))
        (f0_hz, confidence), self._pitch = self._extractor.pitch.forward(heard, self._pitch)
        if self._mend_pitch(f0_hz, confidence, *engine_memory.lasting(self._pitch)):
            self._pitch = None
            self.n_bad += 1
        return f0_hz, confidence, NOT_GIVEN

    def _steer(self) -> tuple[Settings, Settings]:
        """Settings at both ends of the next hop; the same one while no control moves."""
        last = self._settings
        values = self._smoothing.forward(self._targets, last.values if last else None)
        self._settings = now = next_settings(values, last, self.hop_size)
        return last or now, now

    def _play(self, hops: Audio) -> Audio:
        """The output of these hops, or of the first one alone while a control moves."""
        before, now = self._steer()
        if before is not now:
            hops = hops[:1]
        heard, out = np.empty_like(hops), np.empty_like(hops)
        input_peak = self._amplify(
            hops, before.input_gain, now.input_gain, now.bends.input_gain, heard
        )
        f0_hz, confidence, given_db = self._features_of(heard)
        self._mend_unless_well(heard)
        chance = self._random.random(hops.shape, dtype=np.float32)
        loudness_db = np.empty(len(hops), np.float32)
        tone_gain = self._play_hops(
            self._tables, self._memory, heard, f0_hz, confidence, given_db, chance, before, now,
            loudness_db, out,
        )  # fmt: skip
        if self._mend_unless_well(out):
            out[:] = 0.0
        self._last_hop = LastHop(input_peak, out[-1], f0_hz, confidence, loudness_db, tone_gain)
        return out.reshape(-1)

    def _mend_unless_well(self, sound: Audio) -> bool:
        """Stages that hold no numbers begin afresh; returns whether there were any."""
        if self._is_well(self._memory, sound):
            return False
        engine_memory.mend(self._memory, self._start)
        self.n_bad += 1
        return True
