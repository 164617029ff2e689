"""The room as it plays: partitioned convolution in two sizes, without added latency.

The engine hands over whole hops of dry sound, so partitions of one hop cost no delay (overlap-save,
Stockham 1966). Two seconds would be 750 of them, read from memory every hop. So only the first 32
hops of the response are cut that small; the rest is cut into long partitions of 16 hops (Gardner
1995). A long block's result is due only when another long block has passed, so its partitions are
worked off a few a hop and every hop costs the same. `room.Room` is the reference.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.products import add_product, packed

Array = NDArray[np.float32]

HOPS_A_BLOCK = 16
SHORT_PARTITIONS = 2 * HOPS_A_BLOCK
"""Covered hop by hop: one long block is being collected while the one before is worked off."""


class RoomStepState(NamedTuple):
    """Memory of both sizes; P partitions, bins = block length + 1.

    The arrays are large (0.8 MB for two seconds) and are written in place: a state that was handed
    to `forward` belongs to it from then on. This is the only such state in the project; copying it
    would cost more than the convolution.
    """

    n_hops: int  # since the beginning
    short_spectra: Array  # (P, 2, bins), ring of past hops
    last_hop: Array  # (H,)
    long_spectra: Array  # (P, 2, bins), ring of past long blocks
    collected: Array  # (2 * 16 H,): the last whole long block, and the one being filled
    total: Array  # (2, bins): what has been worked off so far
    due: Array  # (16 H,): reverberation of long partitions for the block being played


@njit(nogil=True, cache=True, fastmath=True)
def _multiply_add(
    spectra: Array, newest: int, partitions: Array, first: int, last: int, total: Array
) -> None:
    """total (2, bins) += sum over p in first...last of spectra[newest - p] * partitions[p]."""
    n_bins = partitions.shape[2]
    real, imag = total[0], total[1]
    for p in range(first, last):
        past = spectra[(newest - p) % len(spectra)]
        x_re, x_im = past[0], past[1]
        h_re, h_im = partitions[p, 0], partitions[p, 1]
        for i in range(n_bins):
            real[i] += x_re[i] * h_re[i] - x_im[i] * h_im[i]
            imag[i] += x_re[i] * h_im[i] + x_im[i] * h_re[i]


@njit(nogil=True, cache=True, fastmath=True)
def _convolve_hop(
    last_hop: Array, hop: Array, to_spectrum: Array, from_spectrum: Array, spectra: Array,
    newest: int, partitions: Array, out: Array,
) -> None:  # fmt: skip
    """Overlap-save of one hop with all partitions: out (H,) += the last half."""
    hop_size = len(hop)
    both = np.empty(2 * hop_size, np.float32)
    both[:hop_size] = last_hop
    both[hop_size:] = hop
    n_partitions, _, n_bins = spectra.shape
    flat = spectra.reshape(n_partitions, 2 * n_bins)
    flat[newest] = 0.0
    add_product(to_spectrum, both, flat[newest])
    total = np.zeros((2, n_bins), np.float32)
    _multiply_add(spectra, newest, partitions, 0, n_partitions, total)
    add_product(from_spectrum, total.reshape(2 * n_bins), out)


def _fourier_matrices(hop_size: int) -> list[NDArray[np.float64]]:
    """Two hops to their spectrum (2 bins, 2 H), and a spectrum to its last hop (H, 2 bins).

    At this size a product with a matrix is as fast as a library's FFT with its call, and stays
    inside one kernel.
    """
    size, n_bins = 2 * hop_size, hop_size + 1
    angle = 2 * np.pi * np.outer(np.arange(n_bins), np.arange(size)) / size
    forward = np.concatenate((np.cos(angle), -np.sin(angle)))
    weight = np.where(np.arange(n_bins) % hop_size == 0, 1.0, 2.0)[:, None] / size
    inverse = np.concatenate((weight * np.cos(angle), -weight * np.sin(angle)))
    return [forward, inverse[:, hop_size:].T]


def _partition_spectra(response: Array, size: int) -> Array:
    """Spectra of consecutive pieces, zero-padded to twice their size. Shape: (P, 2, size + 1)."""
    n_partitions = max(1, -(-len(response) // size))
    padded = np.zeros(n_partitions * size, np.float32)
    padded[: len(response)] = response
    spectra = np.fft.rfft(padded.reshape(n_partitions, size), 2 * size)
    return np.ascontiguousarray(np.stack((spectra.real, spectra.imag), axis=1), dtype=np.float32)


class RoomStep:
    """Adds the reverberation of a fixed impulse response, mixed sample by sample.

    Args:
        response: reverberation without the direct sound. Shape: (L,), L >= 1.
        hop_size: samples.

    Shape:
        audio (N, hop_size), mix (N, hop_size) -> (N, hop_size).
    """

    def __init__(self, response: Array, hop_size: int) -> None:
        self.hop_size = hop_size
        self.block_size = HOPS_A_BLOCK * hop_size
        boundary = SHORT_PARTITIONS * hop_size
        self._short = _partition_spectra(response[:boundary], hop_size)
        self._to_spectrum, self._from_spectrum = packed(_fourier_matrices(hop_size))
        self._long = _partition_spectra(response[boundary:], self.block_size)
        shares = np.linspace(0, len(self._long), HOPS_A_BLOCK + 1)
        self._shares = [round(share) for share in shares]

    def forward(
        self, inputs: tuple[Array, Array], state: RoomStepState | None = None
    ) -> tuple[Array, RoomStepState]:
        """Dry sound plus mix times reverberation. Takes `state` over: see RoomStepState."""
        audio, mix = inputs
        state = self._start() if state is None else state
        wet = np.empty_like(audio)
        for n, hop in enumerate(audio):
            wet[n] = self._short_part(hop, state) + self._long_part(hop, state)
            state = state._replace(n_hops=state.n_hops + 1, last_hop=hop)
        return audio + mix * wet, state._replace(last_hop=state.last_hop.copy())

    def _start(self) -> RoomStepState:
        return RoomStepState(
            n_hops=0,
            short_spectra=np.zeros_like(self._short),
            last_hop=np.zeros(self.hop_size, np.float32),
            long_spectra=np.zeros_like(self._long),
            collected=np.zeros(2 * self.block_size, np.float32),
            total=np.zeros_like(self._long[0]),
            due=np.zeros(self.block_size, np.float32),
        )

    def _short_part(self, hop: Array, state: RoomStepState) -> Array:
        """Reverberation of the first 32 hops of the response."""
        newest = state.n_hops % len(self._short)
        out = np.zeros(self.hop_size, np.float32)
        _convolve_hop(
            state.last_hop, hop, self._to_spectrum, self._from_spectrum, state.short_spectra,
            newest, self._short, out,
        )  # fmt: skip
        return out

    def _long_part(self, hop: Array, state: RoomStepState) -> Array:
        """Reverberation of the rest: hands out what is due, and works a share off.

        While long block m is collected, X[m - 1] is the newest spectrum. Partition q begins 2 + q
        blocks into the response, so the sum of X[m - 1 - q] * H[q] sounds in block m + 1: it is
        finished with the last hop of block m.
        """
        block, i = divmod(state.n_hops, HOPS_A_BLOCK)
        here = slice(i * self.hop_size, (i + 1) * self.hop_size)
        newest = (block - 1) % len(self._long)
        if i == 0:
            spectrum = np.fft.rfft(state.collected)
            state.long_spectra[newest, 0] = spectrum.real
            state.long_spectra[newest, 1] = spectrum.imag
            state.collected[: self.block_size] = state.collected[self.block_size :]
            state.total[:] = 0.0
        state.collected[self.block_size :][here] = hop
        first, last = self._shares[i], self._shares[i + 1]
        _multiply_add(state.long_spectra, newest, self._long, first, last, state.total)
        out = state.due[here].copy()
        if i == HOPS_A_BLOCK - 1:
            state.due[:] = _last_half(state.total)
        return out


def _last_half(spectrum: Array) -> Array:
    """Overlap-save: the first half of the inverse transform is wrapped around, the last right."""
    whole = np.fft.irfft(spectrum[0] + np.complex64(1j) * spectrum[1])
    return np.asarray(whole[len(whole) // 2 :], dtype=np.float32)
