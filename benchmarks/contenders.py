"""Two systems that learn the same instrument: ours, and acids-ircam/ddsp_pytorch.

The peer comes as a checkout (`git clone https://github.com/acids-ircam/ddsp_pytorch`; nothing of it
is here) and trains as its own train.py does: model, loss, Adam at 1e-3. It is told our f0 and our
loudness, the latter centred and scaled as its train.py does with its own. librosa and crepe, which
it imports to find features, need not be installed.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from ddsp_core.checkpoint import DecoderConfig, VoiceConfig
from ddsp_core.scaling import InputScaling
from ddsp_core.voice import Voice, VoiceInputs
from training.losses import spectral_loss_from
from training.recipe import Recipe

PEER_SCALES = (4096, 2048, 1024, 512, 256, 128)
PEER_OVERLAP = 0.75
PEER_LEARNING_RATE = 1e-3


class Heard(NamedTuple):
    """Shape: f0_hz, loudness_db (B, N); audio (B, N * hop)."""

    f0_hz: Tensor
    loudness_db: Tensor
    audio: Tensor


class LoudnessScale(NamedTuple):
    """Mean and standard deviation over the training set, and its extremes, in dB."""

    mean: float
    deviation: float
    minimum: float
    maximum: float


class Contender(Protocol):
    """What a benchmark asks of a system."""

    model: torch.nn.Module
    optimizer: torch.optim.Optimizer

    def step(self, heard: Heard) -> float: ...

    def render(self, heard: Heard) -> Tensor: ...


class Ours:
    """Our voice, trained as `chanterelle-train train` does."""

    def __init__(self, recipe: Recipe, loudness: LoudnessScale) -> None:
        self.recipe = recipe
        level = InputScaling(loudness.mean, loudness.deviation, *loudness[2:])
        decoder = DecoderConfig(
            recipe.sample_rate, recipe.n_units, recipe.n_harmonics, recipe.n_bands,
            InputScaling(69.0, 12.0, 30.0, 110.0), level,
        )  # fmt: skip
        self.model = Voice(VoiceConfig(decoder, recipe.hop_size, recipe.reverb_len, recipe.synth))
        self.instrument = [p for n, p in self.model.named_parameters() if "room" not in n]
        groups = [
            {"params": self.instrument, "lr": recipe.learning_rate},
            {"params": list(self.model.room.parameters()), "lr": recipe.room_learning_rate},
        ]
        self.optimizer = torch.optim.Adam(groups)
        self.loss = spectral_loss_from(recipe.loss, recipe.sample_rate)

    def render(self, heard: Heard) -> Tensor:
        mixed = self.recipe.precision == "bf16-mixed"
        white = torch.rand(heard.audio.shape) * 2.0 - 1.0
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=mixed):
            audio, _ = self.model(VoiceInputs(heard.f0_hz, heard.loudness_db, white))
        return audio.float()

    def step(self, heard: Heard) -> float:
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.render(heard), heard.audio)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.instrument, self.recipe.clip_norm)
        self.optimizer.step()
        return float(loss.detach())


class Peer:
    """ddsp_pytorch at the recipe's sizes; its room is one second long, whatever the recipe says."""

    def __init__(self, recipe: Recipe, loudness: LoudnessScale, checkout: Path) -> None:
        self.core = peer_module(checkout, "ddsp.core")
        self.model = peer_module(checkout, "ddsp.model").DDSP(
            recipe.n_units, recipe.n_harmonics, recipe.n_bands, recipe.sample_rate, recipe.hop_size
        )
        self.loudness = loudness
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=PEER_LEARNING_RATE)

    def render(self, heard: Heard) -> Tensor:
        level = (heard.loudness_db - self.loudness.mean) / self.loudness.deviation
        return self.model(heard.f0_hz[..., None], level[..., None]).squeeze(-1)

    def step(self, heard: Heard) -> float:
        loss = peer_distance(self.core, self.render(heard), heard.audio)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return float(loss.detach())


def peer_module(checkout: Path, name: str) -> ModuleType:
    """A module of the checkout."""
    for missing in ("librosa", "crepe"):
        sys.modules.setdefault(missing, ModuleType(missing))
    if str(checkout) not in sys.path:
        sys.path.insert(0, str(checkout))
    return import_module(name)


def peer_distance(core: ModuleType, made: Tensor, wanted: Tensor) -> Tensor:
    """The peer's loss, by its own functions."""
    spectra = (core.multiscale_fft(x, PEER_SCALES, PEER_OVERLAP) for x in (wanted, made))
    log: Callable[[Tensor], Tensor] = core.safe_log
    terms = [
        (a - b).abs().mean() + (log(a) - log(b)).abs().mean() for a, b in zip(*spectra, strict=True)
    ]
    return torch.stack(terms).sum()
