"""A voice that TorchScript can compile: what `nn_tilde` saves for Max and Pure Data.

The stages are those of `ddsp_core.voice`, with their state as tensors. The oscillators are the
plain torch references of the compiled kernels, which cannot travel in a TorchScript file. Decoder
and noise are written once more, without classes and gradients that TorchScript does not know.
Tensors have the names of the voice file.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ddsp_core.checkpoint import VoiceFile
from ddsp_core.decoder import mlp, modified_sigmoid
from ddsp_core.harmonic_torch import HarmonicBatchState, HarmonicSynth
from ddsp_core.noise import band_filters
from ddsp_core.scaling import InputScaling
from ddsp_core.sinusoidal_torch import SinusoidalSynth
from ddsp_core.synths import DETUNING_SCALE, DETUNING_SEMITONES, SHARES, head_sizes
from ddsp_core.tail import tail_envelope
from ddsp_core.wavetable_torch import WavetableSynth

Scaling = tuple[float, float, float, float]


def scaled(values: Tensor, scaling: Scaling) -> Tensor:
    """Clipped to (minimum, maximum), minus the mean, in deviations."""
    mean, deviation, minimum, maximum = scaling
    return (values.clamp(minimum, maximum) - mean) / deviation


class ScriptedDecoder(nn.Module):
    """As `ddsp_core.decoder.Decoder`, its state in and out as a tensor.

    Shape:
        f0_hz (B, N), loudness_db (B, N), hidden (1, B, U)
        -> frequencies_hz (B, N) or (B, N, K), amplitudes (B, N, K or W), noise_bands (B, N, F),
        hidden (1, B, U)
    """

    has_free_partials: Final[bool]
    has_tables: Final[bool]
    detuning_octaves: Final[float]
    detuning_scale: Final[float]

    def __init__(self, file: VoiceFile) -> None:
        super().__init__()
        config, synth = file.config.decoder, file.config.synth
        units = config.n_units
        self.has_free_partials, self.has_tables = synth == "sinusoidal", synth == "wavetable"
        self.detuning_octaves = DETUNING_SEMITONES / 12.0
        self.detuning_scale = DETUNING_SCALE
        self.n_harmonics, self.sample_rate = config.n_harmonics, config.sample_rate
        self.pitch, self.loudness = _as_tuple(config.pitch), _as_tuple(config.loudness)
        self.mlp_f0 = mlp([1, units, units, units])
        self.mlp_loudness = mlp([1, units, units, units])
        self.gru = nn.GRU(2 * units, units, batch_first=True)
        self.mlp_out = mlp([3 * units, units, units, units])
        sizes = head_sizes(synth, config.n_harmonics, config.n_bands)
        self.head_shares = nn.Linear(units, sizes[SHARES[synth]])
        self.head_amplitude = nn.Linear(units, 1)
        self.head_noise = nn.Linear(units, config.n_bands)
        free = nn.Linear(units, config.n_harmonics) if self.has_free_partials else nn.Identity()
        self.head_detuning = free
        named = {
            name.replace(f"head_{SHARES[synth]}.", "head_shares."): tensor
            for name, tensor in tensors_of(file, "decoder.").items()
        }
        self.load_state_dict(named)

    def forward(
        self, f0_hz: Tensor, loudness_db: Tensor, hidden: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Controls for each frame, and the memory after the last."""
        note = 69.0 + 12.0 * torch.log2(f0_hz / 440.0)
        pitch = self.mlp_f0(scaled(note, self.pitch)[..., None])
        loudness = self.mlp_loudness(scaled(loudness_db, self.loudness)[..., None])
        both = torch.cat((pitch, loudness), dim=-1)
        remembered, hidden = self.gru(both, hidden)
        heard = self.mlp_out(torch.cat((both, remembered), dim=-1))
        amplitude = modified_sigmoid(self.head_amplitude(heard))
        shares = modified_sigmoid(self.head_shares(heard))
        frequencies_hz = f0_hz
        if not self.has_tables:
            numbers = torch.arange(1, self.n_harmonics + 1, device=f0_hz.device)
            partials_hz = f0_hz[..., None] * numbers
            if self.has_free_partials:
                reach = torch.tanh(self.head_detuning(heard) / self.detuning_scale)
                partials_hz = partials_hz * torch.exp2(self.detuning_octaves * reach)
                frequencies_hz = partials_hz
            shares = shares * (partials_hz < self.sample_rate / 2)
        shares = shares / (shares.sum(dim=-1, keepdim=True) + 1e-12)
        noise_bands = modified_sigmoid(self.head_noise(heard))
        return frequencies_hz, amplitude * shares, noise_bands, hidden


class ScriptedHarmonic(HarmonicSynth):
    """The reference of `HarmonicSynth`.

    Shape, here and below:
        frequencies_hz (B, N, ...), amplitudes (B, N, A), phases_cycles (B, ...) float64,
        last_frequencies_hz (B, ...), last_amplitudes (B, A)
        -> audio (B, N * hop_size), phases_cycles (B, ...)
    """

    def forward(  # type: ignore[override]
        self,
        frequencies_hz: Tensor,
        amplitudes: Tensor,
        phases_cycles: Tensor,
        last_frequencies_hz: Tensor,
        last_amplitudes: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """One phase, its multiples."""
        state = HarmonicBatchState(phases_cycles, last_frequencies_hz, last_amplitudes)
        return self.reference(frequencies_hz, amplitudes, state)


class ScriptedSinusoidal(SinusoidalSynth):
    """The reference of `SinusoidalSynth`."""

    def forward(  # type: ignore[override]
        self,
        frequencies_hz: Tensor,
        amplitudes: Tensor,
        phases_cycles: Tensor,
        last_frequencies_hz: Tensor,
        last_amplitudes: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """A phase a partial."""
        frequencies_hz = torch.cat((last_frequencies_hz[:, None], frequencies_hz), dim=1)
        amplitudes = torch.cat((last_amplitudes[:, None], amplitudes), dim=1)
        return self.reference(frequencies_hz, amplitudes, phases_cycles)


class ScriptedWavetable(WavetableSynth):
    """The reference of `WavetableSynth`."""

    def forward(  # type: ignore[override]
        self,
        frequencies_hz: Tensor,
        amplitudes: Tensor,
        phases_cycles: Tensor,
        last_frequencies_hz: Tensor,
        last_amplitudes: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """One phase, tables read at it."""
        f0_hz = torch.cat((last_frequencies_hz[:, None], frequencies_hz), dim=1)
        amplitudes = torch.cat((last_amplitudes[:, None], amplitudes), dim=1)
        return self.reference(f0_hz, self.mix(amplitudes, f0_hz), phases_cycles)


def scripted_synth(file: VoiceFile) -> nn.Module:
    """What makes the tone of a voice."""
    rate, hop_size = file.config.sample_rate, file.config.hop_size
    if file.config.synth == "wavetable":
        tables = ScriptedWavetable(file.config.decoder.n_harmonics, rate, hop_size)
        tables.load_state_dict(tensors_of(file, "oscillators."))
        return tables
    kinds = {"harmonic": ScriptedHarmonic, "sinusoidal": ScriptedSinusoidal}
    return kinds[file.config.synth](rate, hop_size)


def filter_noise(bands: Tensor, white: Tensor, tail: Tensor) -> tuple[Tensor, Tensor]:
    """As `ddsp_core.noise.FilteredNoise`: each hop through its filter, responses added up.

    Shape:
        bands (B, N, F), white (B, N * hop_size), tail (B, a multiple of hop_size)
        -> audio (B, N * hop_size), tail
    """
    n_batch, n_frames, _ = bands.shape
    hop_size = white.shape[1] // n_frames
    n_over = tail.shape[1] // hop_size
    size = tail.shape[1] + hop_size
    spectra = torch.fft.rfft(white.reshape(n_batch, n_frames, hop_size), n=size)
    pieces = torch.fft.irfft(spectra * torch.fft.rfft(band_filters(bands), n=size), n=size)
    audio = torch.cat((tail, torch.zeros_like(white)), dim=1)
    for i in range(n_over + 1):
        part = pieces[..., i * hop_size : (i + 1) * hop_size].flatten(1)
        audio[:, i * hop_size : i * hop_size + part.shape[1]] += part
    return audio[:, : white.shape[1]], audio[:, white.shape[1] :]


def room_response(file: VoiceFile) -> Tensor:
    """The room's impulse response without the direct sound. Shape: (reverb_len,)."""
    taps = torch.from_numpy(file.tensors["room.taps"][0])
    return torch.tanh(taps) * torch.from_numpy(tail_envelope(file.config.reverb_len)).to(taps)


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


def tensors_of(file: VoiceFile, stage: str) -> dict[str, Tensor]:
    """A stage's tensors, by their names within it."""
    tensors: Mapping[str, NDArray[np.float32]] = file.tensors
    return {
        name.removeprefix(stage): torch.from_numpy(tensor)
        for name, tensor in tensors.items()
        if name.startswith(stage)
    }


def _as_tuple(scaling: InputScaling) -> Scaling:
    return scaling.mean, scaling.deviation, scaling.minimum, scaling.maximum
