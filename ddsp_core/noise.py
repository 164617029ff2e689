"""Filtered noise: each hop of white noise goes through the filter of its frame.

The bands are the magnitudes of a linear-phase FIR at F equally spaced frequencies from 0 to
Nyquist: their inverse real FFT, rotated by its half and under a Hann window, 2 (F - 1) taps. Every
noise sample is filtered whole by one filter and the responses overlap and add, so a change of
filter leaves no step at frame edges. The half rotation delays the noise by F - 1 samples (1.3 ms at
48 kHz with 65 bands).

The white noise is an input, so that two renderings can be compared.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from ddsp_core.convolution import convolve


class NoiseState(NamedTuple):
    """What earlier hops still have to say. Shape: (B, tail)."""

    tail: Tensor


def band_filters(bands: Tensor) -> Tensor:
    """Impulse responses of the bands. Shape: (..., F) -> (..., 2 (F - 1))."""
    n_taps = 2 * (bands.shape[-1] - 1)
    response = torch.fft.irfft(torch.complex(bands, torch.zeros_like(bands)), n=n_taps)
    window = torch.hann_window(n_taps, dtype=bands.dtype, device=bands.device)
    return torch.roll(response, n_taps // 2, dims=-1) * window


class FilteredNoise(nn.Module):
    """White noise shaped by bands that change every hop.

    Args:
        hop_size: samples a frame.

    Shape:
        bands (B, N, F), white (B, N * hop_size) in -1...1 -> audio (B, N * hop_size).
    """

    def __init__(self, hop_size: int) -> None:
        super().__init__()
        self.hop_size = hop_size

    def forward(
        self, inputs: tuple[Tensor, Tensor], state: NoiseState | None = None
    ) -> tuple[Tensor, NoiseState]:
        """Overlap-add of each hop's filtered noise."""
        bands, white = inputs
        hop = self.hop_size
        n_batch, n_frames, n_bands = bands.shape
        # a linear map: as one matrix it is ten times faster than by FFTs, forward and back
        filters = bands @ band_filters(torch.eye(n_bands, dtype=bands.dtype, device=bands.device))
        n_over = -(-(filters.shape[-1] - 1) // hop)  # hops that a response reaches into
        size = hop * (n_over + 1)
        pieces = convolve(white.view(n_batch, n_frames, hop), filters, size)
        out = pieces.new_zeros(n_batch, n_frames + n_over, hop)
        for i in range(n_over + 1):
            part = pieces[..., i * hop : (i + 1) * hop]
            out = out + nn.functional.pad(part, (0, 0, i, n_over - i))
        flat = out.flatten(1)
        if state is not None:
            flat = flat + nn.functional.pad(state.tail, (0, n_frames * hop))
        return flat[:, : n_frames * hop], NoiseState(flat[:, n_frames * hop :])
