"""The room as it plays: uniformly partitioned convolution, without added latency.

The engine hands over whole hops of dry sound, so a partition of one hop costs no delay
(overlap-save, Stockham 1966; partitions after Kulp 1988): each hop is transformed once, multiplied
with every partition's spectrum at the right age, and transformed back. `room.Room` is the
reference.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float32]


class RoomStepState(NamedTuple):
    """Spectra of past hops as a ring (P, 2, bins), where the next goes, and the last hop (H,).

    The ring is large (0.8 MB for two seconds) and is written in place: a state that was handed to
    `forward` belongs to it from then on. This is the only such state in the project; copying it
    would cost more than the convolution.
    """

    spectra: Array
    position: int
    last_hop: Array


@njit(nogil=True, cache=True, fastmath=True)
def _multiply_add(spectra: Array, position: int, partitions: Array, out: Array) -> None:
    """out (2, bins) = sum over p of spectra[position - p] * partitions[p], complex, in parts."""
    n_partitions, _, n_bins = partitions.shape
    real, imag = out[0], out[1]
    for p in range(n_partitions):
        past = spectra[(position - p) % n_partitions]
        x_re, x_im = past[0], past[1]
        h_re, h_im = partitions[p, 0], partitions[p, 1]
        for i in range(n_bins):
            real[i] += x_re[i] * h_re[i] - x_im[i] * h_im[i]
            imag[i] += x_re[i] * h_im[i] + x_im[i] * h_re[i]


class RoomStep:
    """Adds the reverberation of a fixed impulse response, mixed sample by sample.

    Args:
        response: reverberation without the direct sound. Shape: (L,), L >= 1.
        hop_size: samples.

    Shape:
        audio (N, hop_size), mix (N, hop_size) -> (N, hop_size).
    """

    def __init__(self, response: Array, hop_size: int) -> None:
        n_partitions = -(-len(response) // hop_size)
        padded = np.zeros(n_partitions * hop_size, np.float32)
        padded[: len(response)] = response
        spectra = np.fft.rfft(padded.reshape(n_partitions, hop_size), 2 * hop_size)
        self.partitions = np.ascontiguousarray(
            np.stack((spectra.real, spectra.imag), axis=1), dtype=np.float32
        )
        self.hop_size = hop_size

    def forward(
        self, inputs: tuple[Array, Array], state: RoomStepState | None = None
    ) -> tuple[Array, RoomStepState]:
        """Dry sound plus mix times reverberation. Takes `state` over: see RoomStepState."""
        audio, mix = inputs
        if state is None:
            silence = np.zeros(self.hop_size, np.float32)
            state = RoomStepState(np.zeros_like(self.partitions), 0, silence)
        spectra, position, last_hop = state
        wet = np.empty_like(audio)
        for n, hop in enumerate(audio):
            spectrum = np.fft.rfft(np.concatenate((last_hop, hop)))
            spectra[position, 0], spectra[position, 1] = spectrum.real, spectrum.imag
            total = np.zeros_like(self.partitions[0])
            _multiply_add(spectra, position, self.partitions, total)
            wet[n] = np.fft.irfft(total[0] + 1j * total[1])[self.hop_size :]
            last_hop, position = hop, (position + 1) % len(spectra)
        return audio + mix * wet, RoomStepState(spectra, position, last_hop.copy())
