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
from torch import Tensor
from torch.autograd.function import once_differentiable

Reals = NDArray[np.floating]

CHUNK = 1024
RATIOS_A_LOGARITHM = 16
"""Their product fits into a double up to 180 dB each."""


class L1Terms(NamedTuple):
    """Weights of the distances of magnitudes and of their logarithms, and the floor of these."""

    magnitude_weight: float
    log_weight: float
    log_floor: float


@njit(nogil=True, cache=True, error_model="numpy")
def _measure(spectrum: Reals, sizes: Reals) -> None:
    """Magnitudes of (n, 2)."""
    for k in range(len(spectrum)):
        re, im = spectrum[k, 0], spectrum[k, 1]
        sizes[k] = np.sqrt(re * re + im * im)


@njit(nogil=True, cache=True, error_model="numpy")
def _compare(
    made: Reals, wanted: Reals, floor: Any, magnitude: Any, log: Any, differences: Reals
) -> None:
    """Magnitudes (n,) become slopes and ratios above 1; the floors cancel in the differences."""
    one = made.dtype.type(1.0)
    least = made.dtype.type(1e-30)  # where S = 0, so that the slope stays finite
    for k in range(len(made)):
        a, b = made[k] + floor, wanted[k] + floor
        slope = (magnitude * a + log) / (made[k] * a + least)
        ratio = a / b
        differences[k] = abs(made[k] - wanted[k])
        made[k] = slope if a > b else (-slope if a < b else one - one)
        wanted[k] = ratio if a > b else one / ratio


@njit(nogil=True, cache=True)
def _scale(spectrum: Reals, slopes: Reals) -> None:
    """Multiplies (n, 2) by real numbers (n,)."""
    for k in range(len(spectrum)):
        spectrum[k, 0] *= slopes[k]
        spectrum[k, 1] *= slopes[k]


@njit(nogil=True, cache=True)
def _totals(differences: Reals, ratios: Reals) -> tuple[float, float]:
    """Sum of differences and of the logarithms of ratios (CHUNK,), in columns of 16."""
    terms = differences.reshape(RATIOS_A_LOGARITHM, -1)
    factors = ratios.reshape(RATIOS_A_LOGARITHM, -1)
    sums, products = np.zeros(terms.shape[1]), np.ones(terms.shape[1])
    for n in range(RATIOS_A_LOGARITHM):
        for k in range(len(sums)):
            sums[k] += terms[n, k]
            products[k] *= factors[n, k]
    return float(sums.sum()), float(np.log(products).sum())


@njit(nogil=True, cache=True, parallel=True)
def _distances(
    made: Reals, wanted: Reals, terms: tuple[float, float, float], sums: NDArray[np.float64]
) -> None:
    """Sums (chunks, 2) over chunks of the spectra (n, 2); made becomes its gradient."""
    number = made.dtype.type
    magnitude, log, floor = number(terms[0]), number(terms[1]), number(terms[2])
    for chunk in prange(len(sums)):
        part = slice(chunk * CHUNK, min((chunk + 1) * CHUNK, len(made)))
        size = part.stop - part.start
        a, b = np.ones(CHUNK, made.dtype), np.ones(CHUNK, made.dtype)
        differences = np.zeros(CHUNK, made.dtype)
        _measure(made[part], a[:size])
        _measure(wanted[part], b[:size])
        _compare(a[:size], b[:size], floor, magnitude, log, differences[:size])
        _scale(made[part], a[:size])
        sums[chunk, 0], sums[chunk, 1] = _totals(differences, b)


def spectra(audio: Tensor, window: Tensor) -> Tensor:
    """Of whole frames, 75 % overlap. Shape: (B, T), (W,) -> (B, frames, bins) complex."""
    frames = audio.unfold(1, len(window), len(window) // 4)
    transformed: Tensor = torch.fft.rfft(frames * window)
    return transformed


@njit(nogil=True, cache=True, parallel=True)
def _overlap_add(frames: Reals, window: Reals, audio: Reals) -> None:
    """Adds windowed frames (B, n, W) into audio (B, T), W / 4 apart."""
    hop = len(window) // 4
    for b in prange(len(frames)):
        for n in range(frames.shape[1]):
            frame, part = frames[b, n], audio[b, n * hop : n * hop + len(window)]
            for j in range(len(window)):
                part[j] += frame[j] * window[j]


def audio_gradient(slopes: Tensor, window: Tensor, n_samples: int) -> Tensor:
    """Transpose of `spectra`; writes into slopes. Shape: (B, frames, bins) -> (B, T)."""
    slopes[..., 1:-1] *= 0.5
    frames: Tensor = torch.fft.irfft(slopes, n=len(window), norm="forward")
    gradient: Tensor = frames.new_zeros(len(frames), n_samples)
    _overlap_add(frames.numpy(), window.numpy(), gradient.numpy())
    return gradient


def mirrored(audio: Tensor, edge: int) -> Tensor:
    """With `edge` samples mirrored at both ends; `reflection_pad1d`, by copying blocks."""
    left, right = audio[:, 1 : edge + 1].flip(1), audio[:, -edge - 1 : -1].flip(1)
    return torch.cat((left, audio, right), dim=1)


def folded(gradient: Tensor, edge: int) -> Tensor:
    """Transpose of `mirrored`."""
    inner = gradient[:, edge:-edge].clone()
    inner[:, 1 : edge + 1] += gradient[:, :edge].flip(1)
    inner[:, -edge - 1 : -1] += gradient[:, -edge:].flip(1)
    return inner


class _Distance(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, audio: Tensor, target: Tensor, window: Tensor, edge: int, terms: L1Terms
    ) -> Tensor:
        if edge:
            audio, target = mirrored(audio, edge), mirrored(target, edge)
        made, wanted = spectra(audio, window), spectra(target, window)
        count = made.numel()
        sums = np.empty((-(-count // CHUNK), 2))
        weights = np.array(terms[:2]) / count
        one, other = (torch.view_as_real(x).view(-1, 2).numpy() for x in (made, wanted))
        _distances(one, other, (*weights, terms.log_floor), sums)
        if ctx.needs_input_grad[0]:
            gradient = audio_gradient(made, window, audio.shape[1])
            ctx.save_for_backward(folded(gradient, edge) if edge else gradient)
        return audio.new_tensor(weights @ sums.sum(axis=0))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, to_distance: Tensor) -> tuple[Tensor | None, ...]:
        (gradient,) = ctx.saved_tensors
        return gradient * to_distance, None, None, None, None


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
    edge = window_size // 2 if centred else 0
    distance: Tensor = _Distance.apply(audio, target, window, edge, terms)  # type: ignore[no-untyped-call]
    return distance
