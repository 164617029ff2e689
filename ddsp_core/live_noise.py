"""The filtered noise as it plays. `noise.FilteredNoise` derives it and is its reference."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float32]


class NoiseStepState(NamedTuple):
    """What earlier hops still have to say. Shape: (whole hops that hold all taps but one,)."""

    tail: Array


def cosine_matrix(n_bands: int) -> Array:
    """Bands (F,) to the first F taps, window applied; the response is symmetric. Shape: (F, F).

    The inverse real FFT of real magnitudes is a sum of cosines; tap t of the rotated response
    stands t - (F - 1) samples from the centre.
    """
    n_taps = 2 * (n_bands - 1)
    offset = np.arange(n_bands) - (n_bands - 1)
    weight = np.where((np.arange(n_bands) % (n_bands - 1)) == 0, 1.0, 2.0) / n_taps
    cosines = np.cos(2 * np.pi * np.outer(offset, np.arange(n_bands)) / n_taps) * weight
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_bands) / n_taps)
    return (cosines * hann[:, None]).astype(np.float32)


@njit(nogil=True, cache=True, fastmath=True)
def _shape_noise(matrix: Array, bands: Array, white: Array, out: Array) -> None:
    """Adds one hop of white noise through its filter to out (H + taps - 1 or more,)."""
    n_half = len(bands)
    n_taps = 2 * (n_half - 1)
    taps = np.zeros(n_taps, dtype=np.float32)
    for t in range(n_half):
        total = np.float32(0.0)
        for k in range(n_half):
            total += matrix[t, k] * bands[k]
        taps[t] = total
    for t in range(1, n_half - 1):
        taps[n_taps - t] = taps[t]
    for j in range(len(white)):
        sample = white[j]
        target = out[j : j + n_taps]
        for t in range(n_taps):
            target[t] += sample * taps[t]


@njit(nogil=True, cache=True, fastmath=True)
def add_noise(matrix: Array, bands: Array, white: Array, tail: Array, out: Array) -> None:
    """Adds one hop of filtered noise to out (H,); tail, what is still to come, moves on."""
    hop_size, n_later = len(out), len(tail)
    sounding = np.zeros(hop_size + n_later + 1, dtype=np.float32)
    sounding[:n_later] = tail
    _shape_noise(matrix, bands, white, sounding)
    for j in range(hop_size):
        out[j] += sounding[j]
    for j in range(n_later):
        tail[j] = sounding[hop_size + j]


@njit(nogil=True, cache=True)
def _add_noise_to_hops(
    matrix: Array, bands: Array, white: Array, tail: Array, audio: Array
) -> None:
    for n in range(len(audio)):
        add_noise(matrix, bands[n], white[n], tail, audio[n])


class NoiseStep:
    """White noise shaped by bands that change every hop.

    Shape:
        bands (N, F), white (N, hop_size) in -1...1 -> audio (N, hop_size).
    """

    def __init__(self, n_bands: int, hop_size: int) -> None:
        self.matrix = cosine_matrix(n_bands)
        n_taps = 2 * (n_bands - 1)
        self.tail_size = -(-(n_taps - 1) // hop_size) * hop_size
        self.hop_size = hop_size

    def forward(
        self, inputs: tuple[Array, Array], state: NoiseStepState | None = None
    ) -> tuple[Array, NoiseStepState]:
        """Overlap-add of each hop's filtered noise."""
        bands, white = inputs
        tail = self.start().tail if state is None else state.tail.copy()
        audio = np.zeros_like(white)
        _add_noise_to_hops(self.matrix, bands, white, tail, audio)
        return audio, NoiseStepState(tail)

    def start(self) -> NoiseStepState:
        """The state before the first hop: silence."""
        return NoiseStepState(np.zeros(self.tail_size, np.float32))
