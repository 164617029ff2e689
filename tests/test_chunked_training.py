"""A long window synthesised in pieces teaches the same as in one: the law, through the loss."""

import pytest
import torch
import voices
from torch import Tensor

from ddsp_core.voice import Voice, VoiceInputs
from training.losses import SpectralLoss

N_FRAMES = 48


def inputs() -> VoiceInputs:
    generator = torch.Generator().manual_seed(0)

    def random(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator, dtype=torch.float64)

    white = 2.0 * random(2, N_FRAMES * voices.HOP_SIZE) - 1.0
    return VoiceInputs(200.0 + 500.0 * random(2, N_FRAMES), -60.0 * random(2, N_FRAMES), white)


def in_pieces(voice: Voice, given: VoiceInputs, n_frames: int) -> Tensor:
    hop, state, pieces = voices.HOP_SIZE, None, []
    for n in range(0, N_FRAMES, n_frames):
        frames, samples = slice(n, n + n_frames), slice(n * hop, (n + n_frames) * hop)
        part = VoiceInputs(
            given.f0_hz[:, frames], given.loudness_db[:, frames], given.white[:, samples]
        )
        audio, state = voice(part, state)
        pieces.append(audio)
    return torch.cat(pieces, dim=1)


@pytest.mark.parametrize("n_frames", [16, 7])
def test_gradients_of_the_loss_do_not_know_of_pieces(n_frames: int) -> None:
    voice = voices.random_voice().double()
    given = inputs()
    loss = SpectralLoss((1024, 256, 64))
    target = torch.randn(given.white.shape, generator=torch.Generator().manual_seed(1)).double()
    slopes = []
    for audio in (voice(given)[0], in_pieces(voice, given, n_frames)):
        slopes.append(torch.autograd.grad(loss(audio, 0.1 * target), list(voice.parameters())))
    for whole, pieced in zip(*slopes, strict=True):
        torch.testing.assert_close(pieced, whole, rtol=1e-6, atol=1e-9)
