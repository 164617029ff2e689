"""A voice that TorchScript can compile: what `nn_tilde` saves for Max and Pure Data.

The stages are those of `ddsp_core.voice`, in plain torch and without classes that TorchScript does
not know; noise is the very module. Tensors have the names of the voice file. The oscillators go
over all samples of a buffer at once, since a compiled kernel cannot travel in a TorchScript file.
"""

import math

import torch
from torch import Tensor, nn

from ddsp_core.checkpoint import VoiceFile
from ddsp_core.decoder import mlp, modified_sigmoid
from ddsp_core.scaling import InputScaling
from ddsp_core.tail import tail_envelope

Scaling = tuple[float, float, float, float]


def scaled(values: Tensor, scaling: Scaling) -> Tensor:
    """Clipped to (minimum, maximum), minus the mean, in deviations."""
    mean, deviation, minimum, maximum = scaling
    return (values.clamp(minimum, maximum) - mean) / deviation


class ScriptedDecoder(nn.Module):
    """As `ddsp_core.decoder.Decoder`, its state in and out as a tensor.

    Shape:
        f0_hz (B, N), loudness_db (B, N), hidden (1, B, U)
        -> harmonics (B, N, K), noise_bands (B, N, F), hidden (1, B, U)
    """

    def __init__(self, file: VoiceFile) -> None:
        super().__init__()
        config = file.config.decoder
        units = config.n_units
        self.n_harmonics, self.sample_rate = config.n_harmonics, config.sample_rate
        self.pitch, self.loudness = _as_tuple(config.pitch), _as_tuple(config.loudness)
        self.mlp_f0 = mlp([1, units, units, units])
        self.mlp_loudness = mlp([1, units, units, units])
        self.gru = nn.GRU(2 * units, units, batch_first=True)
        self.mlp_out = mlp([3 * units, units, units, units])
        self.head_harmonics = nn.Linear(units, config.n_harmonics)
        self.head_amplitude = nn.Linear(units, 1)
        self.head_noise = nn.Linear(units, config.n_bands)
        self.load_state_dict(
            {
                name.removeprefix("decoder."): torch.from_numpy(tensor)
                for name, tensor in file.tensors.items()
                if name.startswith("decoder.")
            }
        )

    def forward(
        self, f0_hz: Tensor, loudness_db: Tensor, hidden: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Controls for each frame, and the memory after the last."""
        note = 69.0 + 12.0 * torch.log2(f0_hz / 440.0)
        pitch = self.mlp_f0(scaled(note, self.pitch)[..., None])
        loudness = self.mlp_loudness(scaled(loudness_db, self.loudness)[..., None])
        both = torch.cat((pitch, loudness), dim=-1)
        remembered, hidden = self.gru(both, hidden)
        heard = self.mlp_out(torch.cat((both, remembered), dim=-1))
        amplitude = modified_sigmoid(self.head_amplitude(heard))
        shares = modified_sigmoid(self.head_harmonics(heard))
        partials_hz = f0_hz[..., None] * torch.arange(1, self.n_harmonics + 1, device=f0_hz.device)
        shares = shares * (partials_hz < self.sample_rate / 2)
        shares = shares / (shares.sum(dim=-1, keepdim=True) + 1e-12)
        return amplitude * shares, modified_sigmoid(self.head_noise(heard)), hidden


def oscillate(
    f0_hz: Tensor,
    harmonics: Tensor,
    phase_cycles: Tensor,
    last_f0_hz: Tensor,
    last_harmonics: Tensor,
    hop_size: int,
    sample_rate: float,
) -> tuple[Tensor, Tensor]:
    """Harmonic oscillators; see `ddsp_core.harmonic` for the phase of a ramp in closed form.

    A partial's amplitude goes linearly from its last frame to its next, so the sum over partials
    of both ends, two columns of one matrix product, is ramped instead of each partial.

    Shape:
        f0_hz (B, N), harmonics (B, N, K), phase_cycles (B,) float64, last_f0_hz (B,),
        last_harmonics (B, K) -> audio (B, N * hop_size), phase_cycles (B,)
    """
    f0 = f0_hz.double()
    before = torch.cat((last_f0_hz.double()[:, None], f0[:, :-1]), dim=1)
    i = torch.arange(1, hop_size + 1, dtype=torch.float64, device=f0.device)
    ramp = before[..., None] * i + (f0 - before)[..., None] * i * (i + 1.0) / (2.0 * hop_size)
    advance = ramp / sample_rate
    starts = phase_cycles[:, None] + advance[..., -1].cumsum(1) - advance[..., -1]
    phase = torch.remainder(starts[..., None] + advance, 1.0)
    numbers = torch.arange(1, harmonics.shape[-1] + 1, dtype=torch.float64, device=f0.device)
    cycles = torch.remainder(phase[..., None] * numbers, 1.0).to(harmonics.dtype)
    harmonics_before = torch.cat((last_harmonics[:, None], harmonics[:, :-1]), dim=1)
    ends = torch.stack((harmonics_before, harmonics), dim=-1)
    sums = torch.sin(2.0 * math.pi * cycles) @ ends
    weight = (i / hop_size).to(harmonics.dtype)
    audio = sums[..., 0] * (1.0 - weight) + sums[..., 1] * weight
    return audio.flatten(1), phase[:, -1, -1]


def convolve(heard: Tensor, spectrum: Tensor, size: int, n_samples: int) -> Tensor:
    """The last n_samples of what was heard (B, past + n_samples), through a response's spectrum."""
    wet: Tensor = torch.fft.irfft(torch.fft.rfft(heard, n=size) * spectrum, n=size)
    return wet[:, heard.shape[1] - n_samples : heard.shape[1]]


def power_of_two(at_least: int) -> int:
    """The next power of two.

    >>> power_of_two(129)
    256
    """
    size = 1
    while size < at_least:
        size = 2 * size
    return size


def room_response(file: VoiceFile) -> Tensor:
    """The room's impulse response without the direct sound. Shape: (reverb_len,)."""
    taps = torch.from_numpy(file.tensors["room.taps"][0])
    return torch.tanh(taps) * torch.from_numpy(tail_envelope(file.config.reverb_len)).to(taps)


def _as_tuple(scaling: InputScaling) -> Scaling:
    return scaling.mean, scaling.deviation, scaling.minimum, scaling.maximum
