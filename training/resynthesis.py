"""Plays a trained voice offline from the features of a clip, for evaluation and listening."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from ddsp_core.checkpoint import load_voice
from ddsp_core.voice import Voice, VoiceInputs, voice_from_file
from training.augmentation import Batch
from training.losses import SpectralLoss

Audio = NDArray[np.float32]


class Loaded(NamedTuple):
    """A voice from disk: how it plays, what features it wants, which room it was left with."""

    play: Callable[[Batch], Audio]
    definition: dict[str, Any]
    room: str | None


def load_player(folder: Path) -> Loaded:
    """The voice in `folder`; raises VoiceError where there is none or it is damaged."""
    file = load_voice(folder)
    return Loaded(player(voice_from_file(file)), file.definition, file.provenance.get("room"))


def player(voice: Voice, seed: int = 0) -> Callable[[Batch], Audio]:
    """Resynthesises batches of one: (1, N) features to (N * hop,) samples, each from rest.

    A voice with a room for every recording room plays in the clip's; one with a single room (as
    voices ship) plays everything there.
    """
    has_rooms = len(voice.room.impulse_responses()) > 1

    def play(batch: Batch) -> Audio:
        rng = np.random.default_rng(seed)
        white = rng.uniform(-1.0, 1.0, batch.audio.shape).astype(np.float32)
        inputs = VoiceInputs(
            torch.from_numpy(batch.f0_hz),
            torch.from_numpy(batch.loudness_db),
            torch.from_numpy(white),
            torch.from_numpy(batch.room) if has_rooms else None,
        )
        with torch.inference_mode():
            audio, _ = voice(inputs)
        return np.ascontiguousarray(audio[0].numpy(), dtype=np.float32)

    return play


def spectral_loss(recorded: Audio, played: Audio) -> float:
    """The training loss, over all its windows. Shape: (T,), (T,)."""
    pair = (torch.from_numpy(np.ascontiguousarray(x))[None] for x in (played, recorded))
    with torch.inference_mode():
        return float(SpectralLoss()(*pair))
