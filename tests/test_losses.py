import math

import pytest
import torch
from torch import Tensor

from training.losses import LOG_FLOOR, SpectralLoss, magnitudes


def sound(seed: int, n_samples: int = 4096) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 0.1 * torch.randn(2, n_samples, generator=generator, dtype=torch.float64)


def test_equal_sounds_are_at_no_distance() -> None:
    assert float(SpectralLoss()(sound(0), sound(0))) == 0.0


def test_a_louder_copy_is_the_same_logarithm_off_in_every_scale() -> None:
    loss = SpectralLoss((2048, 512))
    found = float(loss(2.0 * sound(0), sound(0)))
    linear = sum(float(magnitudes(sound(0), size).mean()) for size in (2048, 512))
    # The floor under the logarithm takes a little away.
    assert found == pytest.approx(linear + 2 * math.log(2.0), rel=1e-3)


def test_it_is_symmetric_and_blind_to_polarity() -> None:
    loss = SpectralLoss()
    assert float(loss(sound(0), sound(1))) == pytest.approx(float(loss(sound(1), sound(0))))
    assert float(loss(-sound(0), sound(0))) == pytest.approx(0.0, abs=1e-9)


def test_silence_against_silence_has_finite_gradients() -> None:
    silence = torch.zeros(1, 4096, requires_grad=True)
    loss = SpectralLoss()(silence, torch.zeros(1, 4096))
    loss.backward()
    assert loss.item() == 0.0
    assert silence.grad is not None
    assert bool(torch.isfinite(silence.grad).all())


def test_silence_against_sound_costs_the_distance_to_the_floor() -> None:
    target = sound(0)
    found = float(SpectralLoss((512,))(torch.zeros_like(target), target))
    heard = magnitudes(target, 512)
    expected = heard.mean() + ((heard + LOG_FLOOR) / LOG_FLOOR).log().mean()
    assert found == pytest.approx(float(expected))


def test_magnitudes_of_a_tone() -> None:
    t = torch.arange(4096, dtype=torch.float64)
    spectrum = magnitudes(torch.sin(2 * math.pi * 32 / 256 * t)[None], 256)
    assert spectrum.shape == (1, 129, (4096 - 256) // 64 + 1)
    # Half the Hann window's sum.
    torch.testing.assert_close(spectrum[0, 32], torch.full_like(spectrum[0, 32], 64.0))
    assert float(spectrum[0, 40:].max()) < 1e-9
