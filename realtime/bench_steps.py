"""Each compiled step beside the torch module that it stands in for; needs torch.

The reason for every second implementation in this project is a row here.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ddsp_core.checkpoint import VoiceFile
from ddsp_core.features import FeatureExtractor
from ddsp_core.live_voice import LiveVoice
from ddsp_core.synths import SYNTHS
from realtime.bench import Row, engine_row, paced, random_voice, sung_like

Pair = tuple[NDArray[Any], NDArray[Any]]
Forward = Callable[[Any, Any], Any]

STAGES = ("decoder", "oscillators", "noise", "room")


def step_rows(voice: VoiceFile, seconds: float) -> list[Row]:
    """One hop at a time, paced: features, then each step and its reference; then other synths."""
    config = voice.config
    hop_size, rate = config.hop_size, config.sample_rate
    sung = sung_like(rate, seconds)
    hops = list(sung[: len(sung) // hop_size * hop_size].reshape(-1, 1, hop_size))
    extractor = FeatureExtractor(rate, hop_size)
    rows = [paced("features", Carrying(extractor.forward), hops, hop_size / rate)]
    for stage in STAGES:
        rows += _stage_rows(stage, stage, voice, len(hops))
    for synth in SYNTHS:
        if synth != config.synth:
            other = random_voice(replace(config, synth=synth))
            rows += _stage_rows(f"oscillators, {synth}", "oscillators", other, len(hops))
            rows.append(engine_row(f"engine, {synth}, {hop_size} frames", other, hop_size, seconds))
    return rows


def _stage_rows(name: str, stage: str, voice: VoiceFile, n_hops: int) -> list[Row]:
    """The compiled step and its reference, with what the decoder gives on a sung note."""
    live = LiveVoice(voice)
    inputs = [_hop_inputs(voice, live)[stage]] * n_hops
    period_s = voice.config.hop_size / voice.config.sample_rate
    steps = {"compiled": Carrying(getattr(live, stage).forward)}
    if stage == "decoder":
        steps["compiled, int8"] = Carrying(LiveVoice(voice, "int8").decoder.forward)
    steps["torch"] = _reference(stage, voice)
    return [paced(f"{name}, {how}", step, inputs, period_s) for how, step in steps.items()]


class Carrying:
    """Calls a stage with the state that it returned last."""

    def __init__(self, forward: Forward) -> None:
        self._forward: Forward = forward
        self._state: Any = None

    def __call__(self, inputs: object) -> None:
        """One step."""
        _, self._state = self._forward(inputs, self._state)


def _hop_inputs(voice: VoiceFile, live: LiveVoice) -> dict[str, Pair]:
    random = np.random.default_rng(0)
    f0_hz, loudness_db = np.full(1, 330.0, np.float32), np.full(1, -25.0, np.float32)
    (frequencies_hz, amplitudes, bands), _ = live.decoder.forward((f0_hz, loudness_db))
    noise = random.random((1, voice.config.hop_size), np.float32)
    white = np.float32(2.0) * noise - np.float32(1.0)
    return {
        "decoder": (f0_hz, loudness_db),
        "oscillators": (frequencies_hz, amplitudes),
        "noise": (bands, white),
        "room": (white, np.ones_like(white)),
    }


def _reference(name: str, voice: VoiceFile) -> Carrying:
    """The torch module's forward, taking and giving what the step does."""
    import torch

    from ddsp_core.voice import voice_from_file

    torch.set_num_threads(1)
    stage: Any = getattr(voice_from_file(voice), name)
    if name == "oscillators":
        stage.kernel = stage.reference

    def forward(inputs: Pair, state: Any) -> Any:
        first, second = (torch.from_numpy(value) for value in inputs)
        with torch.no_grad():
            if name == "room":
                return stage(first, state, mix=second)
            if name == "noise":
                return stage((first[None], second), state)
            return stage((first[None], second[None]), state)

    return Carrying(forward)
