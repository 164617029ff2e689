"""A voice as a TorchScript module for nn~, the object of Max and Pure Data that plays networks.

Source: nn~ and its Python side, https://github.com/acids-ircam/nn_tilde. It calls a method with
(B, channels, buffer / in_ratio), where each inlet is thinned to the last of every `in_ratio`
samples, in buffers that are powers of two, all the time; memory between buffers is the module's.

This is the one place where a voice keeps its state inside, and where noise is drawn inside.
"""

import io
import warnings
from typing import Final

import nn_tilde
import torch
from torch import Tensor

from ddsp_core.checkpoint import VoiceFile
from ddsp_core.errors import VoiceError
from ddsp_core.units import DB_FLOOR
from training.scripted_voice import (
    ScriptedDecoder,
    convolve,
    filter_noise,
    power_of_two,
    room_response,
    scripted_synth,
)


class NnVoice(nn_tilde.Module):  # type: ignore[misc]
    """A voice with its state inside.

    Methods for nn~:
        forward: f0 in Hz and loudness in dB, the last sample of each hop counts -> audio.
        with_noise: the same and white noise in -1...1, sample by sample -> audio.

    Attributes for nn~:
        room_mix: how much of the room is added, 0...1; ramps over a buffer.
        noise_gain: factor on the noise, 0...4.

    Raises:
        VoiceError: a hop that nn~ cannot have.
    """

    hop_size: Final[int]
    sample_rate: Final[float]
    no_sound_db: Final[float]
    """What an inlet that brings no number counts as."""

    response: Tensor
    spectrum: Tensor
    hidden: Tensor
    phases_cycles: Tensor
    frequencies_hz: Tensor
    amplitudes: Tensor
    tail: Tensor
    past: Tensor

    def __init__(self, file: VoiceFile) -> None:
        super().__init__()
        config = file.config
        check_playable(file)
        self.hop_size, self.sample_rate = config.hop_size, float(config.sample_rate)
        self.no_sound_db = DB_FLOOR
        self.decoder = ScriptedDecoder(file).requires_grad_(False)
        self.oscillators = scripted_synth(file).requires_grad_(False)
        self.register_buffer("response", room_response(file))
        self.register_buffer("spectrum", torch.zeros(1, dtype=torch.complex64))
        for name in ("hidden", "phases_cycles", "frequencies_hz", "amplitudes", "tail", "past"):
            self.register_buffer(name, torch.zeros(0))
        self.is_at_rest = True
        self.room_mix_before = 1.0
        self.register_attribute("room_mix", 1.0)
        self.register_attribute("noise_gain", 1.0)
        features = [f"(signal) f0 in Hz, at {config.sample_rate} Hz", "(signal) loudness in dB"]
        heard = ["(signal) audio"]
        self.register_method("forward", 2, self.hop_size, 1, 1, features, heard)
        inputs = [*features, "(signal) white noise, -1 to 1"]
        self.register_method("with_noise", 3, 1, 1, 1, inputs, heard)
        self.is_at_rest = True  # registering has played a little
        self._start(1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, 2, N) frames -> (B, 1, N * hop_size) samples."""
        white = 2.0 * torch.rand(x.shape[0], x.shape[2] * self.hop_size, device=x.device) - 1.0
        return self.play(x[:, 0], x[:, 1], white)

    @torch.jit.export
    def with_noise(self, x: Tensor) -> Tensor:
        """(B, 3, T) samples -> (B, 1, T) samples."""
        frames = x[:, :, self.hop_size - 1 :: self.hop_size]
        return self.play(frames[:, 0], frames[:, 1], x[:, 2].contiguous())

    @torch.jit.export
    def play(self, f0_hz: Tensor, loudness_db: Tensor, white: Tensor) -> Tensor:
        """(B, N), (B, N), (B, N * hop_size) -> (B, 1, N * hop_size), and moves the state on."""
        # A patch may send anything: one NaN would otherwise stay in the memory for good.
        f0_hz = torch.nan_to_num(f0_hz, 0.0, 0.0, 0.0).clamp(0.0, 0.5 * self.sample_rate)
        loudness_db = torch.nan_to_num(loudness_db, self.no_sound_db, self.no_sound_db)
        starts = self.is_at_rest or len(f0_hz) != len(self.past)
        if starts:
            self._start(len(f0_hz))
        frequencies_hz, amplitudes, bands, self.hidden = self.decoder(
            f0_hz, loudness_db, self.hidden
        )
        if starts:
            self.frequencies_hz = frequencies_hz[:, 0]
            self.phases_cycles = torch.zeros_like(self.frequencies_hz).double()
            self.amplitudes = torch.zeros_like(amplitudes[:, 0])
        tone, self.phases_cycles = self.oscillators(
            frequencies_hz, amplitudes, self.phases_cycles, self.frequencies_hz, self.amplitudes
        )
        bands = bands * self.noise_gain[0]
        breath, self.tail = filter_noise(bands, white, self.tail)
        self.frequencies_hz, self.amplitudes = frequencies_hz[:, -1], amplitudes[:, -1]
        self.is_at_rest = False
        return self._in_the_room(tone + breath)[:, None]

    def _in_the_room(self, dry: Tensor) -> Tensor:
        """Dry sound plus room_mix of its reverberation. Shape: (B, T) -> (B, T)."""
        n_samples = dry.shape[1]
        heard = torch.cat((self.past, dry), dim=1)
        size = power_of_two(heard.shape[1])
        if len(self.spectrum) != size // 2 + 1:
            self.spectrum = torch.fft.rfft(self.response, n=size)
        ramp = torch.arange(1, n_samples + 1, device=dry.device) / n_samples
        mix = self.room_mix_before + (self.room_mix[0] - self.room_mix_before) * ramp
        self.room_mix_before = self.room_mix[0]
        self.past = heard[:, n_samples:]
        return dry + mix * convolve(heard, self.spectrum, size, n_samples)

    def _start(self, n_batch: int) -> None:
        """Memory as before the first sample; that of the oscillators follows their first frame."""
        units, n_bands = self.decoder.head_noise.in_features, self.decoder.head_noise.out_features
        n_over = (2 * n_bands - 3 + self.hop_size - 1) // self.hop_size
        self.hidden = torch.zeros(1, n_batch, units, device=self.response.device)
        self.tail = torch.zeros(n_batch, n_over * self.hop_size, device=self.response.device)
        self.past = torch.zeros(n_batch, len(self.response), device=self.response.device)

    @torch.jit.export
    def get_room_mix(self) -> float:
        """How much of the room is added."""
        return self.room_mix[0]

    @torch.jit.export
    def set_room_mix(self, value: float) -> int:
        """0...1; anything else is refused with -1."""
        if not 0.0 <= value <= 1.0:
            return -1
        self.room_mix = (value,)
        return 0

    @torch.jit.export
    def get_noise_gain(self) -> float:
        """Factor on the noise."""
        return self.noise_gain[0]

    @torch.jit.export
    def set_noise_gain(self, value: float) -> int:
        """0...4; anything else is refused with -1."""
        if not 0.0 <= value <= 4.0:
            return -1
        self.noise_gain = (value,)
        return 0


def check_playable(file: VoiceFile) -> None:
    """Raises VoiceError where nn~ could not play the voice."""
    hop_size = file.config.hop_size
    if power_of_two(hop_size) != hop_size:
        allowed = "a power of two, since the buffers of nn~ are"
        raise VoiceError("--format nn~", f"hop_size {hop_size}", allowed, "train with hop_size=128")


def as_torchscript(file: VoiceFile) -> bytes:
    """The voice as a file for nn~.

    Raises:
        VoiceError: nn~ could not play it.
    """
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # TorchScript is deprecated in torch, but it is what nn~ loads.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.save(torch.jit.script(NnVoice(file).eval()), buffer)
    return buffer.getvalue()
