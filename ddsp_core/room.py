"""The room: a learned impulse response, added to the direct sound.

Every tap is a trained parameter p through tanh, under a fixed envelope that falls by 60 dB over the
response: tanh keeps any tap below 1, the envelope keeps the optimizer's jitter, equal for all taps,
from adding up to a tail of hiss. One row of parameters a recording room lets several rooms teach
one dry instrument.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from ddsp_core.convolution import convolve
from ddsp_core.tail import tail_envelope


class RoomState(NamedTuple):
    """The last length samples of dry sound. Shape: (B, length)."""

    past: Tensor


class Room(nn.Module):
    """Adds `mix` times the learned reverberation to the sound.

    Args:
        length: samples of the impulse response, 1 or more; tap 0 is the direct sound and stays 1.
        n_rooms: how many rooms to learn.

    Shape:
        audio (B, T), room (B,) int64, mix (B, T) or a number -> (B, T).
    """

    envelope: Tensor

    def __init__(self, length: int, n_rooms: int = 1) -> None:
        super().__init__()
        self.length = length
        self.taps = nn.Parameter(1e-4 * torch.randn(n_rooms, length))
        self.register_buffer("envelope", torch.from_numpy(tail_envelope(length)), persistent=False)

    def impulse_responses(self) -> Tensor:
        """Reverberation without the direct sound. Shape: (n_rooms, length)."""
        return torch.tanh(self.taps) * self.envelope.to(self.taps.dtype)

    def forward(
        self,
        audio: Tensor,
        state: RoomState | None = None,
        room: Tensor | None = None,
        mix: Tensor | float = 1.0,
    ) -> tuple[Tensor, RoomState]:
        """Dry sound plus reverberation."""
        n_batch, n_samples = audio.shape
        past = audio.new_zeros(n_batch, self.length) if state is None else state.past
        heard = torch.cat((past, audio), dim=1)
        responses = self.impulse_responses()
        if room is None:
            responses = responses[:1]
        rows = room if len(responses) > 1 else None
        size = fast_fft_size(heard.shape[1])
        # the wrap-around lands in the past, which is dropped
        reverberation = convolve(heard, responses, size, rows)
        wet = reverberation[:, self.length : self.length + n_samples]
        return audio + mix * wet, RoomState(heard[:, n_samples:])


def fast_fft_size(at_least: int) -> int:
    """Next size made of 2, 3 and 5, which FFT libraries do fast.

    >>> fast_fft_size(47)
    48
    """
    size = at_least
    while True:
        rest = size
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return size
        size += 1
