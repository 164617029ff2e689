"""Multi-scale spectral loss (Engel et al. 2020, DDSP, section 4.2.1)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

WINDOW_SIZES = (2048, 1024, 512, 256, 128, 64)
LOG_FLOOR = 1e-5
"""Magnitudes below this (-100 dB) count as equally silent."""


def magnitudes(audio: Tensor, window_size: int) -> Tensor:
    """STFT magnitudes, Hann window, 75 % overlap, no padding. (B, T) -> (B, bins, frames)."""
    window = torch.hann_window(window_size, dtype=audio.dtype, device=audio.device)
    spectrum = torch.stft(
        audio, window_size, window_size // 4, window=window, center=False, return_complex=True
    )
    return spectrum.abs()


class SpectralLoss(nn.Module):
    """Sum over window sizes of mean |S - S'| + mean |log S - log S'|.

    Args:
        window_sizes: samples.

    Shape:
        audio (B, T), target (B, T) -> scalar. T at least the largest window.
    """

    def __init__(self, window_sizes: Sequence[int] = WINDOW_SIZES) -> None:
        super().__init__()
        self.window_sizes = tuple(window_sizes)

    def forward(self, audio: Tensor, target: Tensor) -> Tensor:
        """0 for equal sounds."""
        total = audio.new_zeros(())
        for window_size in self.window_sizes:
            made = magnitudes(audio, window_size)
            wanted = magnitudes(target, window_size)
            logs = (made + LOG_FLOOR).log() - (wanted + LOG_FLOOR).log()
            total = total + (made - wanted).abs().mean() + logs.abs().mean()
        return total
