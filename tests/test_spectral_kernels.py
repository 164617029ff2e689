"""The compiled spectral distance against autograd through torch's spectra."""

import pytest
import torch
from torch import Tensor

from training.losses import SpectralLoss
from training.spectral_kernels import L1Terms, computes, l1_distance

TOLERANCE = {torch.float64: 1e-12, torch.float32: 1e-5}
OPTIONS = [
    {},
    {"centred": True},
    {"normalised": True, "log_floor": 1e-7},
    {"magnitude_weight": 0.0},
    {"log_magnitude_weight": 0.3},
]


def sounds(dtype: torch.dtype, n_samples: int = 1500) -> tuple[Tensor, Tensor]:
    """Noise with a rest, and other noise with a rest, which overlap."""
    generator = torch.Generator().manual_seed(0)
    both = 0.1 * torch.randn(2, 2, n_samples, generator=generator, dtype=torch.float64)
    both[0, :, 200:800] = 0.0
    both[1, :, 500:1000] = 0.0
    audio, target = both.to(dtype)
    return audio.requires_grad_(), target


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("window_size", [16, 500, 1024])
def test_compiled_distance_and_autograd_agree(
    dtype: torch.dtype, options: dict[str, float], window_size: int
) -> None:
    audio, target = sounds(dtype)
    loss = SpectralLoss((window_size,), **options)
    assert loss.l1_terms is not None
    found = loss(audio, target)
    loss.l1_terms = None
    wanted = loss(audio, target)
    assert found.dtype == wanted.dtype
    assert found.item() == pytest.approx(wanted.item(), rel=TOLERANCE[dtype])
    slope, reference = (torch.autograd.grad(3.0 * x, audio)[0] for x in (found, wanted))
    worst = (slope - reference).abs().max() / reference.abs().max()
    assert float(worst) < TOLERANCE[dtype]


def test_gradients_are_those_of_finite_differences() -> None:
    audio, target = sounds(torch.float64, 160)
    audio = audio.detach()[:, :160] + 0.01  # nowhere silent, where L1 has a corner
    terms = L1Terms(0.7, 0.2, 1e-3)
    assert torch.autograd.gradcheck(
        lambda x: l1_distance(x, target, 32, terms, centred=True), (audio.requires_grad_(),)
    )


def test_extreme_ratios_stay_finite() -> None:
    loud = torch.full((1, 4096), 1.0, dtype=torch.float64) * 1e6
    silent = torch.zeros_like(loud).requires_grad_()
    distance = l1_distance(silent, loud, 64, L1Terms(0.0, 1.0, 1e-12))
    assert bool(torch.isfinite(distance))
    assert bool((torch.autograd.grad(distance, silent)[0] == 0.0).all())


def test_the_same_sound_has_no_gradient() -> None:
    audio, _ = sounds(torch.float32)
    distance = l1_distance(audio, audio.detach().clone(), 64, L1Terms(1.0, 1.0, 1e-5))
    assert distance.item() == 0.0
    assert not torch.autograd.grad(distance, audio)[0].any()


def test_a_target_that_asks_for_a_gradient_gets_it_from_autograd() -> None:
    audio, target = sounds(torch.float32)
    assert computes(audio, target)
    assert not computes(target, audio)
    SpectralLoss((64,))(target, audio).backward()
    assert audio.grad is not None


def test_other_distances_and_terms_are_left_to_autograd() -> None:
    assert SpectralLoss((64,), distance="L2").l1_terms is None
    assert SpectralLoss((64,), delta_time_weight=1.0).l1_terms is None
