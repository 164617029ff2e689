"""Circular convolution with a gradient of five real FFTs at most.

Torch's backward of a real FFT is a complex one over the whole circle, and it transforms a shared
kernel once a row. Here a kernel that many rows share is transformed once, and the products of its
rows are summed before they are transformed back.

With X, H, Y the spectra, Y = X H; for real signals the gradients are correlations,

    dL/dx = F^-1(dL/dY conj H),    dL/dh = sum over rows of F^-1(dL/dY conj X).
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def spectra_and_result(
    signals: Tensor, kernels: Tensor, size: int, rows: Tensor | None
) -> tuple[Tensor, Tensor, Tensor]:
    """Spectra of signals and of kernels, and what `convolve` returns."""
    heard = torch.fft.rfft(signals, n=size)
    filters = torch.fft.rfft(kernels, n=size)
    product = heard * (filters if rows is None else filters[rows])
    return heard, filters, torch.fft.irfft(product, n=size)


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, signals: Tensor, kernels: Tensor, size: int, rows: Tensor | None
    ) -> Tensor:
        heard, filters, result = spectra_and_result(signals, kernels, size, rows)
        saved = heard if ctx.needs_input_grad[1] else None, filters, rows
        ctx.save_for_backward(*saved)
        ctx.lengths = signals.shape[-1], kernels.shape[-1], size
        return result

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, to_result: Tensor) -> tuple[Tensor | None, ...]:
        heard, filters, rows = ctx.saved_tensors
        n_signal, n_kernel, size = ctx.lengths
        slopes = torch.fft.rfft(to_result, n=size)
        to_signals = to_kernels = None
        if ctx.needs_input_grad[0]:
            own = filters if rows is None else filters[rows]
            to_signals = torch.fft.irfft(slopes * own.conj(), n=size)[..., :n_signal]
        if ctx.needs_input_grad[1]:
            product = slopes * heard.conj()
            if rows is not None:
                product = torch.zeros_like(filters).index_add_(0, rows, product)
            product = product.sum_to_size(filters.shape)
            to_kernels = torch.fft.irfft(product, n=size)[..., :n_kernel]
        return to_signals, to_kernels, None, None


def convolve(signals: Tensor, kernels: Tensor, size: int, rows: Tensor | None = None) -> Tensor:
    """Signals convolved with kernels on a circle of `size` samples.

    Args:
        signals, kernels: real, zeros appended up to `size`.
        size: samples of the circle, at least the longer of the two.
        rows: which kernel each signal takes, int64; None: one each, or one for all.

    Shape:
        (..., S), (..., K) -> (..., size); (B, S), (1, K) -> (B, size);
        with rows (B,): (B, S), (R, K) -> (B, size)
    """
    if torch.jit.is_scripting() or not torch.is_grad_enabled():  # type: ignore[attr-defined]
        return spectra_and_result(signals, kernels, size, rows)[2]
    return _with_gradient(signals, kernels, size, rows)


@torch.jit.unused
def _with_gradient(signals: Tensor, kernels: Tensor, size: int, rows: Tensor | None) -> Tensor:
    result: Tensor = _Convolution.apply(signals, kernels, size, rows)  # type: ignore[no-untyped-call]
    return result
