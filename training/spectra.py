"""Spectra and loudness that gradients flow through, as the spectral loss compares them."""

import torch
from torch import Tensor, nn

from ddsp_core.loudness import HIGH_PASS_HZ, LOW_PASS_HZ

LOUDNESS_FFT_SIZE = 2048
LOUDNESS_FRAMES_A_SECOND = 250
LOUDNESS_FLOOR_DB = -80.0
"""Of magenta/ddsp's loudness, power and A-weighting alike."""


def magnitudes(
    audio: Tensor, window_size: int, centred: bool = False, normalised: bool = False
) -> Tensor:
    """STFT magnitudes, periodic Hann window, 75 % overlap.

    Args:
        audio: any float type, any device.
        window_size: samples, a multiple of 4.
        centred: frame n is centred on sample n * window_size / 4, edges mirrored; else frames are
            whole and nothing is padded.
        normalised: divided by the square root of the window size.

    Shape:
        (B, T) -> (B, window_size / 2 + 1, frames)
    """
    window = torch.hann_window(window_size, dtype=audio.dtype, device=audio.device)
    spectrum = torch.stft(
        audio,
        window_size,
        window_size // 4,
        window=window,
        center=centred,
        normalized=normalised,
        return_complex=True,
    )
    return spectrum.abs()


def frame_loudness_db(audio: Tensor, sample_rate: int) -> Tensor:
    """Loudness as magenta/ddsp's `compute_loudness`: A-weighted power averaged over bins, in dB.

    Not the loudness that voices are played by (`ddsp_core.loudness`): frames are centred, four
    milliseconds apart, zeros stand beyond the edges, and 0 dB is no level of a sound.

    Args:
        audio: any float type, any device.
        sample_rate: Hz.

    Shape:
        (B, T) -> (B, frames), from -80 up
    """
    size, hop = LOUDNESS_FFT_SIZE, max(1, sample_rate // LOUDNESS_FRAMES_A_SECOND)
    window = torch.hann_window(size, dtype=audio.dtype, device=audio.device)
    padded = nn.functional.pad(audio, (size // 2, size // 2))
    spectrum = torch.stft(padded, size, hop, window=window, center=False, return_complex=True)
    power = spectrum.real.square() + spectrum.imag.square()
    weights = a_weighting(sample_rate, size).to(audio)
    mean_power = (power * weights[:, None]).mean(dim=1)
    return 10.0 * mean_power.clamp_min(10.0 ** (LOUDNESS_FLOOR_DB / 10.0)).log10()


def a_weighting(sample_rate: int, fft_size: int) -> Tensor:
    """A-weighting of each bin's power, after IEC 61672-1:2013, annex E; 1 at 1 kHz, >= 1e-8.

    Shape:
        -> (fft_size / 2 + 1,) float64
    """
    bins_hz = torch.arange(fft_size // 2 + 1, dtype=torch.float64) * sample_rate / fft_size
    weight = _unscaled_a_weighting(bins_hz) / _unscaled_a_weighting(torch.tensor(1000.0).double())
    return weight.clamp_min(10.0 ** (LOUDNESS_FLOOR_DB / 10.0))


def _unscaled_a_weighting(f_hz: Tensor) -> Tensor:
    """Four zeros at 0 Hz over the poles, squared for power."""
    power = f_hz.square() ** len(HIGH_PASS_HZ)
    for pole_hz in (*HIGH_PASS_HZ, *LOW_PASS_HZ):
        power = power / (f_hz.square() + pole_hz**2)
    return power
