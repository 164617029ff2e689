"""Instruments to measure the engine with: any voice as a stream, and voices that are a bare sine.

Those are made by hand: few weights and known answers. See `decoder.py` for the layers' order.
"""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ddsp_core.checkpoint import DecoderConfig, VoiceConfig, VoiceFile, expected_shapes
from realtime.engine import Engine
from realtime.latency_sounds import Audio, Play

SINE_AMPLITUDE = 0.1
N_UNITS = 8
WIDE = 1000.0
"""What a LayerNorm sees besides the signal; so large that its scale does not move with it."""
LIFT = 100.0
"""Keeps all that is passed on above zero, where the activation bends nothing."""
AMPLITUDE_PER_DB = 0.075
"""Of the amplitude's head; the sine then goes up and down nearly as much as the singer does."""


def player(voice: VoiceFile, controls: Mapping[str, float] | None, block_size: int) -> Play:
    """Plays whole streams through an engine in blocks of that size, each from silence on."""
    engine = Engine(voice, controls, block_size=block_size)

    def play(stream: Audio) -> Audio:
        engine.reset()
        blocks = np.pad(stream, (0, -len(stream) % block_size)).reshape(-1, block_size)
        return np.concatenate([engine.process(block) for block in blocks])[: len(stream)]

    return play


def bare_sine(like: VoiceFile) -> VoiceFile:
    """A voice with the other's features and hops whose sound is a sine, equally loud always.

    All weights are zero, so that the biases of the heads alone decide: see `live_heads`.
    """
    sizes = DecoderConfig(like.config.sample_rate, N_UNITS, n_harmonics=1, n_bands=2)
    config = VoiceConfig(sizes, like.config.hop_size, reverb_len=1)
    tensors = {name: np.zeros(shape, np.float32) for name, shape in expected_shapes(config).items()}
    share = (SINE_AMPLITUDE / 2.0) ** (1.0 / math.log(10.0))
    tensors["decoder.head_amplitude.bias"][:] = math.log(share / (1.0 - share))
    tensors["decoder.head_noise.bias"][:] = -30.0
    return VoiceFile(config, dict(like.definition), {}, {}, tensors)


def follower(like: VoiceFile) -> VoiceFile:
    """A bare sine that is louder, at once, when the singer is.

    Loudness goes as `x + LIFT` and `LIFT - x` through unit 0 and 1 of every layer behind the
    loudness' input; units 2 and 3 hold `WIDE` and its negative for the LayerNorms.
    """
    voice = bare_sine(like)
    weights = {name.removeprefix("decoder."): tensor for name, tensor in voice.tensors.items()}
    weights["mlp_loudness.0.weight"][:2, 0] = 1.0, -1.0
    for name in ("mlp_loudness.3", "mlp_loudness.6", "mlp_out.3", "mlp_out.6"):
        _pass_on(weights[f"{name}.weight"])
    _pass_on(weights["mlp_out.0.weight"][:, N_UNITS : 2 * N_UNITS])
    for mlp in ("mlp_loudness", "mlp_out"):
        for layer in (0, 3, 6):
            weights[f"{mlp}.{layer}.bias"][2:4] = WIDE, -WIDE
            weights[f"{mlp}.{layer + 1}.weight"][:2] = WIDE * math.sqrt(2.0 / N_UNITS)
            weights[f"{mlp}.{layer + 1}.bias"][:2] = LIFT
    per_unit = AMPLITUDE_PER_DB * voice.config.decoder.loudness.deviation
    weights["head_amplitude.weight"][0, :2] = 0.5 * per_unit, -0.5 * per_unit
    return voice


def _pass_on(weight: NDArray[np.float32]) -> None:
    """Takes `x + LIFT` and `LIFT - x` back to x and -x."""
    weight[0, :2] = 0.5, -0.5
    weight[1, :2] = -0.5, 0.5
