"""The L1 spectral loss of one window size in one pass on CPU, with its gradient.

Autograd keeps and walks through a dozen arrays as large as the spectra, for the target's as for
the sound's, and goes back through complex FFTs. Here one compiled pass over both spectra sums the
distances and puts the sound's gradient in the place of its spectrum; a real FFT brings it home.

With a = |S| + floor, b = |S'| + floor, m and l the weights and n the number of magnitudes,

    L = 1/n sum of m |a - b| + l |log a - log b|,    dL/dS = sign(a - b) (m + l / a) S / |S| / n,

for the logarithm grows with its argument; at S = 0 the gradient is 0. The sum of logarithms is
taken of products of 16 ratios max(a, b) / min(a, b): sixteen times fewer logarithms.

The frames' transform F is linear, so dL/dx = F^T dL/dS: frequencies between 0 and Nyquist stand for
two in an inverse real FFT without scaling, and for one here, hence their half.
"""

from typing import Any, NamedTuple

import numpy as np
import torch
from numba import njit, prange
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

Reals = NDArray[np.floating]

RATIOS_A_LOGARITHM = 16
"""Their product fits into a double up to 180 dB each."""


class L1Terms(NamedTuple):
    """Weights of the distances of magnitudes and of their logarithms, and the floor of these."""

    magnitude_weight: float
    log_weight: float
    log_floor: float


@njit(nogil=True, cache=True, parallel=True, error_model="numpy")
def _compare(
    made: Reals, wanted: Reals, floor: float, magnitude_weight: float, log_weight: float,
    distances: NDArray[np.float64],
) -> None:  # fmt: skip
    """Rows of made (R, bins, 2) become their gradients; distances (R, 2) their sums."""
    number = made.dtype.type
    floor_, magnitude, log = number(floor), number(magnitude_weight), number(log_weight)
    n_bins = made.shape[1]
    for row in prange(len(made)):
        one, other = made[row], wanted[row]
        linear, logarithm = 0.0, 0.0
        for start in range(0, n_bins, RATIOS_A_LOGARITHM):
            ratios = 1.0
            for k in range(start, min(start + RATIOS_A_LOGARITHM, n_bins)):
                size = np.sqrt(one[k, 0] * one[k, 0] + one[k, 1] * one[k, 1])
                a = size + floor_
                b = np.sqrt(other[k, 0] * other[k, 0] + other[k, 1] * other[k, 1]) + floor_
                linear += np.abs(a - b)
                ratios *= max(a, b) / min(a, b)
                slope = (magnitude + log / a) / max(size, number(1e-30))
                slope = slope if a > b else -slope
                slope = slope if a != b else number(0.0)
                one[k, 0] *= slope
                one[k, 1] *= slope
            logarithm += np.log(ratios)
        distances[row, 0], distances[row, 1] = linear, logarithm


def spectra(audio: Tensor, window: Tensor) -> Tensor:
    """Of whole frames, 75 % overlap. Shape: (B, T), (W,) -> (B, frames, bins) complex."""
    frames = audio.unfold(1, len(window), len(window) // 4)
    transformed: Tensor = torch.fft.rfft(frames * window)
    return transformed


def audio_gradient(slopes: Tensor, window: Tensor, n_samples: int) -> Tensor:
    """Transpose of `spectra`; writes into slopes. Shape: (B, frames, bins) -> (B, T)."""
    hop = len(window) // 4
    slopes[..., 1:-1] *= 0.5
    frames: Tensor = torch.fft.irfft(slopes, n=len(window), norm="forward") * window
    n_batch, n_frames, _ = frames.shape
    gradient = frames.new_zeros(n_batch, n_samples)
    hops = gradient[:, : (n_frames + 3) * hop].unfold(1, hop, hop)
    for n in range(4):
        hops[:, n : n + n_frames] += frames[..., n * hop : (n + 1) * hop]
    return gradient


class _Distance(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, audio: Tensor, target: Tensor, window: Tensor, terms: L1Terms) -> Tensor:
        made, wanted = spectra(audio, window), spectra(target, window)
        distances = np.empty((made[..., 0].numel(), 2))
        count = made.numel()
        _compare(
            torch.view_as_real(made).flatten(0, 1).numpy(),
            torch.view_as_real(wanted).flatten(0, 1).numpy(),
            terms.log_floor, terms.magnitude_weight / count, terms.log_weight / count, distances,
        )  # fmt: skip
        if ctx.needs_input_grad[0]:
            ctx.save_for_backward(audio_gradient(made, window, audio.shape[1]))
        linear, logarithm = distances.sum(axis=0) / count
        total = terms.magnitude_weight * linear + terms.log_weight * logarithm
        return audio.new_tensor(total)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, to_distance: Tensor) -> tuple[Tensor | None, ...]:
        (gradient,) = ctx.saved_tensors
        return gradient * to_distance, None, None, None


def computes(audio: Tensor, target: Tensor) -> bool:
    """Whether `l1_distance` can stand for autograd here."""
    on_cpu = audio.device.type == target.device.type == "cpu"
    return on_cpu and audio.dtype == target.dtype and not target.requires_grad


def l1_distance(
    audio: Tensor,
    target: Tensor,
    window_size: int,
    terms: L1Terms,
    centred: bool = False,
    normalised: bool = False,
) -> Tensor:
    """Mean L1 distance of magnitudes and of their logarithms; periodic Hann window, 75 % overlap.

    Args:
        audio: float32 or float64 on CPU; gets a gradient.
        target: like audio; gets none.
        window_size: samples, a multiple of 4.
        centred, normalised: as in `spectra.magnitudes`.

    Shape:
        (B, T), (B, T) -> ()
    """
    window = torch.hann_window(window_size, dtype=audio.dtype)
    if normalised:
        window = window / window_size**0.5
    if centred:
        edges = (window_size // 2, window_size // 2)
        audio, target = (nn.functional.pad(x, edges, mode="reflect") for x in (audio, target))
    distance: Tensor = _Distance.apply(audio, target, window, terms)  # type: ignore[no-untyped-call]
    return distance
