"""Each compiled step beside the torch module that it stands in for; needs torch.

The reason for every second implementation in this project is a row here.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ddsp_core.checkpoint import VoiceFile
from ddsp_core.features import FeatureExtractor
from ddsp_core.live_voice import LiveVoice
from realtime.bench import Row, paced, sung_like

Pair = tuple[NDArray[Any], NDArray[Any]]
Forward = Callable[[Any, Any], Any]


def step_rows(voice: VoiceFile, seconds: float) -> list[Row]:
    """One hop at a time, paced: features, then each step and its reference."""
    config = voice.config
    hop_size, rate = config.hop_size, config.sample_rate
    period_s = hop_size / rate
    sung = sung_like(rate, seconds)
    hops = list(sung[: len(sung) // hop_size * hop_size].reshape(-1, 1, hop_size))
    extractor = FeatureExtractor(rate, hop_size)
    rows = [paced("features", Carrying(extractor.forward), hops, period_s)]
    live = LiveVoice(voice)
    inputs = _hop_inputs(voice)
    for name, step in (
        ("decoder", live.decoder),
        ("oscillators", live.oscillators),
        ("noise", live.noise),
        ("room", live.room),
    ):
        value = inputs[name]
        rows.append(
            paced(f"{name}, compiled", Carrying(step.forward), [value] * len(hops), period_s)
        )
        rows.append(paced(f"{name}, torch", _reference(name, voice), [value] * len(hops), period_s))
    return rows


class Carrying:
    """Calls a stage with the state that it returned last."""

    def __init__(self, forward: Forward) -> None:
        self._forward: Forward = forward
        self._state: Any = None

    def __call__(self, inputs: object) -> None:
        """One step."""
        _, self._state = self._forward(inputs, self._state)


def _hop_inputs(voice: VoiceFile) -> dict[str, Pair]:
    config = voice.config
    random = np.random.default_rng(0)
    f0_hz, loudness_db = np.full(1, 330.0, np.float32), np.full(1, -25.0, np.float32)
    harmonics = np.float32(0.01) * random.random((1, config.decoder.n_harmonics), np.float32)
    bands = np.float32(0.01) * random.random((1, config.decoder.n_bands), np.float32)
    white = np.float32(2.0) * random.random((1, config.hop_size), np.float32) - np.float32(1.0)
    return {
        "decoder": (f0_hz, loudness_db),
        "oscillators": (f0_hz, harmonics),
        "noise": (bands, white),
        "room": (white, np.ones_like(white)),
    }


def _reference(name: str, voice: VoiceFile) -> Carrying:
    """The torch module's forward, taking and giving what the step does."""
    import torch

    from ddsp_core.voice import voice_from_file

    torch.set_num_threads(1)
    module = voice_from_file(voice)
    stage: Any = {
        "decoder": module.decoder,
        "oscillators": module.oscillators,
        "noise": module.noise,
        "room": module.room,
    }[name]

    def forward(inputs: Pair, state: Any) -> Any:
        first, second = (torch.from_numpy(value) for value in inputs)
        with torch.no_grad():
            if name == "room":
                return stage(first, state, mix=second)
            if name == "noise":
                return stage((first[None], second), state)
            return stage((first[None], second[None]), state)

    if name == "oscillators":
        return Carrying(_oscillator_reference(module.oscillators))
    return Carrying(forward)


def _oscillator_reference(stage: Any) -> Forward:
    import torch

    from ddsp_core.harmonic_torch import HarmonicBatchState

    def forward(inputs: Pair, state: Any) -> Any:
        f0_hz, harmonics = (torch.from_numpy(value)[None] for value in inputs)
        if state is None:
            phase = torch.zeros(1, dtype=torch.float64)
            state = HarmonicBatchState(phase, f0_hz[:, 0], torch.zeros_like(harmonics[:, 0]))
        audio, phase = stage.reference(f0_hz, harmonics, state)
        return audio, HarmonicBatchState(phase, f0_hz[:, -1], harmonics[:, -1])

    return forward
