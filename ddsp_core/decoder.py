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
from ddsp_core.synths import DETUNING_SCALE, DETUNING_SEMITONES, SHARES, SynthName, head_sizes


class SynthControls(NamedTuple):
    """What drives the synthesizers, per frame.

    Shape:
        frequencies_hz: f0 (B, N), or of every sinusoid (B, N, K); amplitudes: of partials (B, N, K)
        or tables (B, N, W); noise_bands: gains (B, N, F). Linear.
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


def harmonic_series(f0_hz: Tensor, n_harmonics: int) -> Tensor:
    """f0 and its multiples. Shape: (B, N) -> (B, N, K)."""
    return f0_hz[..., None] * torch.arange(1, n_harmonics + 1, device=f0_hz.device)


def detuned(frequencies_hz: Tensor, detuning: Tensor) -> Tensor:
    """Partials moved by up to `DETUNING_SEMITONES` to either side. Shape: (B, N, K) each."""
    octaves = DETUNING_SEMITONES / 12.0 * torch.tanh(detuning / DETUNING_SCALE)
    return frequencies_hz * torch.exp2(octaves)


def first_tilt(numbers: Tensor) -> Tensor:
    """What an untrained head adds for partial k: its share then falls as k^-2.3, 14 dB an octave.

    For x far below 0 the modified sigmoid goes as exp(x ln 10), so x = -ln k gives k^-ln 10.
    With equal shares an instrument of few partials, a flute, makes the loss turn the whole tone
    down to be rid of the buzz; noise takes its place, and the tone never comes back.
    """
    return -torch.log(numbers)


class Decoder(nn.Module):
    """Maps f0 and loudness to what a synthesizer and the noise need, with memory.

    Args:
        config: sizes.
        synth: decides the last layers; see `synths`.

    Shape:
        f0_hz (B, N), loudness_db (B, N) -> SynthControls.
    """

    head_amplitude: nn.Linear
    head_noise: nn.Linear

    def __init__(self, config: DecoderConfig, synth: SynthName = "harmonic") -> None:
        super().__init__()
        self.config = config
        self.synth: SynthName = synth
        units = config.n_units
        self.mlp_f0 = mlp([1, units, units, units])
        self.mlp_loudness = mlp([1, units, units, units])
        self.gru = Gru(2 * units, units)
        self.mlp_out = mlp([3 * units, units, units, units])
        for name, size in head_sizes(synth, config.n_harmonics, config.n_bands).items():
            self.add_module(f"head_{name}", nn.Linear(units, size))
        nn.init.constant_(self.head_noise.bias, -5.0)  # begin with tone, not hiss (as magenta's)
        if synth != "wavetable":
            numbers = torch.arange(1, config.n_harmonics + 1)
            self.get_submodule(f"head_{SHARES[synth]}").bias.data = first_tilt(numbers.float())
        if synth == "sinusoidal":
            for parameter in self.get_submodule("head_detuning").parameters():
                nn.init.zeros_(parameter)

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
        noise_bands = modified_sigmoid(self.head_noise(heard).to(dtype))
        shares = self.get_submodule(f"head_{SHARES[self.synth]}")(heard).to(dtype)
        shares = modified_sigmoid(shares)
        frequencies_hz = f0_hz
        if self.synth != "wavetable":  # tables are band-limited where they are read
            partials_hz = harmonic_series(f0_hz, self.config.n_harmonics)
            if self.synth == "sinusoidal":
                detuning = self.get_submodule("head_detuning")(heard).to(dtype)
                partials_hz = frequencies_hz = detuned(partials_hz, detuning)
            shares = shares * (partials_hz < self.config.sample_rate / 2)
        shares = shares / (shares.sum(dim=-1, keepdim=True) + 1e-12)
        return SynthControls(frequencies_hz, amplitude * shares, noise_bands)
