"""The decoder: pitch and loudness in, synthesizer controls out (Engel et al. 2020, B.2).

Torch: this module is what is trained, and the reference for the compiled step in `live_decoder`.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ddsp_core.checkpoint import DecoderConfig
from ddsp_core.gru import Gru
from ddsp_core.scaling import InputScaling


class SynthControls(NamedTuple):
    """What drives the synthesizers, per frame.

    Shape:
        frequencies_hz: f0 (B, N); amplitudes: (B, N, K), of the partials; noise_bands: (B, N, F),
        gains; linear.
    """

    frequencies_hz: Tensor
    amplitudes: Tensor
    noise_bands: Tensor


class DecoderState(NamedTuple):
    """Hidden state of the GRU. Shape: (1, B, U)."""

    hidden: Tensor


def modified_sigmoid(x: Tensor) -> Tensor:
    """2 sigmoid(x)^ln 10 + 1e-7: positive, at most 2, about 0.4 at 0 (Engel et al. 2020, eq. 5)."""
    return 2.0 * torch.sigmoid(x) ** math.log(10.0) + 1e-7


def mlp(sizes: Sequence[int]) -> nn.Sequential:
    """(Linear, LayerNorm, LeakyReLU) from each size to the next."""
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(sizes):
        layers += [nn.Linear(n_in, n_out), nn.LayerNorm(n_out), nn.LeakyReLU()]
    return nn.Sequential(*layers)


def scaled(values: Tensor, scaling: InputScaling) -> Tensor:
    """Clipped to the trained range, centred, in deviations."""
    return (values.clamp(scaling.minimum, scaling.maximum) - scaling.mean) / scaling.deviation


def audible_harmonics(f0_hz: Tensor, n_harmonics: int, sample_rate: int) -> Tensor:
    """1 for harmonics below Nyquist, else 0. Shape: (B, N) -> (B, N, K)."""
    numbers = torch.arange(1, n_harmonics + 1, device=f0_hz.device, dtype=f0_hz.dtype)
    return (f0_hz[..., None] * numbers < sample_rate / 2).to(f0_hz.dtype)


class Decoder(nn.Module):
    """Maps f0 and loudness to harmonic amplitudes and noise bands, with memory.

    Shape:
        f0_hz (B, N), loudness_db (B, N) -> SynthControls of (B, N, K) and (B, N, F).
    """

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.config = config
        units = config.n_units
        self.mlp_f0 = mlp([1, units, units, units])
        self.mlp_loudness = mlp([1, units, units, units])
        self.gru = Gru(2 * units, units)
        self.mlp_out = mlp([3 * units, units, units, units])
        self.head_harmonics = nn.Linear(units, config.n_harmonics)
        self.head_amplitude = nn.Linear(units, 1)
        self.head_noise = nn.Linear(units, config.n_bands)
        nn.init.constant_(self.head_noise.bias, -5.0)  # begin with tone, not hiss (as magenta's)

    def forward(
        self, inputs: tuple[Tensor, Tensor], state: DecoderState | None = None
    ) -> tuple[SynthControls, DecoderState]:
        """Controls for each frame."""
        f0_hz, loudness_db = inputs
        note = 69.0 + 12.0 * torch.log2(f0_hz / 440.0)
        pitch = self.mlp_f0(scaled(note, self.config.pitch)[..., None])
        loudness = self.mlp_loudness(scaled(loudness_db, self.config.loudness)[..., None])
        both = torch.cat((pitch, loudness), dim=-1)
        remembered, hidden = self.gru(both, None if state is None else state.hidden)
        heard = self.mlp_out(torch.cat((both, remembered), dim=-1))
        return self._heads(heard, f0_hz), DecoderState(hidden)

    def _heads(self, heard: Tensor, f0_hz: Tensor) -> SynthControls:
        dtype = f0_hz.dtype  # under bf16 autocast the heads' outputs are bf16; synthesis is not
        amplitude = modified_sigmoid(self.head_amplitude(heard).to(dtype))
        shares = modified_sigmoid(self.head_harmonics(heard).to(dtype))
        shares = shares * audible_harmonics(f0_hz, self.config.n_harmonics, self.config.sample_rate)
        shares = shares / (shares.sum(dim=-1, keepdim=True) + 1e-12)
        noise_bands = modified_sigmoid(self.head_noise(heard).to(dtype))
        return SynthControls(f0_hz, amplitude * shares, noise_bands)
