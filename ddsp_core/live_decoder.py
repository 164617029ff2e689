"""The decoder as it plays: one compiled step a frame, built from a trained voice.

Pitch and loudness are one number each, so each input MLP, with everything linear behind it (the
GRU's input weights, the first layer of the output MLP), is a curve in R^(4U). Both curves are
tabulated over the trained range and read by linear interpolation; of 4.8 M weights at 512 units,
1.7 M are left to multiply.

`Decoder` in torch is the reference; a parity test holds the two together on the voice that ships.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.checkpoint import VoiceFile
from ddsp_core.elementary import sigmoid, tanh
from ddsp_core.live_heads import HeadStep
from ddsp_core.products import Matrix, Storage, add_product, packed, stored
from ddsp_core.scaling import InputScaling
from ddsp_core.synths import SHARES, head_sizes

Array = NDArray[np.float32]

TABLE_SIZE = 1024
LAYER_NORM_EPSILON = 1e-5
LEAKY_SLOPE = 0.01


class DecoderStepState(NamedTuple):
    """Hidden state of the GRU. Shape: (U,)."""

    hidden: Array


class Weights(NamedTuple):
    """What a step multiplies. U units, K harmonics, F bands, G table points."""

    pitch_table: Array  # (G, 4U): GRU input of all gates with biases, first output layer with bias
    loudness_table: Array  # (G, 4U)
    recurrent: Matrix  # (3U, U)
    recurrent_bias: Array  # (U,), of the candidate gate; the others stand in the pitch table
    first: Matrix  # (U, U): first output layer, its part for the GRU's output
    second: Matrix  # (U, U)
    second_bias: Array
    third: Matrix
    third_bias: Array
    norms: Array  # (3, 2, U): gain and bias of the output MLP's LayerNorms
    heads: Matrix  # (C + 1 + F, U): shares of C partials or tables, amplitude, noise; K of detuning
    heads_bias: Array
    ranges: Array  # (4,): ends of the pitch table in semitones, of the loudness table in dB


def _mlp(tensors: dict[str, Array], name: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """An input MLP in double precision. (G, 1) -> (G, U)."""
    for layer in (0, 3, 6):
        x = x @ tensors[f"{name}.{layer}.weight"].T.astype(float) + tensors[f"{name}.{layer}.bias"]
        x = x - x.mean(axis=1, keepdims=True)
        x = x / np.sqrt((x * x).mean(axis=1, keepdims=True) + LAYER_NORM_EPSILON)
        x = x * tensors[f"{name}.{layer + 1}.weight"] + tensors[f"{name}.{layer + 1}.bias"]
        x = np.where(x > 0, x, LEAKY_SLOPE * x)
    return x


def _grid(scaling: InputScaling) -> NDArray[np.float64]:
    values = np.linspace(scaling.minimum, scaling.maximum, TABLE_SIZE)
    return np.asarray((values - scaling.mean) / scaling.deviation)[:, None]


def _head_sizes(voice: VoiceFile) -> dict[str, int]:
    sizes = voice.config.decoder
    return head_sizes(voice.config.synth, sizes.n_harmonics, sizes.n_bands)


def build_weights(voice: VoiceFile, storage: Storage) -> Weights:
    """Tables and weights of a voice, in one block of memory."""
    t = {name.removeprefix("decoder."): tensor for name, tensor in voice.tensors.items()}
    units = voice.config.decoder.n_units
    scalings = voice.config.decoder.pitch, voice.config.decoder.loudness
    pitch, loudness = (
        _mlp(t, name, _grid(scaling))
        for name, scaling in zip(("mlp_f0", "mlp_loudness"), scalings, strict=True)
    )
    gates, first = t["gru.weight_ih_l0"].astype(float), t["mlp_out.0.weight"].astype(float)
    bias = t["gru.bias_ih_l0"] + np.where(np.arange(3 * units) < 2 * units, t["gru.bias_hh_l0"], 0)
    behind_pitch = np.concatenate((gates[:, :units], first[:, :units]))
    behind_loudness = np.concatenate((gates[:, units:], first[:, units : 2 * units]))
    norms = [[t[f"mlp_out.{n}.weight"], t[f"mlp_out.{n}.bias"]] for n in (1, 4, 7)]
    heads = _head_sizes(voice)
    weights = Weights(
        pitch @ behind_pitch.T + np.concatenate((bias, t["mlp_out.0.bias"])),
        loudness @ behind_loudness.T,
        stored(t["gru.weight_hh_l0"], storage), t["gru.bias_hh_l0"][2 * units :],
        stored(first[:, 2 * units :], storage),
        stored(t["mlp_out.3.weight"], storage), t["mlp_out.3.bias"],
        stored(t["mlp_out.6.weight"], storage), t["mlp_out.6.bias"],
        np.array(norms),
        stored(np.concatenate([t[f"head_{head}.weight"] for head in heads]), storage),
        np.concatenate([t[f"head_{head}.bias"] for head in heads]),
        np.array([end for scaling in scalings for end in (scaling.minimum, scaling.maximum)]),
    )  # fmt: skip
    return _in_one_block(weights)


def _in_one_block(weights: Weights) -> Weights:
    """The same, floats in single precision."""
    flat = [part for field in weights for part in (field if isinstance(field, Matrix) else [field])]
    single = [part.astype(np.float32) if part.dtype.kind == "f" else part for part in flat]
    views = iter(packed(single))
    fields: list[Any] = [
        Matrix(next(views), next(views)) if isinstance(field, Matrix) else next(views)
        for field in weights
    ]
    return Weights(*fields)


@njit(nogil=True, cache=True, fastmath=True)
def _read_table(table: Array, value: float, minimum: float, maximum: float, out: Array) -> None:
    """Adds the interpolated row at value, clipped to the range."""
    last = len(table) - 1
    position = (min(max(value, minimum), maximum) - minimum) / (maximum - minimum) * last
    row = min(int(position), last - 1)
    weight = np.float32(position - row)
    low, high = table[row], table[row + 1]
    for i in range(len(out)):
        out[i] += low[i] + weight * (high[i] - low[i])


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def _normalise(x: Array, norm: Array) -> None:
    """LayerNorm and LeakyReLU, in place."""
    n = np.float32(len(x))
    mean = x.sum() / n
    variance = np.float32(0.0)
    for i in range(len(x)):
        variance += (x[i] - mean) ** 2
    scale = np.float32(1.0) / np.sqrt(variance / n + np.float32(LAYER_NORM_EPSILON))
    for i in range(len(x)):
        y = (x[i] - mean) * scale * norm[0, i] + norm[1, i]
        x[i] = max(y, np.float32(LEAKY_SLOPE) * y)


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def _remember(inputs: Array, recurrent: Matrix, candidate_bias: Array, hidden: Array) -> None:
    """One step of a GRU with PyTorch's gates (reset, update, candidate), hidden in place."""
    units = len(hidden)
    remembered = np.zeros(3 * units, dtype=np.float32)
    add_product(recurrent, hidden, remembered)
    for i in range(units):
        reset = sigmoid(inputs[i] + remembered[i])
        update = sigmoid(inputs[units + i] + remembered[units + i])
        recalled = remembered[2 * units + i] + candidate_bias[i]
        candidate = tanh(inputs[2 * units + i] + reset * recalled)
        hidden[i] = candidate + update * (hidden[i] - candidate)


@njit(nogil=True, cache=True, fastmath=True)
def follow(w: Weights, f0_hz: float, loudness_db: float, hidden: Array, inputs: Array) -> None:
    """What comes before the outputs: adds the tables' rows to inputs (4U,); hidden moves on."""
    note = 69.0 + 12.0 * math.log2(f0_hz / 440.0)
    _read_table(w.pitch_table, note, w.ranges[0], w.ranges[1], inputs)
    _read_table(w.loudness_table, loudness_db, w.ranges[2], w.ranges[3], inputs)
    _remember(inputs, w.recurrent, w.recurrent_bias, hidden)


@njit(nogil=True, cache=True, fastmath=True)
def decode(w: Weights, f0_hz: float, loudness_db: float, hidden: Array, heads: Array) -> None:
    """One frame: fills heads (C + 1 + F + K,) with the last layer's outputs; hidden moves on."""
    units = len(hidden)
    inputs = np.zeros(4 * units, dtype=np.float32)
    follow(w, f0_hz, loudness_db, hidden, inputs)
    x, y = inputs[3 * units :], w.second_bias.copy()
    add_product(w.first, hidden, x)
    _normalise(x, w.norms[0])
    add_product(w.second, x, y)
    _normalise(y, w.norms[1])
    x[:] = w.third_bias
    add_product(w.third, y, x)
    _normalise(x, w.norms[2])
    heads[:] = w.heads_bias
    add_product(w.heads, x, heads)


@njit(nogil=True, cache=True)
def _decode_frames(
    w: Weights, f0_hz: Array, loudness_db: Array, hidden: Array, heads: Array
) -> None:
    for n in range(len(heads)):
        decode(w, f0_hz[n], loudness_db[n], hidden, heads[n])


class DecoderStep:
    """The compiled decoder.

    Args:
        voice: a loaded voice file.
        storage: how the weights are kept; see `products`.

    Shape:
        f0_hz (N,), loudness_db (N,) -> what `HeadStep` gives, float32.
    """

    def __init__(self, voice: VoiceFile, storage: Storage = "float32") -> None:
        config = voice.config.decoder
        self.config = config
        self.weights = build_weights(voice, storage)
        n_shares = _head_sizes(voice)[SHARES[voice.config.synth]]
        self.heads = HeadStep(voice.config.synth, n_shares, config.n_bands, config.sample_rate)

    def forward(
        self, inputs: tuple[Array, Array], state: DecoderStepState | None = None
    ) -> tuple[tuple[Array, Array, Array], DecoderStepState]:
        """Controls for each frame."""
        f0_hz, loudness_db = inputs
        hidden = self.start().hidden if state is None else state.hidden.copy()
        heads = np.empty((len(f0_hz), len(self.weights.heads_bias)), np.float32)
        _decode_frames(self.weights, f0_hz, loudness_db, hidden, heads)
        return self.heads.controls(heads, f0_hz), DecoderStepState(hidden)

    def start(self) -> DecoderStepState:
        """The state before the first frame."""
        return DecoderStepState(np.zeros(self.config.n_units, np.float32))
