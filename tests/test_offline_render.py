"""End to end: the engine in blocks against the same song rendered offline by the torch voice."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
import torch
import voices
from law import at_random, every
from numpy.typing import NDArray

from ddsp_core.attack import raise_noise
from ddsp_core.checkpoint import VoiceFile, load_voice
from ddsp_core.features import FeatureExtractor, Features
from ddsp_core.shaping import Shaping, ShapingControls
from ddsp_core.voice import voice_from_file
from realtime.engine import Engine
from realtime.limiter import Limiter

Audio = NDArray[np.float32]

CLIP = Path(__file__).parent / "clips" / "vocadito_1.flac"
RATE, HOP = voices.SAMPLE_RATE, voices.HOP_SIZE
CONTROLS = {"gate_db": -50.0, "octave_shift": 1.0, "loudness_shift_db": 3.0, "room_mix": 0.5}
SEED = 5

FILE = load_voice(voices.VIOLIN)
OTHERS = voices.other_synths()
OTHERS_TOLERANCE = {"wavetable": 5e-4, "sinusoidal": 1e-2}
"""See `test_voice`."""


@pytest.fixture(scope="module")
def song() -> Audio:
    """Six sung seconds."""
    audio, rate = soundfile.read(CLIP, dtype="float32")
    found: Audio = soxr.resample(audio[: 6 * rate], rate, RATE)
    return found


def shaped_controls(features: Features) -> ShapingControls:
    values = (12.0 * CONTROLS["octave_shift"], CONTROLS["loudness_shift_db"], CONTROLS["gate_db"])
    return ShapingControls(*(np.full_like(features.f0_hz, value) for value in values))


@torch.inference_mode()
def offline(file: VoiceFile, song: Audio) -> Audio:
    """The whole song at once, in line with the recording as a training target is."""
    hops = np.append(song, np.zeros(-len(song) % HOP, np.float32)).reshape(-1, HOP)
    extractor = FeatureExtractor(RATE, HOP)
    features, _ = extractor.forward(hops)
    shaped, _ = Shaping(RATE, HOP).forward((features, shaped_controls(features)))
    noise = 2.0 * np.random.default_rng(SEED).random(hops.shape, dtype=np.float32) - 1.0
    f0_hz, loudness_db, tone_gain, noise_gain, _, white = (
        torch.from_numpy(x)[None] for x in (*shaped, noise.reshape(-1))
    )
    voice = voice_from_file(file)
    controls, _ = voice.decoder((f0_hz, loudness_db))
    for n, share in enumerate(shaped.scratch):  # in place: the tensors share their memory
        raise_noise(controls.amplitudes[0, n].numpy(), controls.noise_bands[0, n].numpy(), share)
    amplitudes = controls.amplitudes * tone_gain[..., None]
    tone, _ = voice.oscillators((controls.frequencies_hz, amplitudes))
    breath, _ = voice.noise((controls.noise_bands * noise_gain[..., None], white))
    wet, _ = voice.room(tone + breath, mix=CONTROLS["room_mix"])
    out, _ = Limiter(RATE).forward(wet[0].numpy())
    return out[extractor.delay_samples :]


@pytest.fixture(scope="module")
def rendered(song: Audio) -> Audio:
    return offline(FILE, song)


BLOCKS = {"1": every(1, 6 * RATE)} | {
    str(size): every(size, 6 * RATE) for size in (16, 64, 128, 480, 1024)
}
BLOCKS["random"] = at_random(6 * RATE, 3000)


def check_engine(
    file: VoiceFile, cuts: list[int], song: Audio, rendered: Audio, tolerance: float
) -> None:
    engine = Engine(file, CONTROLS, seed=SEED)
    played = np.concatenate([engine.process(block) for block in np.split(song, cuts)])
    late = engine.latency_samples
    wanted = rendered[: len(song) - late]
    assert np.abs(wanted).max() > 0.05  # a song, not silence
    np.testing.assert_allclose(played[late:][: len(wanted)], wanted, atol=tolerance)


@pytest.mark.parametrize("cuts", BLOCKS.values(), ids=BLOCKS.keys())
def test_the_engine_plays_the_offline_render_its_latency_later(
    cuts: list[int], song: Audio, rendered: Audio
) -> None:
    check_engine(FILE, cuts, song, rendered, 1e-4)


@pytest.mark.parametrize("synth", OTHERS)
def test_so_it_does_with_the_other_synths(synth: str, song: Audio) -> None:
    piece = song[: 2 * RATE]
    cuts = [cut for cut in BLOCKS["random"] if cut < len(piece)]
    rendered = offline(OTHERS[synth], piece)
    check_engine(OTHERS[synth], cuts, piece, rendered, OTHERS_TOLERANCE[synth])
