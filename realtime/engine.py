"""The engine: microphone samples in, violin samples out, a constant `latency_samples` later.

All work happens in whole hops. While one hop of input is being collected, the output hop computed
from the input *before* it is handed out, sample for sample; so blocks may have any length, and
cutting the input differently changes nothing. No lock, no file, no torch.

Latency: a frame describes the sound at the centre of its loudness window (`delay_samples` back),
and the synthesizers reach it at the end of the following hop. Voices are trained with their target
audio delayed by just that, and the dry signal is delayed by it too.
"""

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

    history: Audio  # the last latency_samples of input
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

    Raises:
        ControlError: an unknown control or a value out of range.
        VoiceError: a voice trained with other features than this version computes.
    """

    def __init__(
        self, voice: VoiceFile, controls: Mapping[str, float] | None = None, seed: int = 0
    ) -> None:
        self.sample_rate = voice.config.sample_rate
        self.hop_size = voice.config.hop_size
        self._extractor = FeatureExtractor(self.sample_rate, self.hop_size)
        if dict(self._extractor.definition) != dict(voice.definition):
            given = f"trained with features {voice.definition}"
            raise VoiceError(
                "voice", given, f"{dict(self._extractor.definition)}", "train it again"
            )
        self.latency_samples = self._extractor.delay_samples + self.hop_size
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

    def reset(self) -> None:
        """Back to the beginning: silence, the same noise again, controls where they are."""
        self._state = _State(np.zeros(self.latency_samples, np.float32))
        self._random = np.random.default_rng(self._seed)
        self._collected = np.zeros(self.hop_size, np.float32)
        self._playing = np.zeros(self.hop_size, np.float32)
        self._position = 0
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
        out = np.empty(len(block), np.float32)
        done = 0
        while done < len(block):
            n = min(len(block) - done, self.hop_size - self._position)
            here = slice(self._position, self._position + n)
            self._collected[here] = block[done : done + n]
            out[done : done + n] = self._playing[here]
            done += n
            self._position += n
            if self._position == self.hop_size:
                self._playing = self._play_hop(self._collected)
                self._position = 0
        return out

    def _play_hop(self, hop: Audio) -> Audio:
        """The output hop that follows this input hop."""
        state = self._state
        last = state.settings
        values = self._smoothing.forward(self._targets, last.values if last else None)
        now = next_settings(values, last, self.hop_size)
        before = last or now
        heard = np.empty((1, self.hop_size), np.float32)
        input_peak = _amplify(hop, before.input_gain, now.input_gain, heard[0])
        features, feature_state = self._extractor.forward(heard, state.features)
        shaped, shaping_state = self._shaping.forward((features, now.shaping), state.shaping)
        f0_hz, loudness_db, gate = shaped
        white = 2.0 * self._random.random((1, self.hop_size), dtype=np.float32) - 1.0
        inputs = LiveInputs(
            f0_hz, loudness_db, gate * now.harmonic_gain, gate * now.noise_gain, white, now.room_mix
        )
        wet, voice_state = self._voice.forward(inputs, state.voice)
        history = np.concatenate((state.history[self.hop_size :], heard[0]))
        out = np.empty(self.hop_size, np.float32)
        _mix(
            wet[0], history[: self.hop_size], before.wet_share, now.wet_share, before.output_gain,
            now.output_gain, out,
        )  # fmt: skip
        out, limiter_state = self._limiter.forward(out, state.limiter)
        self._state = _State(history, now, feature_state, shaping_state, voice_state, limiter_state)
        self._last_hop = (input_peak, out, features, gate)
        return out
