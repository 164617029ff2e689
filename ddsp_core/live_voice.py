"""A voice as it plays: the compiled steps in a row. No torch. `voice.Voice` is the reference."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.checkpoint import VoiceFile
from ddsp_core.errors import VoiceError
from ddsp_core.harmonic import HarmonicOscillators, HarmonicState
from ddsp_core.live_decoder import DecoderStep, DecoderStepState
from ddsp_core.live_noise import NoiseStep, NoiseStepState
from ddsp_core.live_room import RoomStep, RoomStepState
from ddsp_core.tail import tail_envelope

Array = NDArray[np.float32]


class LiveInputs(NamedTuple):
    """Shape: (N,) each, but white and room_mix (N, hop_size). Gains are linear."""

    f0_hz: Array
    loudness_db: Array
    harmonic_gain: Array
    noise_gain: Array
    white: Array
    room_mix: Array


class LiveState(NamedTuple):
    """Memory of all four stages."""

    decoder: DecoderStepState
    oscillators: HarmonicState
    noise: NoiseStepState
    room: RoomStepState


class LiveVoice:
    """From pitch and loudness to sound, hop by hop.

    Args:
        file: a loaded voice.

    Shape:
        LiveInputs of N hops -> audio (N, hop_size).
    """

    def __init__(self, file: VoiceFile) -> None:
        config = file.config
        self.config = config
        self.decoder = DecoderStep(file)
        if config.synth != "harmonic":
            raise VoiceError("synth", f"{config.synth!r}", "harmonic, so far")
        self.oscillators = HarmonicOscillators(config.sample_rate, config.hop_size)
        self.noise = NoiseStep(config.decoder.n_bands, config.hop_size)
        response = np.tanh(file.tensors["room.taps"][0]) * tail_envelope(config.reverb_len)
        self.room = RoomStep(response.astype(np.float32), config.hop_size)

    def forward(
        self, inputs: LiveInputs, state: LiveState | None = None
    ) -> tuple[Array, LiveState]:
        """Sound in the room."""
        before = state or (None, None, None, None)
        (harmonics, bands), decoder = self.decoder.forward(
            (inputs.f0_hz, inputs.loudness_db), before[0]
        )
        harmonics *= inputs.harmonic_gain[:, None]
        bands *= inputs.noise_gain[:, None]
        tone, oscillators = self.oscillators.forward((inputs.f0_hz, harmonics), before[1])
        breath, noise = self.noise.forward((bands, inputs.white), before[2])
        dry = tone.reshape(breath.shape) + breath
        wet, room = self.room.forward((dry, inputs.room_mix), before[3])
        return wet, LiveState(decoder, oscillators, noise, room)
