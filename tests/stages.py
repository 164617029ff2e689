"""Every stateful stage as the law sees it: what it is fed, where it may be cut."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import signals
import torch
import voices
from law import Subject

from ddsp_core.checkpoint import VoiceConfig
from ddsp_core.decoder import Decoder
from ddsp_core.features import FeatureExtractor, Features
from ddsp_core.guide import Guide, Pace
from ddsp_core.guided_pitch import GuidedPitchTracker
from ddsp_core.live_decoder import DecoderStep
from ddsp_core.live_noise import NoiseStep
from ddsp_core.live_room import RoomStep
from ddsp_core.live_voice import LiveInputs, LiveVoice
from ddsp_core.loudness import Loudness
from ddsp_core.noise import FilteredNoise
from ddsp_core.pitch import PitchTracker
from ddsp_core.room import Room
from ddsp_core.shaping import Shaping, ShapingControls
from ddsp_core.synths import SYNTHS, SynthName
from ddsp_core.trackers import CrepeTracker
from ddsp_core.tuning import Tuning, TuningCurves
from ddsp_core.voice import Voice, VoiceInputs
from realtime.controls import CONTROLS
from realtime.limiter import Limiter
from realtime.smoothing import Smoothing

RATE, HOP = voices.SAMPLE_RATE, voices.HOP_SIZE
N_FRAMES = 48
N_TORCH_FRAMES = 10
PACE = Pace(every_s=6 * HOP / RATE, answer_s=4 * HOP / RATE)
BATCH = 2

Make = Callable[[str], Subject]
MakeOf = Callable[[str, SynthName], Subject]
TABLE: dict[str, tuple[type, tuple[str, ...], Make]] = {}
"""Name -> class, types of number it computes in, a subject of that type."""


def subject(name: str, stage: type, *dtypes: str) -> Callable[[Make], Make]:
    def enter(make: Make) -> Make:
        TABLE[name] = (stage, dtypes, make)
        return make

    return enter


def subject_of_each_synth(name: str, stage: type, *dtypes: str) -> Callable[[MakeOf], MakeOf]:
    def enter(make: MakeOf) -> MakeOf:
        for synth in SYNTHS:
            TABLE[f"{name}, {synth}"] = (stage, dtypes, partial(make, synth=synth))
        return make

    return enter


def sung(n_frames: int = N_FRAMES) -> np.ndarray:
    """A note with vibrato, breath, silence, and a softer note."""
    curve = signals.vibrato(330.0, 0.05, RATE, depth_cents=80.0)
    note = signals.harmonic(curve, RATE, [1, 0.8, 0.3, 0.2])
    rest = signals.silence(0.01, RATE)
    audio = np.concatenate((note, signals.breath(0.02, RATE), rest, 0.05 * note, rest, note))
    return np.resize(audio, n_frames * HOP).astype(np.float32)


def random(*shape: int, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    return np.random.default_rng(len(shape)).uniform(low, high, shape).astype(np.float32)


def tensor(array: np.ndarray, dtype: str, gradient: bool = False) -> torch.Tensor:
    return torch.from_numpy(array.astype(dtype)).requires_grad_(gradient)


def curves(*shape: int) -> tuple[np.ndarray, np.ndarray]:
    """f0_hz with some harmonics above Nyquist, and loudness_db past both ends of its range."""
    return 220.0 * 2.0 ** random(*shape, low=-1.0, high=4.0), random(*shape, low=-95.0, high=0.0)


@subject("Loudness", Loudness, "float32")
def _loudness(dtype: str) -> Subject:
    f0_hz = curves(N_FRAMES)[0] * np.float32(0.3)  # windows of all lengths
    return Subject(Loudness(RATE, HOP).forward, (sung().reshape(-1, HOP), f0_hz), N_FRAMES)


@subject("PitchTracker", PitchTracker, "float32")
def _pitch(dtype: str) -> Subject:
    return Subject(PitchTracker(RATE, HOP).forward, sung().reshape(-1, HOP), N_FRAMES)


@subject("Guide", Guide, "float32")
def _guide(dtype: str) -> Subject:
    return Subject(Guide(RATE, HOP, PACE).forward, sung().reshape(-1, HOP), N_FRAMES)


@subject("GuidedPitchTracker", GuidedPitchTracker, "float32")
def _guided_pitch(dtype: str) -> Subject:
    return Subject(GuidedPitchTracker(RATE, HOP, PACE).forward, sung().reshape(-1, HOP), N_FRAMES)


@subject("CrepeTracker", CrepeTracker, "float32")
def _crepe(dtype: str) -> Subject:
    return Subject(CrepeTracker(RATE, HOP, PACE).forward, sung().reshape(-1, HOP), N_FRAMES)


@subject("FeatureExtractor", FeatureExtractor, "float32")
def _features(dtype: str) -> Subject:
    return Subject(FeatureExtractor(RATE, HOP).forward, sung().reshape(-1, HOP), N_FRAMES)


@subject("Shaping", Shaping, "float32")
def _shaping(dtype: str) -> Subject:
    f0_hz, loudness_db = curves(400)
    features = Features(f0_hz, random(400), loudness_db)
    shift = ShapingControls(random(400, high=12.0), random(400), random(400, low=-60.0, high=-40.0))
    return Subject(Shaping(RATE, HOP).forward, (features, shift), 400)


@subject("Tuning", Tuning, "float32")
def _tuning(dtype: str) -> Subject:
    n_frames = 600
    wobble = 0.6 * np.sin(2 * np.pi * 6.0 * np.arange(n_frames) * HOP / RATE)
    steps = np.repeat(np.array([0.0, 2.1, 7.0, 1.0]), n_frames // 4)
    f0_hz = (220.0 * 2.0 ** ((wobble + steps) / 12.0)).astype(np.float32)
    notes = np.full(n_frames, 0b101010110101)
    controls = TuningCurves(
        random(n_frames), random(n_frames, high=0.1), notes, random(n_frames, low=435, high=445),
        random(n_frames, high=0.1), random(n_frames, high=2.0), 60 * (np.arange(n_frames) > 500),
    )  # fmt: skip
    tone_gain = random(n_frames, low=-0.01, high=0.3)
    return Subject(Tuning(HOP / RATE).forward, (f0_hz, tone_gain, controls), n_frames)


def config(synth: SynthName) -> VoiceConfig:
    return voices.config(synth=synth)


@subject_of_each_synth("Decoder", Decoder, "float32", "float64")
def _decoder(dtype: str, synth: SynthName) -> Subject:
    decoder = voices.random_voice(config(synth)).decoder.to(getattr(torch, dtype))
    f0_hz, loudness_db = curves(BATCH, N_TORCH_FRAMES)
    inputs = tensor(f0_hz, dtype, True), tensor(loudness_db, dtype, True)
    return Subject(decoder.forward, inputs, N_TORCH_FRAMES, 1, list(decoder.parameters()))


@subject("FilteredNoise", FilteredNoise, "float32", "float64")
def _noise(dtype: str) -> Subject:
    bands = tensor(random(BATCH, N_TORCH_FRAMES, 129), dtype, True)  # a tail of two hops
    white = tensor(random(BATCH, N_TORCH_FRAMES * HOP, low=-1.0), dtype, True)
    return Subject(FilteredNoise(HOP).forward, (bands, white), N_TORCH_FRAMES, 1)


@subject("Room", Room, "float32", "float64")
def _room(dtype: str) -> Subject:
    room = Room(50, n_rooms=3).to(getattr(torch, dtype))
    torch.nn.init.normal_(room.taps, std=0.1)

    def forward(inputs: Any, state: Any) -> Any:
        audio, mix, numbers = inputs
        return room(audio, state, numbers, mix)

    audio, mix = random(BATCH, 200, low=-1.0), random(BATCH, 200)
    inputs = tensor(audio, dtype, True), tensor(mix, dtype, True), torch.tensor([2, 0])
    return Subject(forward, inputs, 200, 1, list(room.parameters()))


@subject_of_each_synth("Voice", Voice, "float32", "float64")
def _voice(dtype: str, synth: SynthName) -> Subject:
    voice = voices.random_voice(config(synth)).to(getattr(torch, dtype))
    f0_hz, loudness_db = curves(BATCH, N_TORCH_FRAMES)
    white = tensor(random(BATCH, N_TORCH_FRAMES * HOP, low=-1.0), dtype)
    inputs = VoiceInputs(tensor(f0_hz, dtype), tensor(loudness_db, dtype, True), white)
    stage = Subject(voice.forward, inputs, N_TORCH_FRAMES, 1, list(voice.parameters()))
    # A sinusoid's frequency comes from the network, here up to 20 kHz in float32, 1e-3 Hz apart.
    return stage._replace(slack=5.0 if synth == "sinusoidal" else 1.0)


@subject_of_each_synth("DecoderStep", DecoderStep, "float32")
def _decoder_step(dtype: str, synth: SynthName) -> Subject:
    step = DecoderStep(voices.random_file(config(synth)))
    return Subject(step.forward, curves(N_FRAMES), N_FRAMES)


@subject("NoiseStep", NoiseStep, "float32")
def _noise_step(dtype: str) -> Subject:
    inputs = random(N_FRAMES, 129), random(N_FRAMES, HOP, low=-1.0)
    return Subject(NoiseStep(129, HOP).forward, inputs, N_FRAMES)


@subject("RoomStep", RoomStep, "float32")
def _room_step(dtype: str) -> Subject:
    hop_size, n_hops = 16, 110  # six long blocks of 16 hops
    room = RoomStep(0.1 * random(hop_size * 75, low=-1.0), hop_size)  # 32 are the short part
    inputs = random(n_hops, hop_size, low=-1.0), random(n_hops, hop_size)
    return Subject(room.forward, inputs, n_hops, takes_over=True)


@subject_of_each_synth("LiveVoice", LiveVoice, "float32")
def _live_voice(dtype: str, synth: SynthName) -> Subject:
    gains = random(N_FRAMES, low=0.5), random(N_FRAMES, high=2.0)
    white = random(N_FRAMES, HOP, low=-1.0)
    scratch = random(N_FRAMES, low=-1.0)
    inputs = LiveInputs(*curves(N_FRAMES), *gains, scratch, white, random(N_FRAMES, HOP))
    voice = LiveVoice(voices.random_file(config(synth)))
    return Subject(voice.forward, inputs, N_FRAMES, takes_over=True)


@subject("Limiter", Limiter, "float32", "float64")
def _limiter(dtype: str) -> Subject:
    return Subject(Limiter(RATE).forward, random(2000, low=-3.0, high=3.0).astype(dtype), 2000)


@subject("Smoothing", Smoothing, "float64")
def _smoothing(dtype: str) -> Subject:
    smoothing = Smoothing(HOP / RATE)

    def forward(targets: Any, values: Any) -> Any:  # a stage of one hop a call
        moved = []
        for target in targets:
            values = smoothing.forward(target, values)
            moved.append(values)
        return np.array(moved), values

    targets = np.repeat(random(10, len(CONTROLS), high=12.0).astype(dtype), 5, axis=0)
    return Subject(forward, targets, len(targets))
