"""Wavetable oscillators: learned single-cycle tables, mixed frame by frame, without aliasing.

A table is kept as the Fourier coefficients of its cycle, a sine and a cosine for harmonics 1...K,
and is read by summing them at the phase of f0. What would lie above Nyquist is left out frame by
frame, so the band limit is exact at any pitch and no table per octave, interpolation or
oversampling is needed. `benchmarks/wavetable.py` sets this beside tables of samples, one an octave:
those alias at -13 dB or lose up to half of the harmonics, and take 3 to 5 us for a hop of 128
samples instead of 8 with 100 harmonics, of a block of 2667.

Tables mixed by a network: Shan et al. 2022, "Differentiable Wavetable Synthesis"
(https://arxiv.org/abs/2111.10003); band-limiting in the frequency domain: Bristow-Johnson 1996,
"Wavetable Synthesis 101".
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.harmonic import phasor

Reals = NDArray[np.floating]


class WavetableState(NamedTuple):
    """Phase in cycles [0, 1), last f0, last amplitudes of the tables (W,)."""

    phase_cycles: float
    f0_hz: float
    amplitudes: Reals


def saw(n_harmonics: int) -> NDArray[np.float64]:
    """Harmonics of a saw whose amplitudes add up to 1, what tables are measured in. Shape: (K,).

    >>> saw(2).round(3).tolist()
    [0.667, 0.333]
    """
    falling = 1.0 / np.arange(1, n_harmonics + 1)
    return np.asarray(falling / falling.sum())


@njit(nogil=True, cache=True)
def mix_tables(
    tables: Reals, amplitudes: Reals, f0_hz: float, nyquist_hz: float, spectrum: Reals
) -> None:
    """Fills spectrum (2, K), sines and cosines, with tables (W, 2, K) times amplitudes (W,)."""
    spectrum[:] = 0.0
    for w in range(len(tables)):
        for part in range(2):
            for k in range(spectrum.shape[1]):
                if f0_hz * (k + 1) < nyquist_hz:
                    spectrum[part, k] += amplitudes[w] * tables[w, part, k]


@njit(nogil=True, cache=True)
def add_waves(last: Reals, now: Reals, re: Reals, im: Reals, out: Reals) -> None:
    """Adds one hop to out (H,): spectra (2, K) ramp from last to now; re, im as `phasor` fills."""
    hop_size = len(out)
    step = now.dtype.type(1.0) / now.dtype.type(hop_size)
    power_re, power_im = re.copy(), im.copy()
    n_used = now.shape[1]
    while n_used > 0 and not (now[:, n_used - 1].any() or last[:, n_used - 1].any()):
        n_used -= 1  # above Nyquist
    for k in range(n_used):
        sine, sine_rise = last[0, k], (now[0, k] - last[0, k]) * step
        cosine, cosine_rise = last[1, k], (now[1, k] - last[1, k]) * step
        for j in range(hop_size):
            at = now.dtype.type(j + 1)
            out[j] += (sine + sine_rise * at) * power_im[j]
            out[j] += (cosine + cosine_rise * at) * power_re[j]
            real = power_re[j] * re[j] - power_im[j] * im[j]
            power_im[j] = power_re[j] * im[j] + power_im[j] * re[j]
            power_re[j] = real


@njit(nogil=True, cache=True, fastmath=True)
def project_waves(audio: Reals, re: Reals, im: Reals, to_last: Reals, to_now: Reals) -> None:
    """Transpose of `add_waves`: adds what audio (H,) says about both ends of the ramps (2, K)."""
    hop_size = len(audio)
    step = audio.dtype.type(1.0) / audio.dtype.type(hop_size)
    power_re, power_im = re.copy(), im.copy()
    for k in range(to_now.shape[1]):
        sine = sine_rising = cosine = cosine_rising = audio.dtype.type(0.0)
        for j in range(hop_size):
            at = step * audio.dtype.type(j + 1)
            sine += audio[j] * power_im[j]
            sine_rising += audio[j] * power_im[j] * at
            cosine += audio[j] * power_re[j]
            cosine_rising += audio[j] * power_re[j] * at
            real = power_re[j] * re[j] - power_im[j] * im[j]
            power_im[j] = power_re[j] * im[j] + power_im[j] * re[j]
            power_re[j] = real
        to_now[0, k] += sine_rising
        to_now[1, k] += cosine_rising
        to_last[0, k] += sine - sine_rising
        to_last[1, k] += cosine - cosine_rising


@njit(nogil=True, cache=True)
def _render_tables(
    f0_hz: Reals, amplitudes: Reals, tables: Reals, phase_cycles: float, last_f0_hz: float,
    last: Reals, rate: float, audio: Reals,
) -> float:  # fmt: skip
    """Renders N hops into audio (N * H,), zeroed before; returns the phase at the end."""
    hop_size = len(audio) // len(f0_hz)
    re, im = np.empty_like(audio[:hop_size]), np.empty_like(audio[:hop_size])
    before, now = np.empty_like(tables[0]), np.empty_like(tables[0])
    mix_tables(tables, last, last_f0_hz, rate / 2, before)
    for n in range(len(f0_hz)):
        mix_tables(tables, amplitudes[n], f0_hz[n], rate / 2, now)
        phase_cycles = phasor(last_f0_hz, f0_hz[n], phase_cycles, rate, re, im)
        add_waves(before, now, re, im, audio[n * hop_size : (n + 1) * hop_size])
        before, now = now, before
        last_f0_hz = f0_hz[n]
    return phase_cycles


class WavetableOscillators:
    """The tables as they play; float32 or float64 as its inputs are.

    Args:
        tables: sines and cosines of each table, in units of `saw`. Shape: (W, 2, K).
        sample_rate: Hz.
        hop_size: samples a frame.

    Shape:
        f0_hz (N,), amplitudes (N, W) -> audio (N * hop_size,). From `None` all amplitudes start at
        0.
    """

    def __init__(self, tables: Reals, sample_rate: int, hop_size: int) -> None:
        self.tables = np.ascontiguousarray(tables * saw(tables.shape[2])).astype(tables.dtype)
        self.sample_rate = sample_rate
        self.hop_size = hop_size

    def forward(
        self, inputs: tuple[Reals, Reals], state: WavetableState | None = None
    ) -> tuple[Reals, WavetableState]:
        """Audio of N hops, each ramping from the previous frame to its own."""
        f0_hz, amplitudes = inputs
        if state is None:
            state = WavetableState(0.0, float(f0_hz[0]), np.zeros_like(amplitudes[0]))
        audio = np.zeros(len(f0_hz) * self.hop_size, dtype=amplitudes.dtype)
        phase = _render_tables(
            f0_hz, amplitudes, self.tables, state.phase_cycles, state.f0_hz, state.amplitudes,
            float(self.sample_rate), audio,
        )  # fmt: skip
        return audio, WavetableState(phase, float(f0_hz[-1]), amplitudes[-1].copy())
