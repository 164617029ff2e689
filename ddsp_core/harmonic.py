"""Harmonic oscillators: one phase, K partials, amplitudes ramped from frame to frame.

The kernels here serve playing and, behind a `torch.autograd.Function` (see `harmonic_torch`),
training.

**Phase.** Within hop n the frequency goes linearly from f[n-1] to f[n]. After j + 1 samples the
phase has advanced, in cycles, by the closed form of the sum of that ramp,

    sum over i = 1 ... j+1 of (f[n-1] + (f[n] - f[n-1]) i / H) / rate
      = ((j + 1) f[n-1] + (f[n] - f[n-1]) (j + 1)(j + 2) / (2 H)) / rate,

so that only one number, wrapped and in double precision, is carried between hops and no error
builds up.

**Partials.** With z = exp(2 pi i phase), sin(2 pi k phase) is the imaginary part of z^k: one
multiplication a partial and sample instead of a sine, 122 dB above its rounding noise at K = 100 in
float32.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.elementary import cosine

Reals = NDArray[np.floating]


class HarmonicState(NamedTuple):
    """Where the oscillators stand: phase in cycles [0, 1), last f0 and last amplitudes (K,)."""

    phase_cycles: float
    f0_hz: float
    harmonics: Reals


@njit(nogil=True, cache=True, fastmath={"contract"}, error_model="numpy")
def phasor(
    f0_from: float, f0_to: float, phase_cycles: float, rate: float, re: Reals, im: Reals
) -> float:
    """Fills one hop of exp(2 pi i phase) into re, im (H,); returns the phase at its end."""
    hop_size = len(re)
    slope = (f0_to - f0_from) / (2.0 * hop_size)
    phase = phase_cycles
    for j in range(hop_size):
        phase = phase_cycles + (j + 1) * (f0_from + slope * (j + 2)) / rate
        phase -= np.floor(phase)
        re[j] = cosine(phase)
        im[j] = cosine(phase - 0.25)
    return phase


@njit(nogil=True, cache=True)
def add_partials(last: Reals, now: Reals, re: Reals, im: Reals, out: Reals) -> None:
    """Adds one hop of all partials to out (H,), amplitudes ramping from last (K,) to now (K,).

    No fastmath: it is as fast without, and just compiled or read from the cache gives equal bits.
    """
    hop_size = len(out)
    step = now.dtype.type(1.0) / now.dtype.type(hop_size)
    power_re, power_im = re.copy(), im.copy()
    n_used = len(now)
    while n_used > 0 and now[n_used - 1] == 0.0 and last[n_used - 1] == 0.0:
        n_used -= 1  # above Nyquist
    for k in range(n_used):
        start, rise = last[k], (now[k] - last[k]) * step
        for j in range(hop_size):
            out[j] += (start + rise * now.dtype.type(j + 1)) * power_im[j]
            real = power_re[j] * re[j] - power_im[j] * im[j]
            power_im[j] = power_re[j] * im[j] + power_im[j] * re[j]
            power_re[j] = real


@njit(nogil=True, cache=True, fastmath=True)
def project_partials(audio: Reals, re: Reals, im: Reals, to_last: Reals, to_now: Reals) -> None:
    """Transpose of `add_partials`: adds what audio (H,) says about both ends of the ramps."""
    hop_size = len(audio)
    step = audio.dtype.type(1.0) / audio.dtype.type(hop_size)
    power_re, power_im = re.copy(), im.copy()
    for k in range(len(to_now)):
        whole = audio.dtype.type(0.0)
        rising = audio.dtype.type(0.0)
        for j in range(hop_size):
            sample = audio[j] * power_im[j]
            whole += sample
            rising += sample * (step * audio.dtype.type(j + 1))
            real = power_re[j] * re[j] - power_im[j] * im[j]
            power_im[j] = power_re[j] * im[j] + power_im[j] * re[j]
            power_re[j] = real
        to_now[k] += rising
        to_last[k] += whole - rising


@njit(nogil=True, cache=True)
def render(
    f0_hz: Reals,
    harmonics: Reals,
    phase_cycles: float,
    last_f0_hz: float,
    last_harmonics: Reals,
    rate: float,
    audio: Reals,
) -> float:
    """Renders N hops into audio (N * H,), zeroed before; returns the phase at the end."""
    n_frames = len(f0_hz)
    hop_size = len(audio) // n_frames
    re, im = np.empty_like(audio[:hop_size]), np.empty_like(audio[:hop_size])
    for n in range(n_frames):
        phase_cycles = phasor(last_f0_hz, f0_hz[n], phase_cycles, rate, re, im)
        add_partials(last_harmonics, harmonics[n], re, im, audio[n * hop_size : (n + 1) * hop_size])
        last_f0_hz, last_harmonics = f0_hz[n], harmonics[n]
    return phase_cycles


class HarmonicOscillators:
    """The oscillator bank, in numpy and numba; float32 or float64 as its inputs are.

    Args:
        sample_rate: Hz.
        hop_size: samples a frame.

    Shape:
        f0_hz (N,), harmonics (N, K) -> audio (N * hop_size,). From `None` all amplitudes start at
        0.
    """

    def __init__(self, sample_rate: int, hop_size: int) -> None:
        self.sample_rate = sample_rate
        self.hop_size = hop_size

    def forward(
        self, inputs: tuple[Reals, Reals], state: HarmonicState | None = None
    ) -> tuple[Reals, HarmonicState]:
        """Audio of N hops, each ramping from the previous frame to its own."""
        f0_hz, harmonics = inputs
        if state is None:
            state = HarmonicState(0.0, float(f0_hz[0]), np.zeros_like(harmonics[0]))
        audio = np.zeros(len(f0_hz) * self.hop_size, dtype=harmonics.dtype)
        phase = render(
            f0_hz, harmonics, state.phase_cycles, state.f0_hz, state.harmonics,
            float(self.sample_rate), audio,
        )  # fmt: skip
        return audio, HarmonicState(phase, float(f0_hz[-1]), harmonics[-1].copy())
