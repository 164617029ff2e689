"""A voice as it plays: the compiled steps in a row. No torch. `voice.Voice` is the reference."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.checkpoint import VoiceFile
from ddsp_core.harmonic import HarmonicOscillators, HarmonicState, Reals
from ddsp_core.live_decoder import DecoderStep, DecoderStepState
from ddsp_core.live_noise import NoiseStep, NoiseStepState
from ddsp_core.live_room import RoomStep, RoomStepState
from ddsp_core.sinusoidal import SinusoidalOscillators, SinusoidalState
from ddsp_core.streaming import Stage
from ddsp_core.tail import tail_envelope
from ddsp_core.wavetable import WavetableOscillators, WavetableState

Array = NDArray[np.float32]
OscillatorState = HarmonicState | SinusoidalState | WavetableState


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
    oscillators: OscillatorState
    noise: NoiseStepState
    room: RoomStepState


def live_oscillators(file: VoiceFile) -> Stage[tuple[Reals, Reals], Reals, Any]:
    """What makes the tone of this voice."""
    rate, hop_size = file.config.sample_rate, file.config.hop_size
    if file.config.synth == "wavetable":
        return WavetableOscillators(file.tensors["oscillators.tables"], rate, hop_size)
    if file.config.synth == "sinusoidal":
        return SinusoidalOscillators(rate, hop_size)
    return HarmonicOscillators(rate, hop_size)


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
        self.oscillators = live_oscillators(file)
        self.noise = NoiseStep(config.decoder.n_bands, config.hop_size)
        response = np.tanh(file.tensors["room.taps"][0]) * tail_envelope(config.reverb_len)
        self.room = RoomStep(response.astype(np.float32), config.hop_size)

    def forward(
        self, inputs: LiveInputs, state: LiveState | None = None
    ) -> tuple[Array, LiveState]:
        """Sound in the room."""
        before = state or (None, None, None, None)
        (frequencies_hz, amplitudes, bands), decoder = self.decoder.forward(
            (inputs.f0_hz, inputs.loudness_db), before[0]
        )
        amplitudes *= inputs.harmonic_gain[:, None]
        bands *= inputs.noise_gain[:, None]
        tone, oscillators = self.oscillators.forward((frequencies_hz, amplitudes), before[1])
        breath, noise = self.noise.forward((bands, inputs.white), before[2])
        dry = tone.reshape(breath.shape) + breath
        wet, room = self.room.forward((dry, inputs.room_mix), before[3])
        return wet, LiveState(decoder, oscillators, noise, room)
