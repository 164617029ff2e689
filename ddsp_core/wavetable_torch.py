"""The wavetable oscillators for training: kernel, its transpose as gradient, a torch reference.

Tables and amplitudes are mixed in torch into one spectrum a frame, sines and cosines of K
harmonics; the audio is linear in these, so the backward pass is the transposed sum, as in
`harmonic_torch`. f0 is data and gets no gradient.
"""

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from numba import njit, prange
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from ddsp_core.harmonic import phasor
from ddsp_core.synths import N_TABLES
from ddsp_core.wavetable import Reals, add_waves, project_waves, saw


class WavetableBatchState(NamedTuple):
    """Phase in cycles (B,) float64, last f0 in Hz (B,), last amplitudes of the tables (B, W)."""

    phase_cycles: Tensor
    f0_hz: Tensor
    amplitudes: Tensor


@njit(nogil=True, cache=True, parallel=True)
def _render_batch(
    f0_hz: Reals, spectra: Reals, phases: Reals, rate: float, audio: Reals
) -> None:  # fmt: skip
    """Frames (B, 1 + N), spectra (B, 1 + N, 2, K) begin with the state's; phases (B,) move on."""
    n_frames = f0_hz.shape[1] - 1
    hop_size = audio.shape[1] // n_frames
    for b in prange(len(f0_hz)):
        re, im = np.empty_like(audio[b, :hop_size]), np.empty_like(audio[b, :hop_size])
        phase = phases[b]
        for n in range(n_frames):
            phase = phasor(f0_hz[b, n], f0_hz[b, n + 1], phase, rate, re, im)
            hop = audio[b, n * hop_size : (n + 1) * hop_size]
            add_waves(spectra[b, n], spectra[b, n + 1], re, im, hop)
        phases[b] = phase


@njit(nogil=True, cache=True, parallel=True)
def _project_batch(
    f0_hz: Reals, phases: Reals, rate: float, audio: Reals, to_spectra: Reals
) -> None:
    """Transpose of `_render_batch`, into zeroed gradients (B, 1 + N, 2, K).

    Harmonics above Nyquist at both ends of a hop, which `mix` has silenced, are left out.
    """
    n_frames = f0_hz.shape[1] - 1
    hop_size = audio.shape[1] // n_frames
    for b in prange(len(f0_hz)):
        re, im = np.empty_like(audio[b, :hop_size]), np.empty_like(audio[b, :hop_size])
        phase = phases[b]
        for n in range(n_frames):
            phase = phasor(f0_hz[b, n], f0_hz[b, n + 1], phase, rate, re, im)
            hop = audio[b, n * hop_size : (n + 1) * hop_size]
            n_used = int(rate / 2 / min(f0_hz[b, n], f0_hz[b, n + 1])) + 1
            before, now = to_spectra[b, n, :, :n_used], to_spectra[b, n + 1, :, :n_used]
            project_waves(hop, re, im, before, now)


class _Oscillators(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, spectra: Tensor, f0_hz: Tensor, phase_cycles: Tensor, hop_size: int, rate: float
    ) -> tuple[Tensor, Tensor]:
        coefficients = spectra.detach().contiguous().numpy()
        n_samples = (f0_hz.shape[1] - 1) * hop_size
        audio = np.zeros((len(coefficients), n_samples), dtype=coefficients.dtype)
        phases = phase_cycles.numpy().copy()
        _render_batch(f0_hz.detach().numpy(), coefficients, phases, rate, audio)
        ctx.save_for_backward(f0_hz, phase_cycles)
        ctx.rate, ctx.shape = rate, coefficients.shape
        end = torch.from_numpy(phases)
        ctx.mark_non_differentiable(end)
        return torch.from_numpy(audio), end

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, to_audio: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        f0_hz, phase_cycles = ctx.saved_tensors
        audio = to_audio.contiguous().numpy()
        to_spectra = np.zeros(ctx.shape, dtype=audio.dtype)
        _project_batch(f0_hz.numpy(), phase_cycles.numpy(), ctx.rate, audio, to_spectra)
        return torch.from_numpy(to_spectra), *(None,) * 4


class WavetableSynth(nn.Module):
    """Learned tables and their oscillators as a torch stage.

    An untrained voice has tables from bright (all harmonics alike) to dull, with the same phases,
    so that mixing them is a brightness control from the first step on.

    Args:
        n_harmonics: K, of each table.
        sample_rate: Hz.
        hop_size: samples a frame.

    Shape:
        f0_hz (B, N), amplitudes (B, N, W) -> audio (B, N * hop_size).
    """

    saw: Tensor

    def __init__(self, n_harmonics: int, sample_rate: int, hop_size: int) -> None:
        super().__init__()
        self.sample_rate = sample_rate
        self.hop_size = hop_size
        numbers = torch.arange(1, n_harmonics + 1)
        magnitudes = numbers[None] ** torch.linspace(1.0, -2.0, N_TABLES)[:, None]
        self.register_buffer("saw", torch.from_numpy(saw(n_harmonics)).float(), persistent=False)
        magnitudes = magnitudes / (magnitudes * self.saw).sum(dim=1, keepdim=True)
        angles = 2 * math.pi * torch.rand(n_harmonics)
        phases = torch.stack((torch.sin(angles), torch.cos(angles)))
        self.tables = nn.Parameter(magnitudes[:, None] * phases)

    def forward(
        self, inputs: tuple[Tensor, Tensor], state: WavetableBatchState | None = None
    ) -> tuple[Tensor, WavetableBatchState]:
        """Audio of N hops, each ramping from the previous frame to its own."""
        f0_hz, amplitudes = inputs
        if state is None:
            phases = torch.zeros(len(f0_hz), dtype=torch.float64, device=f0_hz.device)
            state = WavetableBatchState(phases, f0_hz[:, 0], torch.zeros_like(amplitudes[:, 0]))
        f0 = torch.cat((state.f0_hz[:, None], f0_hz), dim=1)
        spectra = self.mix(torch.cat((state.amplitudes[:, None], amplitudes), dim=1), f0)
        synth = self.kernel if amplitudes.device.type == "cpu" else self.reference
        audio, phases = synth(f0, spectra, state.phase_cycles)
        return audio, WavetableBatchState(phases, f0_hz[:, -1], amplitudes[:, -1])

    def mix(self, amplitudes: Tensor, f0_hz: Tensor) -> Tensor:
        """One spectrum a frame, without what lies above Nyquist. Shape: (B, N, 2, K)."""
        tables = (self.tables * self.saw).to(amplitudes.dtype)
        mixed = torch.einsum("bnw,wpk->bnpk", amplitudes, tables)
        numbers = torch.arange(1, tables.shape[2] + 1, device=f0_hz.device)
        return mixed * (f0_hz[..., None, None] * numbers < self.sample_rate / 2)

    def kernel(self, f0_hz: Tensor, spectra: Tensor, phase_cycles: Tensor) -> tuple[Tensor, Tensor]:
        """Through the compiled kernels, on CPU. Frames begin with the state's: (B, 1 + N, ...).

        The spectra must be silent above Nyquist, as `mix` leaves them.
        """
        audio, phases = _Oscillators.apply(
            spectra, f0_hz.contiguous(), phase_cycles, self.hop_size, float(self.sample_rate)
        )  # type: ignore[no-untyped-call]
        return audio, phases

    def reference(
        self, f0_hz: Tensor, spectra: Tensor, phase_cycles: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The same in plain torch, (B, T, K) in memory: any device, and the kernels' oracle."""
        hop, f0 = self.hop_size, f0_hz.double()[..., None]
        i = torch.arange(1, hop + 1, device=f0.device, dtype=torch.float64)
        ramp = f0[:, :-1] * i + f0.diff(dim=1) * i * (i + 1) / (2 * hop)
        advance = ramp / self.sample_rate
        starts = phase_cycles[:, None] + advance[..., -1].cumsum(1) - advance[..., -1]
        phase = torch.remainder(starts[..., None] + advance, 1.0)
        numbers = torch.arange(1, spectra.shape[-1] + 1, device=f0.device)
        angles = 2 * math.pi * phase[..., None] * numbers
        waves = torch.stack((torch.sin(angles), torch.cos(angles)), dim=-2).to(spectra.dtype)
        weight = (i / hop).to(spectra.dtype)[:, None, None]
        ramped = torch.lerp(spectra[:, :-1, None], spectra[:, 1:, None], weight)
        return (ramped * waves).sum((-2, -1)).flatten(1), phase[:, -1, -1]
