"""A voice as trained, in torch: decoder, oscillators, noise, room. `live_voice` plays it."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from ddsp_core.checkpoint import VoiceConfig, VoiceFile
from ddsp_core.decoder import Decoder, DecoderState
from ddsp_core.harmonic_torch import HarmonicBatchState, HarmonicSynth
from ddsp_core.noise import FilteredNoise, NoiseState
from ddsp_core.room import Room, RoomState
from ddsp_core.sinusoidal_torch import SinusoidalBatchState, SinusoidalSynth
from ddsp_core.wavetable_torch import WavetableBatchState, WavetableSynth

OscillatorState = HarmonicBatchState | SinusoidalBatchState | WavetableBatchState


class VoiceInputs(NamedTuple):
    """Shape: f0_hz, loudness_db (B, N); white (B, N * hop) in -1...1; room (B,) int64 or None."""

    f0_hz: Tensor
    loudness_db: Tensor
    white: Tensor
    room: Tensor | None = None


class VoiceState(NamedTuple):
    """Memory of all four stages."""

    decoder: DecoderState
    oscillators: OscillatorState
    noise: NoiseState
    room: RoomState


def torch_synth(config: VoiceConfig) -> HarmonicSynth | SinusoidalSynth | WavetableSynth:
    """What makes the tone of such a voice."""
    rate, hop_size = config.sample_rate, config.hop_size
    if config.synth == "wavetable":
        return WavetableSynth(config.decoder.n_harmonics, rate, hop_size)
    if config.synth == "sinusoidal":
        return SinusoidalSynth(rate, hop_size)
    return HarmonicSynth(rate, hop_size)


class Voice(nn.Module):
    """From pitch and loudness to sound.

    Args:
        config: sizes.
        n_rooms: rooms learned side by side; a voice that ships has one.

    Shape:
        VoiceInputs -> audio (B, N * hop_size).
    """

    def __init__(self, config: VoiceConfig, n_rooms: int = 1) -> None:
        super().__init__()
        self.config = config
        self.decoder = Decoder(config.decoder, config.synth)
        self.oscillators = torch_synth(config)
        self.noise = FilteredNoise(config.hop_size)
        self.room = Room(config.reverb_len, n_rooms)

    def forward(
        self, inputs: VoiceInputs, state: VoiceState | None = None
    ) -> tuple[Tensor, VoiceState]:
        """Sound in the room."""
        dry, decoder, oscillators, noise = self.dry(inputs, state)
        wet, room = self.room(dry, state.room if state else None, inputs.room)
        return wet, VoiceState(decoder, oscillators, noise, room)

    def dry(
        self, inputs: VoiceInputs, state: VoiceState | None = None
    ) -> tuple[Tensor, DecoderState, OscillatorState, NoiseState]:
        """Sound before the room, and the memory of the three stages that made it."""
        f0_hz, loudness_db, white, _ = inputs
        controls, decoder = self.decoder((f0_hz, loudness_db), state.decoder if state else None)
        with torch.autocast(f0_hz.device.type, enabled=False):
            tone, oscillators = self.oscillators(
                (controls.frequencies_hz, controls.amplitudes),
                state.oscillators if state else None,
            )
            breath, noise = self.noise(
                (controls.noise_bands, white), state.noise if state else None
            )
        return tone + breath, decoder, oscillators, noise


def voice_from_file(file: VoiceFile) -> Voice:
    """The torch voice that a file describes, ready to resynthesise."""
    voice = Voice(file.config)
    tensors = {name: torch.from_numpy(tensor) for name, tensor in file.tensors.items()}
    voice.load_state_dict(tensors, strict=True)
    return voice.eval()
