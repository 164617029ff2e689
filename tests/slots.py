"""Slots to test a host with: of voices made for tests, without any file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import voices

from ddsp_core.checkpoint import VoiceFile
from realtime.controls import check_values
from realtime.effects.chain import Chain
from realtime.effects.spec import EffectSpec
from realtime.host import Host
from realtime.host_engine import HostEngine
from realtime.preset import Preset
from realtime.slot import Slot, SlotPart

FOLLOWER = voices.follower_file()
RANDOM = voices.random_file()
OTHER = voices.random_file(seed=1)


def engine_of(voice: VoiceFile, seed: int = 0) -> HostEngine:
    engine = HostEngine(voice, seed=seed, block_size=voice.config.hop_size)
    engine.prepare(0.01)
    return engine


def slot(
    *engines: HostEngine,
    name: str = "test",
    controls: Mapping[str, float] | None = None,
    own: Sequence[Mapping[str, float]] = ({}, {}, {}),
    before: Sequence[EffectSpec | Any] = (),
    after: Sequence[EffectSpec | Any] = (),
) -> Slot:
    rate = engines[0].sample_rate
    values = check_values(controls or {})
    specs = [
        tuple(e if isinstance(e, EffectSpec) else EffectSpec(e.kind, e.name) for e in effects)
        for effects in (before, after)
    ]
    preset = Preset(
        name, Path(name), values, (), Path(name), input_effects=specs[0], output_effects=specs[1]
    )
    chains = [Chain(effects, rate) if effects else None for effects in (before, after)]
    parts = tuple(SlotPart(engine, o) for engine, o in zip(engines, own, strict=False))
    effects = {k: v for chain in chains if chain for k, v in chain.values.items()}
    return Slot(preset, values, parts, chains[0], chains[1], effects)


def play(
    host: Host,
    audio: np.ndarray,
    size: int = 128,
    acts: Mapping[int, Any] | None = None,
    sizes: Sequence[int] = (),
) -> np.ndarray:
    """All of it, in blocks; `acts` are called at block starts: sample -> function of the host."""
    todo = dict(acts or {})
    out, at, sizes = [], 0, list(sizes)
    while at < len(audio):
        if at in todo:
            todo.pop(at)(host)
        n_samples = sizes.pop(0) if sizes else size
        upcoming = [t - at for t in todo if t > at]
        n_samples = min(n_samples, len(audio) - at, *upcoming)
        out.append(host.process(audio[at : at + n_samples]))
        at += n_samples
    assert not todo
    return np.concatenate(out)


def level_db(audio: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(audio.astype(float) ** 2) + 1e-20))


class FakeEffect:
    """Does nothing, as an effect."""

    kind = "fake"
    parameters = ()
    n_outputs = 1
    latency_samples = 0
    tail_s = 0.0
    is_expensive = False
    problem = ""
    is_bypassed = False

    def __init__(self, name: str, latency_samples: int = 0, n_outputs: int = 1) -> None:
        self.name, self.latency_samples, self.n_outputs = name, latency_samples, n_outputs
        self.n_resets = 0
        self._held = np.zeros((1, latency_samples), np.float32)

    def process(self, block: np.ndarray) -> np.ndarray:
        joined = np.concatenate((self._held, block), axis=1)
        n_samples = block.shape[1]
        self._held = joined[:, n_samples:].copy()
        return np.repeat(joined[:, :n_samples], self.n_outputs, axis=0)

    def set(self, parameter: str, value: float) -> None:
        pass

    def bypass(self, on: bool) -> None:
        self.is_bypassed = on

    def set_tempo(self, bpm: float) -> None:
        self.tempo_bpm = bpm

    def reset(self) -> None:
        self.n_resets += 1
        self._held[:] = 0.0

    def close(self) -> None:
        pass
