"""A voice as it plays: one compiled call a block, without Python between its stages. No torch.

Called one by one, with Python and other programs in between, each stage would find its code and
data gone from the caches: half of a block's time went that way. `voice.Voice` is the reference.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.attack import raise_noise
from ddsp_core.checkpoint import VoiceFile
from ddsp_core.harmonic import HarmonicOscillators, Reals
from ddsp_core.live_decoder import DecoderStep, DecoderStepState, Weights, decode
from ddsp_core.live_heads import HeadTables, place_and_share
from ddsp_core.live_noise import NoiseStep, NoiseStepState, add_noise
from ddsp_core.live_oscillators import (
    SINUSOIDAL,
    ToneState,
    ToneTables,
    add_tone,
    silent_tone,
    tone_tables,
)
from ddsp_core.live_room import RoomStep, RoomStepState, RoomTables, add_room
from ddsp_core.products import Storage
from ddsp_core.shaping import START_HZ
from ddsp_core.sinusoidal import SinusoidalOscillators
from ddsp_core.streaming import Stage
from ddsp_core.tail import tail_envelope
from ddsp_core.units import DB_FLOOR
from ddsp_core.wavetable import WavetableOscillators

Array = NDArray[np.float32]

SILENT_HZ, SILENT_DB = np.float32(START_HZ), np.float32(DB_FLOOR)
"""Of the precision of readings, so that the kernel is compiled for no other."""


class LiveInputs(NamedTuple):
    """Shape: (N,) each, but white and room_mix (N, hop_size). Gains and scratch are linear."""

    f0_hz: Array
    loudness_db: Array
    harmonic_gain: Array
    noise_gain: Array
    scratch: Array
    white: Array
    room_mix: Array


class LiveTables(NamedTuple):
    """What the stages compute with; nothing of it changes while they play."""

    decoder: Weights
    heads: HeadTables
    tone: ToneTables
    noise: Array
    room: RoomTables


class LiveState(NamedTuple):
    """Memory of all four stages; like the room's it belongs to whom it is handed."""

    decoder: DecoderStepState
    tone: ToneState
    noise: NoiseStepState
    room: RoomStepState
    bands: Array  # (F,), of the last hop: nothing computes with them, but people look at them


@njit(nogil=True, cache=True)
def play_hop(
    tables: LiveTables, state: LiveState, f0_hz: float, loudness_db: float, harmonic_gain: float,
    noise_gain: float, scratch: float, tone_level: Array, white: Array, room_mix: Array, out: Array,
) -> bool:  # fmt: skip
    """One hop: out (H,) = tone and noise in the room; the state moves on in place.

    `tone_level` (H,) is a gain of the whole tone, sample by sample; the noise's is in `white`.
    What is no number does not get far: tables are read by f0 and loudness, and a room would ring on
    with it for seconds. Returns whether all were numbers; else the hop has neither tone nor noise.
    """
    is_well = f0_hz > 0.0 and np.isfinite(f0_hz) and np.isfinite(loudness_db)
    if not is_well:
        f0_hz, loudness_db = SILENT_HZ, SILENT_DB  # type: ignore[assignment]
        harmonic_gain = noise_gain = 0.0
    n_shares, n_bands = len(tables.heads.numbers), tables.noise.shape[1]
    heads = np.empty(len(tables.decoder.heads_bias), np.float32)
    decode(tables.decoder, f0_hz, loudness_db, state.decoder.hidden, heads)
    frequencies_hz = np.empty(n_shares, np.float32)
    amplitudes, bands = np.empty(n_shares, np.float32), np.empty(n_bands, np.float32)
    place_and_share(tables.heads, heads, f0_hz, frequencies_hz, amplitudes, bands)
    raise_noise(amplitudes, bands, scratch)
    for k in range(n_shares):
        amplitudes[k] *= harmonic_gain
    for i in range(n_bands):
        bands[i] *= noise_gain
    state.bands[:] = bands
    dry = np.zeros_like(out)
    heard_hz = np.full(len(state.tone.frequencies_hz), np.float64(f0_hz))
    if tables.tone.synth == SINUSOIDAL:
        heard_hz[:] = frequencies_hz
    add_tone(tables.tone, state.tone, heard_hz, amplitudes, dry)
    for i in range(len(dry)):
        dry[i] *= tone_level[i]
    add_noise(tables.noise, bands, white, state.noise.tail, dry)
    if not np.isfinite(dry).all():
        dry[:] = 0.0
        is_well = False
    add_room(tables.room, state.room, dry, room_mix, out)
    return is_well


@njit(nogil=True, cache=True)
def _play_hops(tables: LiveTables, state: LiveState, inputs: LiveInputs, out: Array) -> None:
    tone_level = np.ones(out.shape[1], np.float32)
    for n in range(len(out)):
        play_hop(
            tables, state, inputs.f0_hz[n], inputs.loudness_db[n], inputs.harmonic_gain[n],
            inputs.noise_gain[n], inputs.scratch[n], tone_level, inputs.white[n],
            inputs.room_mix[n], out[n],
        )  # fmt: skip


def live_oscillators(file: VoiceFile) -> Stage[tuple[Reals, Reals], Reals, Any]:
    """What makes the tone of this voice, as a stage of its own."""
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
        storage: how the decoder's weights are kept; see `products`.

    Shape:
        LiveInputs of N hops -> audio (N, hop_size).
    """

    def __init__(self, file: VoiceFile, storage: Storage = "float32") -> None:
        config = file.config
        self.config = config
        self.decoder = DecoderStep(file, storage)
        self.oscillators = live_oscillators(file)
        self.noise = NoiseStep(config.decoder.n_bands, config.hop_size)
        response = np.tanh(file.tensors["room.taps"][0]) * tail_envelope(config.reverb_len)
        self.room = RoomStep(response.astype(np.float32), config.hop_size)
        self.tables = LiveTables(
            self.decoder.weights, self.decoder.heads.tables, tone_tables(file), self.noise.matrix,
            self.room.tables,
        )  # fmt: skip

    def forward(
        self, inputs: LiveInputs, state: LiveState | None = None
    ) -> tuple[Array, LiveState]:
        """Sound in the room. Takes `state` over."""
        state = self.start() if state is None else state
        out = np.empty_like(inputs.white)
        _play_hops(self.tables, state, inputs, out)
        return out, state

    def start(self) -> LiveState:
        """The state before the first hop: silence."""
        tone = silent_tone(self.config)
        bands = np.zeros(self.config.decoder.n_bands, np.float32)
        return LiveState(self.decoder.start(), tone, self.noise.start(), self.room.start(), bands)
