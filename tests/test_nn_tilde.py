"""Voices for nn~: loaded from disk as nn~ does, in its buffers, against the torch voice."""

import re
from pathlib import Path

import pytest
import torch
import voices
from torch import Tensor

from ddsp_core.checkpoint import load_voice
from ddsp_core.errors import VoiceError
from ddsp_core.voice import Voice, VoiceInputs, voice_from_file
from training.nn_tilde import as_torchscript

# Deprecated in torch, but what nn~ does.
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.load. is deprecated:DeprecationWarning")

HOP = voices.HOP_SIZE
N_FRAMES = 64
BY_SAMPLES = 1e-5
"""Of full scale: float32 sums in another order, and sines of another library."""


FILES = {
    "random": voices.random_file(voices.FULL_BUILD),
    "violin": load_voice(voices.VIOLIN),
    "sinusoidal": voices.random_file(voices.config(synth="sinusoidal")),
    "wavetable": voices.random_file(voices.config(synth="wavetable")),
}


def melody(n_batch: int = 1, n_frames: int = N_FRAMES) -> VoiceInputs:
    """Glides over octaves up to where harmonics are cut off, swells, and its white noise."""
    generator = torch.Generator().manual_seed(1)
    way = torch.linspace(0.0, 1.0, n_frames)[None] + 0.3 * torch.arange(n_batch)[:, None]
    f0_hz = 220.0 * 2.0 ** (3.0 * torch.sin(3.0 * way).square())
    loudness_db = -25.0 - 20.0 * torch.cos(9.0 * way)
    white = 2.0 * torch.rand(n_batch, n_frames * HOP, generator=generator) - 1.0
    return VoiceInputs(f0_hz, loudness_db, white)


def as_signals(inputs: VoiceInputs) -> Tensor:
    """As a patch sends them: (B, 3, T), the last sample of a hop is its frame's."""
    frames = torch.stack((inputs.f0_hz, inputs.loudness_db), dim=1)
    held = torch.zeros(*frames.shape, HOP)
    held[..., -1] = frames
    return torch.cat((held.flatten(2), inputs.white[:, None]), dim=1)


def ours(voice: Voice, inputs: VoiceInputs) -> Tensor:
    with torch.inference_mode():
        return voice(inputs)[0]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("nn_tilde")
    for name, file in FILES.items():
        (folder / f"{name}.ts").write_bytes(as_torchscript(file))
    return {path.stem: path for path in folder.iterdir()}


def opened(path: Path) -> torch.jit.ScriptModule:
    return torch.jit.load(path)  # type: ignore[no-untyped-call, no-any-return]


@pytest.mark.parametrize("name", FILES)
def test_with_the_same_noise_it_plays_what_the_voice_plays(
    saved: dict[str, Path], name: str
) -> None:
    inputs = melody()
    expected = ours(voice_from_file(FILES[name]), inputs)
    signals = as_signals(inputs)
    for buffers in ([N_FRAMES], [1] * 8 + [8] * 7, [16, 32, 4, 4, 8]):
        module = opened(saved[name])
        pieces = signals.split([n * HOP for n in buffers], dim=2)
        with torch.inference_mode():
            heard = torch.cat([module.with_noise(piece) for piece in pieces], dim=2)
        assert heard.shape == (1, 1, N_FRAMES * HOP)
        assert float((heard[:, 0] - expected).abs().max()) < BY_SAMPLES
        assert float(expected.abs().max()) > 0.02


def test_nothing_but_f0_and_loudness_is_needed(saved: dict[str, Path]) -> None:
    inputs = melody()._replace(white=torch.zeros(1, N_FRAMES * HOP))
    expected = ours(voice_from_file(FILES["violin"]), inputs)
    frames = torch.stack((inputs.f0_hz, inputs.loudness_db), dim=1)
    module = opened(saved["violin"])
    assert module.set_noise_gain(0.0) == 0
    heard = torch.cat([module(piece) for piece in frames.split(16, dim=2)], dim=2)
    assert float((heard[:, 0] - expected).abs().max()) < BY_SAMPLES
    module.set_noise_gain(1.0)
    assert float((module(frames[:, :, :16]) - heard[:, :, : 16 * HOP]).abs().max()) > 1e-4


def test_the_room_is_faded_out_by_its_attribute(saved: dict[str, Path]) -> None:
    wet = voice_from_file(FILES["random"])
    dry = voice_from_file(FILES["random"])
    dry.room.taps.data.zero_()
    inputs = melody()
    module = opened(saved["random"])
    module.set_room_mix(0.0)
    first, rest = as_signals(inputs).split(N_FRAMES // 2 * HOP, dim=2)
    fading, faded = module.with_noise(first)[:, 0], module.with_noise(rest)[:, 0]
    differ = (fading - ours(wet, inputs)[:, : fading.shape[1]]).abs()
    assert float(differ[:, :HOP].max()) < 0.1 * float(differ[:, -HOP:].max())  # no step
    assert float((faded - ours(dry, inputs)[:, fading.shape[1] :]).abs().max()) < BY_SAMPLES


def test_attributes_refuse_what_makes_no_sense(saved: dict[str, Path]) -> None:
    module = opened(saved["random"])
    assert module.get_attributes() == ["none", "room_mix", "noise_gain"]
    assert module.set_room_mix(0.5) == 0
    for wrong in (-0.1, 1.1, float("nan")):
        assert module.set_room_mix(wrong) == -1
    assert module.get_room_mix() == 0.5
    assert module.set_noise_gain(5.0) == -1
    assert module.get_noise_gain() == 1.0


def test_what_nn_tilde_asks_a_module_for(saved: dict[str, Path]) -> None:
    module = opened(saved["random"])
    assert module.get_methods() == ["forward", "with_noise"]
    # channels and ratios, in and out
    assert module.forward_params.tolist() == [2, HOP, 1, 1]
    assert module.with_noise_params.tolist() == [3, 1, 1, 1]
    assert "48000 Hz" in module.forward_input_labels[0]


def test_four_voices_at_once_are_four_voices(saved: dict[str, Path]) -> None:
    inputs = melody(4)
    expected = ours(voice_from_file(FILES["random"]), inputs)
    module = opened(saved["random"])
    module.with_noise(as_signals(melody()))  # one voice, before the patch was changed
    pieces = as_signals(inputs).split(N_FRAMES // 2 * HOP, dim=2)
    heard = torch.cat([module.with_noise(piece) for piece in pieces], dim=2)
    assert float((heard[:, 0] - expected).abs().max()) < BY_SAMPLES


def test_nonsense_from_a_patch_is_survived(saved: dict[str, Path]) -> None:
    module = opened(saved["random"])
    nan = float("nan")
    for f0_hz, loudness_db in ((nan, nan), (-440.0, 0.0), (0.0, -1e9), (1e9, float("inf"))):
        frames = torch.tensor([f0_hz, loudness_db])[None, :, None].repeat(1, 1, 16)
        assert bool(torch.isfinite(module(frames)).all())
    after = module(torch.tensor([440.0, -20.0])[None, :, None].repeat(1, 1, 16))
    assert bool(torch.isfinite(after).all())
    assert float(after.abs().max()) > 1e-3


def test_a_hop_that_nn_tilde_cannot_have_is_refused() -> None:
    with pytest.raises(VoiceError, match=re.escape("hop_size 160: a power of two")):
        as_torchscript(voices.random_file(voices.config(hop_size=160)))
