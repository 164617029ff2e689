"""Signals with known answers: what a test feeds to a stage, and what it should find there.

All are mono, of shape (T,), and reproducible: what is random takes a seed. Times are counted from
the first sample. Pitch curves are float64 and in Hz, audio is float32.

The harmonic signals build the phase by summing f0 in float64, so that the exact f0 of sample `t`
is the `t`-th entry of the curve that made it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]
Curve = NDArray[np.float64]


def constant(f0_hz: float, duration_s: float, sample_rate: int) -> Curve:
    """A curve that stays at `f0_hz`. Shape: (T,)."""
    return np.full(round(duration_s * sample_rate), float(f0_hz))


def glide(from_hz: float, to_hz: float, duration_s: float, sample_rate: int) -> Curve:
    """A curve that moves evenly in cents. Shape: (T,)."""
    return np.geomspace(from_hz, to_hz, round(duration_s * sample_rate))


def vibrato(
    f0_hz: float,
    duration_s: float,
    sample_rate: int,
    *,
    rate_hz: float = 5.5,
    depth_cents: float = 50.0,
) -> Curve:
    """A curve that swings by `depth_cents` to either side of `f0_hz`. Shape: (T,)."""
    times_s = np.arange(round(duration_s * sample_rate)) / sample_rate
    return f0_hz * 2.0 ** (depth_cents / 1200.0 * np.sin(2 * np.pi * rate_hz * times_s))


def steps(notes_hz: Sequence[float], note_s: float, sample_rate: int) -> Curve:
    """A curve that jumps from note to note. Shape: (T,)."""
    return np.concatenate([constant(f0_hz, note_s, sample_rate) for f0_hz in notes_hz])


def harmonic(
    f0_hz: Curve, sample_rate: int, amplitudes: Sequence[float] = (1.0,), peak: float = 0.5
) -> Audio:
    """Harmonics of a pitch curve; those above 0.45 of the sample rate are left out.

    Args:
        f0_hz: pitch of each sample, as `constant`, `glide`, `vibrato` or `steps` make it.
        amplitudes: of harmonic 1, 2, ...; a zero leaves one out (a missing fundamental, say).
        peak: largest absolute sample of the result.

    Shape:
        f0_hz: (T,); returns (T,)
    """
    phase = 2 * np.pi * np.cumsum(f0_hz) / sample_rate
    audio = np.zeros(len(f0_hz))
    for k, amplitude in enumerate(amplitudes, start=1):
        if amplitude:
            audio += np.where(k * f0_hz < 0.45 * sample_rate, amplitude * np.sin(k * phase), 0.0)
    return np.asarray(audio * (peak / max(float(np.max(np.abs(audio))), 1e-12)), dtype=np.float32)


def tone(f0_hz: float, duration_s: float, sample_rate: int, peak: float = 0.5) -> Audio:
    """A sine. Shape: (T,)."""
    return harmonic(constant(f0_hz, duration_s, sample_rate), sample_rate, peak=peak)


def rich_tone(
    f0_hz: float, duration_s: float, sample_rate: int, n_harmonics: int = 20, peak: float = 0.5
) -> Audio:
    """A saw-like tone, harmonic k with amplitude 1/k: bowed string, roughly. Shape: (T,)."""
    amplitudes = [1.0 / k for k in range(1, n_harmonics + 1)]
    return harmonic(constant(f0_hz, duration_s, sample_rate), sample_rate, amplitudes, peak)


def silence(duration_s: float, sample_rate: int) -> Audio:
    """Zeros. Shape: (T,)."""
    return np.zeros(round(duration_s * sample_rate), dtype=np.float32)


def click(duration_s: float, sample_rate: int, at_s: float = 0.0, peak: float = 1.0) -> Audio:
    """One sample of `peak` in silence, the nearest to `at_s`. Shape: (T,)."""
    audio = silence(duration_s, sample_rate)
    audio[round(at_s * sample_rate)] = peak
    return audio


def noise(duration_s: float, sample_rate: int, rms: float = 0.1, seed: int = 0) -> Audio:
    """White Gaussian noise. Shape: (T,)."""
    n_samples = round(duration_s * sample_rate)
    return (rms * np.random.default_rng(seed).standard_normal(n_samples)).astype(np.float32)


def breath(duration_s: float, sample_rate: int, rms: float = 0.1, seed: int = 0) -> Audio:
    """Noise with breath's colour: white through broad formants near 500, 1500 and 3500 Hz.

    Shape:
        returns (T,)
    """
    white = noise(duration_s, sample_rate, 1.0, seed)
    spectrum = np.fft.rfft(white)
    freqs_hz = np.fft.rfftfreq(len(white), 1 / sample_rate)
    peaks = ((500.0, 300.0), (1500.0, 500.0), (3500.0, 1200.0))
    gain = 0.05 + sum(1.0 / (1.0 + ((freqs_hz - at) / width) ** 2) for at, width in peaks)
    coloured = np.fft.irfft(spectrum * gain, len(white))
    return np.asarray(coloured * (rms / np.sqrt(np.mean(coloured**2))), dtype=np.float32)


def hops_of(audio: Audio, hop_size: int) -> Audio:
    """The whole hops of a signal; what is left over at its end is dropped.

    Shape:
        audio: (T,); returns (N, hop_size)
    """
    n_hops = len(audio) // hop_size
    return np.ascontiguousarray(audio[: n_hops * hop_size].reshape(n_hops, hop_size))
