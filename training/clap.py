"""The clap: a click followed by the room that a voice has learned, as one hears it by clapping."""

import io

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray

from ddsp_core.checkpoint import VoiceFile
from ddsp_core.room import Room


def clap(file: VoiceFile) -> NDArray[np.float32]:
    """A full-scale click through the voice's room. Shape: -> (reverb_len,)."""
    room = Room(file.config.reverb_len)
    room.load_state_dict({"taps": torch.from_numpy(file.tensors["room.taps"])})
    click = torch.zeros(1, file.config.reverb_len)
    click[0, 0] = 1.0
    with torch.inference_mode():
        heard, _ = room(click)
    return np.ascontiguousarray(heard[0].numpy(), dtype=np.float32)


def clap_as_wav(file: VoiceFile, copyright_line: str) -> bytes:
    """The clap as a WAV file: 32-bit float, one channel, at the voice's rate."""
    buffer, rate = io.BytesIO(), file.config.sample_rate
    with soundfile.SoundFile(buffer, "w", rate, channels=1, format="WAV", subtype="FLOAT") as sound:
        sound.copyright = copyright_line
        sound.write(clap(file))
    return buffer.getvalue()
