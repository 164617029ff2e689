"""The sinusoidal oscillators for training: kernel, gradients by hand, and a torch reference.

**Gradients.** In hop n, of H samples at rate r, partial k sounds as a_j sin(2 pi p_j), with

    p_j = P_n + ((j + 1) f[n-1] + (f[n] - f[n-1]) u_j) / r,    u_j = (j + 1)(j + 2) / (2 H),

and P_{n+1} = p_{H-1} the phase that the next hop begins with. With g = dL/d audio and
q_j = g_j a_j 2 pi cos(2 pi p_j), which is dL/dp_j, the hop itself says

    dL/df[n] = sum q_j u_j / r,    dL/df[n-1] = sum q_j (j + 1 - u_j) / r,    dL/dP_n = sum q_j.

Frequencies also move the phase of everything that follows: with R_n the sum of all q of later hops
(and dL/d(phase) of the state at the end), u_{H-1} = (H + 1) / 2 adds

    dL/df[n] += R_n (H + 1) / (2 r),    dL/df[n-1] += R_n (H - 1) / (2 r).

R is a reversed cumulative sum, so the backward pass walks the hops from last to first with one
number a partial. Amplitudes as in `harmonic_torch`; what is silent above Nyquist gets no gradient.
Nothing of size (samples x partials) is stored.
"""

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from numba import njit, prange
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from ddsp_core.elementary import cosine
from ddsp_core.sinusoidal import Reals, render_sinusoids


class SinusoidalBatchState(NamedTuple):
    """Phases in cycles (B, K) float64, last frequencies in Hz (B, K), last amplitudes (B, K)."""

    phases_cycles: Tensor
    frequencies_hz: Tensor
    amplitudes: Tensor


@njit(nogil=True, cache=True, parallel=True)
def _render_batch(
    frequencies_hz: Reals, amplitudes: Reals, phases: Reals, last_hz: Reals, last: Reals,
    rate: float, audio: Reals,
) -> None:  # fmt: skip
    """`render_sinusoids` for each row; phases (B, K) move on in place."""
    for b in prange(len(audio)):
        render_sinusoids(
            frequencies_hz[b], amplitudes[b], phases[b], last_hz[b], last[b], rate, audio[b]
        )


@njit(nogil=True, cache=True, fastmath=True)
def _project_hop(
    audio: Reals, phase: float, a: float, b: float, last: float, now: float
) -> tuple[float, float, float, float, float]:
    """One partial's sums over a hop: g sine, g sine (j + 1) / H, and q, q (j + 1), q u."""
    hop_size = len(audio)
    rise = (now - last) / hop_size
    whole = rising = turning = turning_linear = turning_square = 0.0
    for j in range(hop_size):
        cycles = phase + (j + 1) * (a + b * (j + 2))
        sample = audio[j] * cosine(cycles - 0.25)
        whole += sample
        rising += sample * (j + 1)
        turn = audio[j] * (last + rise * (j + 1)) * cosine(cycles)
        turning += turn
        turning_linear += turn * (j + 1)
        turning_square += turn * ((j + 1) * (j + 2))
    tau = 2.0 * np.pi
    linear, square = tau * turning_linear, tau * turning_square / (2.0 * hop_size)
    return whole, rising / hop_size, tau * turning, linear, square


@njit(nogil=True, cache=True, parallel=True)
def _project_batch(
    frequencies_hz: Reals, amplitudes: Reals, phases: Reals, rate: float, audio: Reals,
    to_frequencies: Reals, to_amplitudes: Reals, to_phases: Reals,
) -> None:  # fmt: skip
    """Gradients from audio's (B, N * H), walking back from the last hop.

    Frequencies, amplitudes and their zeroed gradients (B, 1 + N, K) begin with the state's frame;
    phases (B, K) hold those at the end and, in place, become those of the beginning; to_phases
    (B, K) likewise.
    """
    n_frames, n_partials = frequencies_hz.shape[1] - 1, frequencies_hz.shape[2]
    hop_size = audio.shape[1] // n_frames
    for i in prange(len(audio)):
        for n in range(n_frames, 0, -1):
            hop = audio[i, (n - 1) * hop_size : n * hop_size]
            for k in range(n_partials):
                a = frequencies_hz[i, n - 1, k] / rate
                b = (frequencies_hz[i, n, k] / rate - a) / (2.0 * hop_size)
                start = phases[i, k] - hop_size * (a + b * (hop_size + 1))
                phases[i, k] = start - np.floor(start)
                last, now = amplitudes[i, n - 1, k], amplitudes[i, n, k]
                if last == now == 0.0 and min(a, a + 2 * hop_size * b) >= 0.5:
                    continue  # at both ends of the hop: a decoder has masked it
                whole, rising, turn, linear, square = _project_hop(
                    hop, phases[i, k], a, b, last, now
                )
                to_amplitudes[i, n, k] += rising
                to_amplitudes[i, n - 1, k] += whole - rising
                later = to_phases[i, k]
                to_frequencies[i, n, k] += (square + later * (hop_size + 1) / 2) / rate
                to_frequencies[i, n - 1, k] += (linear - square + later * (hop_size - 1) / 2) / rate
                to_phases[i, k] = later + turn


class _Oscillators(torch.autograd.Function):
    """Frames begin with the state's: (B, 1 + N, K)."""

    @staticmethod
    def forward(
        ctx: Any, frequencies_hz: Tensor, amplitudes: Tensor, phases: Tensor, hop_size: int,
        rate: float,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        hz, loud = frequencies_hz.detach().numpy(), amplitudes.detach().numpy()
        audio = np.zeros((len(loud), (loud.shape[1] - 1) * hop_size), dtype=loud.dtype)
        ends = phases.detach().numpy().copy()
        _render_batch(hz[:, 1:], loud[:, 1:], ends, hz[:, 0], loud[:, 0], rate, audio)
        end = torch.from_numpy(ends)
        ctx.save_for_backward(frequencies_hz, amplitudes, end)
        ctx.rate = rate
        return torch.from_numpy(audio), end

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, to_audio: Tensor, to_end: Tensor) -> tuple[Tensor | None, ...]:
        frequencies_hz, amplitudes, end = ctx.saved_tensors
        to_frequencies = np.zeros(frequencies_hz.shape)
        to_amplitudes, to_phases = np.zeros(amplitudes.shape), to_end.numpy().copy()
        _project_batch(
            frequencies_hz.numpy(), amplitudes.numpy(), end.numpy().copy(), ctx.rate,
            to_audio.contiguous().numpy(), to_frequencies, to_amplitudes, to_phases,
        )  # fmt: skip
        return (
            torch.from_numpy(to_frequencies).to(frequencies_hz.dtype),
            torch.from_numpy(to_amplitudes).to(amplitudes.dtype),
            torch.from_numpy(to_phases), None, None,
        )  # fmt: skip


class SinusoidalSynth(nn.Module):
    """The oscillator bank as a torch stage.

    Args:
        sample_rate: Hz.
        hop_size: samples a frame.

    Shape:
        frequencies_hz (B, N, K), amplitudes (B, N, K) -> audio (B, N * hop_size).
    """

    def __init__(self, sample_rate: int, hop_size: int) -> None:
        super().__init__()
        self.sample_rate = sample_rate
        self.hop_size = hop_size

    def forward(
        self, inputs: tuple[Tensor, Tensor], state: SinusoidalBatchState | None = None
    ) -> tuple[Tensor, SinusoidalBatchState]:
        """Audio of N hops, each ramping from the previous frame to its own."""
        frequencies_hz, amplitudes = inputs
        if state is None:
            silence = torch.zeros_like(amplitudes[:, 0])
            state = SinusoidalBatchState(silence.double(), frequencies_hz[:, 0], silence)
        frames = (
            torch.cat((state.frequencies_hz[:, None], frequencies_hz), dim=1),
            torch.cat((state.amplitudes[:, None], amplitudes), dim=1),
        )
        synth = self.kernel if amplitudes.device.type == "cpu" else self.reference
        audio, phases = synth(*frames, state.phases_cycles)
        return audio, SinusoidalBatchState(phases, frequencies_hz[:, -1], amplitudes[:, -1])

    def kernel(
        self, frequencies_hz: Tensor, amplitudes: Tensor, phases_cycles: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Through the compiled kernels, on CPU. Frames begin with the state's: (B, 1 + N, K)."""
        audio, phases = _Oscillators.apply(
            frequencies_hz, amplitudes, phases_cycles.contiguous(), self.hop_size,
            float(self.sample_rate),
        )  # type: ignore[no-untyped-call]  # fmt: skip
        return audio, phases

    def reference(
        self, frequencies_hz: Tensor, amplitudes: Tensor, phases_cycles: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The same in plain torch, (B, T, K) in memory: any device, and the kernels' oracle."""
        hop, hz = self.hop_size, frequencies_hz.double()[:, :, None]
        i = torch.arange(1, hop + 1, device=hz.device, dtype=torch.float64)[:, None]
        before, rise = hz[:, :-1], hz.diff(dim=1)
        advance = (before * i + rise * i * (i + 1) / (2 * hop)) / self.sample_rate
        total = advance[:, :, -1]
        starts = phases_cycles[:, None] + total.cumsum(1) - total
        phase = torch.remainder(starts[:, :, None] + advance, 1.0)
        sines = torch.sin(2 * math.pi * phase).to(amplitudes.dtype)
        loud = torch.lerp(
            amplitudes[:, :-1, None], amplitudes[:, 1:, None], (i / hop).to(amplitudes.dtype)
        )
        return (loud * sines).sum(-1).flatten(1), phase[:, -1, -1]
