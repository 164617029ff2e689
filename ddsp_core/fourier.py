"""Convolution by Fourier transforms inside a compiled kernel, in steps that a caller can spread.

numba has no FFT, and a library's is a call out of the kernel that does all its work at once. Here
is Stockham's radix 2 (Cochran et al. 1967, "What is the fast Fourier transform?"), which needs no
bit reversal: a stage reads one buffer and writes the other.

**Real signals.** Overlap-save needs the last half of a product of period 2 P, of which only samples
that did not wrap around count. So the wrapped ones may just as well change their sign,
x[n + 2 P] = -x[n], and then two real halves are one complex signal of P samples:

    z[n] = (x[n] + i x[n + P]) w^n,    w = exp(i pi / (2 P)),    w^P = i;

spectra multiply bin by bin, and of what comes back, times w^-n, the imaginary part is the last
half. P bins without special cases at 0 and Nyquist (the "right-angle" convolution of Nussbaumer
1981, "Fast Fourier Transform and Convolution Algorithms", 3.3).
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float32]


class Circle(NamedTuple):
    """Points that transforms of P need; real and imaginary parts."""

    twist: Array  # (2, P): w^n
    roots: Array  # (2, P / 2): exp(-2 pi i n / P)


def circle(size: int) -> Circle:
    """For transforms of `size`, a power of two."""
    n = np.arange(size)
    twist, roots = np.exp(0.5j * np.pi * n / size), np.exp(-2j * np.pi * n[: size // 2] / size)
    pairs = (np.stack((points.real, points.imag)).astype(np.float32) for points in (twist, roots))
    return Circle(*pairs)


def size_for(n_samples: int) -> int:
    """The least power of two that holds so many.

    >>> size_for(128), size_for(160)
    (128, 256)
    """
    return 1 << max(1, (n_samples - 1).bit_length())


def spectra_of_pieces(response: Array, piece_size: int) -> Array:
    """Spectra of consecutive pieces of an impulse response. Shape: (L,) -> (P, 2, size)."""
    size = size_for(piece_size)
    n_pieces = -(-len(response) // piece_size)
    padded = np.zeros((n_pieces, piece_size))
    padded.reshape(-1)[: len(response)] = response
    twisted = padded * np.exp(0.5j * np.pi * np.arange(piece_size) / size)
    spectra = np.fft.fft(twisted, size)
    return np.ascontiguousarray(np.stack((spectra.real, spectra.imag), axis=1), dtype=np.float32)


@njit(nogil=True, cache=True, fastmath=True)
def load_samples(samples: Array, points: Circle, work: Array) -> None:
    """The newest samples (up to 2 P, zeros before them), twisted, into work[0]."""
    size = work.shape[2]
    before = 2 * size - len(samples)
    for n in range(size):
        real = samples[n - before] if n >= before else np.float32(0.0)
        imag = samples[n + size - before] if n + size >= before else np.float32(0.0)
        work[0, 0, n] = real * points.twist[0, n] - imag * points.twist[1, n]
        work[0, 1, n] = real * points.twist[1, n] + imag * points.twist[0, n]


@njit(nogil=True, cache=True, fastmath=True)
def load_spectrum(spectrum: Array, work: Array) -> None:
    """A spectrum (2, P) into work[0], its parts swapped: that turns a transform round."""
    work[0, 0] = spectrum[1]
    work[0, 1] = spectrum[0]


@njit(nogil=True, cache=True, fastmath=True)
def n_stages(work: Array) -> int:
    """log2 P; the result of all of them stands in work[n_stages % 2]."""
    stages = 0
    while work.shape[2] >> (stages + 1):
        stages += 1
    return stages


@njit(nogil=True, cache=True, fastmath=True)
def transform(work: Array, points: Circle, first: int, last: int) -> None:
    """Stages first ... last - 1 of the transform of work (2, 2, P), back and forth between both."""
    half = work.shape[2] // 2
    for stage in range(first, last):
        source_re, source_im = work[stage % 2, 0], work[stage % 2, 1]
        target_re, target_im = work[1 - stage % 2, 0], work[1 - stage % 2, 1]
        stride = 1 << stage
        for start in range(0, half, stride):
            root_re, root_im = points.roots[0, start], points.roots[1, start]
            for i in range(start, start + stride):
                real, imag = source_re[i], source_im[i]
                other_re, other_im = source_re[i + half], source_im[i + half]
                target_re[i + start] = real + other_re
                target_im[i + start] = imag + other_im
                down_re, down_im = real - other_re, imag - other_im
                target_re[i + start + stride] = down_re * root_re - down_im * root_im
                target_im[i + start + stride] = down_re * root_im + down_im * root_re


@njit(nogil=True, cache=True, fastmath=True)
def newest_samples(work: Array, points: Circle, out: Array) -> None:
    """After `load_spectrum` and all stages: out (H,) = the last H samples of the product."""
    size = work.shape[2]
    result = work[n_stages(work) % 2]
    scale = np.float32(1.0) / np.float32(size)
    for j in range(len(out)):
        n = size - len(out) + j
        out[j] = scale * (result[0, n] * points.twist[0, n] - result[1, n] * points.twist[1, n])
