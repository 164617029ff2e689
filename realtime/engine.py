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
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.checkpoint import VoiceFile
from ddsp_core.errors import VoiceError
from ddsp_core.features import FeatureExtractor, Features, FeatureState
from ddsp_core.live_voice import LiveInputs, LiveState, LiveVoice
from ddsp_core.shaping import Shaping, ShapingState
from ddsp_core.units import gain_to_db
from realtime.controls import check_values, find_control
from realtime.limiter import Limiter, LimiterState
from realtime.settings import Settings, next_settings
from realtime.smoothing import Smoothing, as_vector

Audio = NDArray[np.float32]


class Meters(NamedTuple):
    """What the last hop was like. `f0_hz` is what was sung."""

    input_peak_db: float
    output_peak_db: float
    f0_hz: float
    confidence: float
    loudness_db: float
    gate_open: bool


LOUDEST = 100.0
"""+40 dBFS: far above any microphone, far below where a square or the limiter would overflow."""

SILENCE = Meters(-100.0, -100.0, 0.0, 0.0, -100.0, False)


class _State(NamedTuple):
    """Everything that the engine remembers between hops."""

    history: Audio  # the last samples of input, as many as the features' delay
    settings: Settings | None = None
    features: FeatureState | None = None
    shaping: ShapingState | None = None
    voice: LiveState | None = None
    limiter: LimiterState | None = None


@njit(nogil=True, cache=True)
def _amplify(block: Audio, start: float, end: float, out: Audio) -> float:
    """A gain ramp. Returns the peak before the gain.

    What is no number becomes silence, what is absurdly loud is clipped.
    """
    step = (end - start) / len(block)
    peak = 0.0
    for i in range(len(block)):
        sample = block[i] if np.isfinite(block[i]) else np.float32(0.0)
        sample = min(max(sample, -LOUDEST), LOUDEST)
        peak = max(peak, abs(sample))
        out[i] = sample * (start + step * (i + 1))
    return peak


@njit(nogil=True, cache=True)
def _mix(
    wet: Audio, dry: Audio, share_from: float, share_to: float, gain_from: float, gain_to: float,
    out: Audio,
) -> None:  # fmt: skip
    """Crossfade and output gain, both ramped."""
    for i in range(len(out)):
        at = (i + 1) / len(out)
        share = share_from + (share_to - share_from) * at
        gain = gain_from + (gain_to - gain_from) * at
        out[i] = gain * (share * wet[i] + (1.0 - share) * dry[i])


class Engine:
    """Plays a voice from sung audio.

    Args:
        voice: a loaded voice file.
        controls: values by name; the rest at their defaults.
        seed: of the noise; equal seeds and inputs give equal outputs.
        block_size: samples, if all blocks will be of this size: see `expect_blocks_of`.

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
    ) -> None:
        self.sample_rate = voice.config.sample_rate
        self.hop_size = voice.config.hop_size
        self._extractor = FeatureExtractor(self.sample_rate, self.hop_size)
        if dict(self._extractor.definition) != dict(voice.definition):
            given = f"trained with features {voice.definition}"
            raise VoiceError(
                "voice", given, f"{dict(self._extractor.definition)}", "train it again"
            )
        self._lead = self._lead_for(block_size)
        hop_s = self.hop_size / self.sample_rate
        self._shaping = Shaping(self.sample_rate, self.hop_size)
        self._voice = LiveVoice(voice)
        self._limiter = Limiter(self.sample_rate)
        self._smoothing = Smoothing(hop_s)
        self._seed = seed
        self._controls: Mapping[str, float] = check_values(controls or {})
        self._targets = as_vector(self._controls)
        self._turning = threading.Lock()  # two hands at once; the audio thread never takes it
        self.reset()

    @property
    def latency_samples(self) -> int:
        """From in to out: the features' delay, and what cutting into hops costs at this block size.

        Constant while blocks come as expected.
        """
        return self._extractor.delay_samples + self._lead

    def expect_blocks_of(self, block_size: int | None) -> None:
        """Starts afresh with the least latency for blocks of this size; None: of any sizes.

        Should other blocks come nevertheless, latency grows to that of any sizes, once, by a gap.
        """
        self._lead = self._lead_for(block_size)
        self.reset()

    def _lead_for(self, block_size: int | None) -> int:
        return self.hop_size - math.gcd(block_size or 1, self.hop_size)

    def reset(self) -> None:
        """Back to the beginning: silence, the same noise again, controls where they are."""
        self._state = _State(np.zeros(self._extractor.delay_samples, np.float32))
        self._random = np.random.default_rng(self._seed)
        self._collected = np.zeros(self.hop_size, np.float32)
        self._n_collected = 0
        self._ready = np.zeros(self._lead, np.float32)
        self._last_hop: tuple[float, Audio, Features, Audio] | None = None

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
        if self._last_hop is None:
            return SILENCE
        input_peak, out, features, gate = self._last_hop
        return Meters(
            gain_to_db(input_peak),
            gain_to_db(float(np.abs(out).max())),
            float(features.f0_hz[0]),
            float(features.confidence[0]),
            float(features.loudness_db[0]),
            gate_open=bool(gate[0] > 0.5),
        )

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

    def process(self, block: Audio) -> Audio:
        """The next samples. (T,) -> (T,), any T; the same object's calls must not overlap."""
        parts = [self._ready]
        done = 0
        while done < len(block):
            n = min(len(block) - done, self.hop_size - self._n_collected)
            here = slice(self._n_collected, self._n_collected + n)
            self._collected[here] = block[done : done + n]
            done += n
            self._n_collected += n
            if self._n_collected == self.hop_size:
                parts.append(self._play_hop(self._collected))
                self._n_collected = 0
        ready = np.concatenate(parts)
        if len(ready) < len(block):
            ready = self._delayed_further(ready)
        self._ready = ready[len(block) :]
        return ready[: len(block)]

    def _delayed_further(self, ready: Audio) -> Audio:
        """What is ready behind a gap, long enough for blocks of any size from now on."""
        gap = self.hop_size - 1 - self._lead
        self._lead += gap
        return np.concatenate((np.zeros(gap, np.float32), ready))

    def _play_hop(self, hop: Audio) -> Audio:
        """The output hop that this input hop completes."""
        state = self._state
        last = state.settings
        values = self._smoothing.forward(self._targets, last.values if last else None)
        now = next_settings(values, last, self.hop_size)
        before = last or now
        heard = np.empty((1, self.hop_size), np.float32)
        input_peak = _amplify(hop, before.input_gain, now.input_gain, heard[0])
        features, feature_state = self._extractor.forward(heard, state.features)
        shaped, shaping_state = self._shaping.forward((features, now.shaping), state.shaping)
        f0_hz, loudness_db, tone, noise = shaped
        white = 2.0 * self._random.random((1, self.hop_size), dtype=np.float32) - 1.0
        inputs = LiveInputs(
            f0_hz,
            loudness_db,
            tone * now.harmonic_gain,
            noise * now.noise_gain,
            white,
            now.room_mix,
        )
        wet, voice_state = self._voice.forward(inputs, state.voice)
        past = np.concatenate((state.history, heard[0]))
        out = np.empty(self.hop_size, np.float32)
        _mix(
            wet[0], past[: self.hop_size], before.wet_share, now.wet_share, before.output_gain,
            now.output_gain, out,
        )  # fmt: skip
        out, limiter_state = self._limiter.forward(out, state.limiter)
        history = past[self.hop_size :]
        self._state = _State(history, now, feature_state, shaping_state, voice_state, limiter_state)
        self._last_hop = (input_peak, out, features, tone)
        return out
