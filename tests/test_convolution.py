"""Convolution on a circle: against a sum written out, and its gradients."""

import pytest
import torch
from torch import Tensor

from ddsp_core.convolution import convolve


def random(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(shape, generator=generator, dtype=torch.float64)
    return values.requires_grad_()


def written_out(signals: Tensor, kernels: Tensor, size: int, rows: Tensor | None) -> Tensor:
    own = kernels if rows is None else kernels[rows]
    longer = torch.nn.functional.pad(signals, (0, size - signals.shape[-1]))
    parts = [own[..., t : t + 1] * longer.roll(t, -1) for t in range(own.shape[-1])]
    return torch.stack(parts).sum(0)


@pytest.mark.parametrize("size", [20, 21])
@pytest.mark.parametrize("rows", [None, [0, 2, 2]])
def test_it_is_the_sum_of_shifted_signals(size: int, rows: list[int] | None) -> None:
    chosen = None if rows is None else torch.tensor(rows)
    signals, kernels = random(3, 20), random(3, 9, seed=1)
    results = [f(signals, kernels, size, chosen) for f in (convolve, written_out)]
    torch.testing.assert_close(*results, rtol=0, atol=1e-12)
    weights = random(3, size, seed=2)
    slopes = [torch.autograd.grad((x * weights).sum(), (signals, kernels)) for x in results]
    for found, wanted in zip(*slopes, strict=True):
        torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)


def test_a_kernel_that_no_row_takes_gets_no_gradient() -> None:
    signals, kernels = random(2, 8).detach(), random(3, 4, seed=1)
    convolve(signals, kernels, 12, torch.tensor([2, 0])).sum().backward()
    assert kernels.grad is not None
    assert not kernels.grad[1].any()
    assert bool(kernels.grad[[0, 2]].all())


def test_one_kernel_for_all_collects_every_row_s_gradient() -> None:
    signals, kernel = random(3, 20), random(1, 9, seed=1)
    weights = random(3, 30, seed=2)
    slopes = [
        torch.autograd.grad((result * weights).sum(), (signals, kernel))
        for result in (
            convolve(signals, kernel, 30),
            convolve(signals, kernel, 30, torch.zeros(3, dtype=torch.int64)),
        )
    ]
    for found, wanted in zip(*slopes, strict=True):
        torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)
