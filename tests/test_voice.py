"""The whole voice: trained form against played form."""

from contextlib import nullcontext

import numpy as np
import pytest
import torch
import voices
from test_decoder import melody

from ddsp_core.live_voice import LiveInputs, LiveVoice
from ddsp_core.synths import SYNTHS, SynthName
from ddsp_core.voice import VoiceInputs, voice_from_file

HOP = voices.HOP_SIZE
FILES = voices.parity_files() | voices.other_synths()


TOLERANCE = {"sinusoidal": 5e-3, "wavetable": 3e-4}
"""Of full scale. The phase of a sinusoid is the sum of frequencies from the network: what its
tables' interpolation leaves (1e-6 of a frequency) adds up, here to 1e-2 cycles at 10 kHz. The ear
does not notice a phase."""


def white(n_frames: int) -> np.ndarray:
    noise = np.random.default_rng(3).uniform(-1.0, 1.0, (n_frames, HOP))
    return noise.astype(np.float32)


def live_inputs(name: str, n_frames: int = 300) -> LiveInputs:
    f0_hz, loudness_db = melody(FILES[name], n_frames)
    one = np.ones(n_frames, np.float32)
    mix = np.ones((n_frames, HOP), np.float32)
    return LiveInputs(f0_hz, loudness_db, one, one, 0.0 * one, white(n_frames), mix)


@pytest.mark.parametrize("name", FILES)
def test_what_is_played_is_what_was_trained(name: str) -> None:
    inputs = live_inputs(name)
    live, _ = LiveVoice(FILES[name]).forward(inputs)
    f0_hz, loudness_db, noise = (
        torch.from_numpy(x) for x in (inputs.f0_hz, inputs.loudness_db, inputs.white)
    )
    with torch.inference_mode():
        voice = voice_from_file(FILES[name])
        wanted, _ = voice(VoiceInputs(f0_hz[None], loudness_db[None], noise.reshape(1, -1)))
    full_scale = max(1.0, float(wanted.abs().max()))
    assert float(wanted.abs().max()) > 0.01  # it sounds
    allowed = TOLERANCE.get(name, 1e-4) * full_scale
    np.testing.assert_allclose(live.reshape(-1), wanted[0], atol=allowed)


@pytest.mark.parametrize("name", FILES)
def test_gains_scale_tone_and_breath(name: str) -> None:
    voice = LiveVoice(FILES[name])
    inputs = live_inputs(name, 60)
    zero = np.zeros_like(inputs.harmonic_gain)
    both, _ = voice.forward(inputs)
    tone, _ = voice.forward(inputs._replace(noise_gain=zero))
    breath, _ = voice.forward(inputs._replace(harmonic_gain=zero))
    nothing, _ = voice.forward(inputs._replace(harmonic_gain=zero, noise_gain=zero))
    np.testing.assert_allclose(tone + breath, both, atol=1e-5)
    assert np.std(tone) > 1e-4
    assert np.std(breath) > 1e-4
    assert not nothing.any()


@pytest.mark.parametrize("synth", SYNTHS)
def test_a_file_gives_back_the_voice_that_it_came_from(synth: SynthName) -> None:
    voice = voices.random_voice(voices.config(synth=synth))
    again = voice_from_file(voices.voice_file(voice))
    assert again.config == voice.config
    for name, tensor in voice.state_dict().items():
        assert torch.equal(again.state_dict()[name], tensor), name


@pytest.mark.parametrize("synth", SYNTHS)
def test_it_runs_on_any_device(synth: SynthName, monkeypatch: pytest.MonkeyPatch) -> None:
    """The `meta` device computes shapes only, but like a GPU it refuses numpy and other devices."""
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())  # it has none
    voice = voices.random_voice(voices.config(synth=synth)).to("meta")
    curves, white = torch.empty(2, 5, device="meta"), torch.empty(2, 5 * HOP, device="meta")
    rooms = torch.zeros(2, dtype=torch.int64, device="meta")
    inputs = VoiceInputs(curves, curves, white, rooms)
    audio, state = voice(inputs)
    audio, _ = voice(inputs, state)
    audio.sum().backward()
    assert (audio.shape, audio.device.type) == ((2, 5 * HOP), "meta")


@pytest.mark.parametrize("synth", SYNTHS)
def test_gradients_reach_every_parameter(synth: SynthName) -> None:
    voice = voices.random_voice(voices.config(synth=synth))
    inputs = VoiceInputs(
        torch.full((1, 8), 500.0), torch.full((1, 8), -25.0), torch.rand(1, 8 * HOP) - 0.5
    )
    audio, _ = voice(inputs)
    audio.square().sum().backward()
    assert not [name for name, p in voice.named_parameters() if p.grad is None or not p.grad.any()]
