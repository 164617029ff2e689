"""How long an engine must listen before it plays like one that has played all along."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.checkpoint import load_voice
from realtime.host_act import LISTENED_HOPS
from realtime.host_coming import RECALLING_HOPS
from realtime.host_engine import HostEngine
from realtime.meters import readings_of
from realtime.preset import load_preset

Audio = NDArray[np.float32]

HEARD_HOPS = 16
DEPTHS = (0, 8, 32, 75, 128, 288, 450)
LEAST_GATE_HOPS = 400


class Preroll(NamedTuple):
    """Difference to the engine that played all along, dB below its sound, over the first 43 ms."""

    preset: str
    n_hops: int
    median_db: float
    p90_db: float
    is_used: bool


def preroll_table(preset: str, sung: Audio, n_places: int, seed: int) -> list[Preroll]:
    """For one voice, at random places of what is sung."""
    loaded = load_preset(preset)
    voice = load_voice(loaded.voice_dir)
    controls = {**loaded.controls, "room_mix": 0.0}
    old, new = (HostEngine(voice, controls, block_size=128) for _ in range(2))
    for engine in (old, new):
        engine.prepare(0.05)
    hops = sung[: len(sung) // old.hop_size * old.hop_size].reshape(-1, old.hop_size)
    latest = len(hops) - HEARD_HOPS
    rng = np.random.default_rng(seed)
    places = np.sort(rng.choice(np.arange(LEAST_GATE_HOPS, latest), n_places, replace=False))
    found: dict[int, list[float]] = {depth: [] for depth in DEPTHS}
    readings, at = [], 0
    for place in places:
        if place < at + LISTENED_HOPS:
            continue
        old.play(hops[at:place])
        readings.append(readings_of(old.read))
        errors = _errors(old, new, hops[place - LISTENED_HOPS : place + HEARD_HOPS], readings)
        at = int(place) + HEARD_HOPS
        readings.append(readings_of(old.read))
        for depth, error in errors.items():
            found[depth].append(error)
    used = RECALLING_HOPS * old.n_recalled_a_hop
    nearest = min(DEPTHS, key=lambda depth: abs(depth - used))
    return [
        Preroll(
            preset,
            LISTENED_HOPS + depth,
            float(np.median(errors)),
            float(np.percentile(errors, 90)),
            depth == nearest,
        )
        for depth, errors in found.items()
        if errors
    ]


def _errors(
    old: HostEngine, new: HostEngine, hops: Audio, readings: Sequence[Audio]
) -> dict[int, float]:
    """By depth, unless nothing sounds here."""
    past = np.concatenate(readings)
    past = past[: len(past) - LISTENED_HOPS]
    outs = {}
    for depth in DEPTHS:
        new.rest()
        if depth:
            new.recall(past[-depth:])
        new.listen(hops[:LISTENED_HOPS])
        _adopt(new, old)
        outs[depth] = new.play(hops[LISTENED_HOPS:])
    expected = old.play(hops[LISTENED_HOPS:])
    power = float(np.sum(np.square(expected, dtype=np.float64)))
    if power / len(expected) < 1e-7:
        return {}
    return {depth: _difference_db(out, expected) for depth, out in outs.items()}


def _difference_db(out: Audio, expected: Audio) -> float:
    wrong, right = (np.sum(np.square(x, dtype=np.float64)) for x in (out - expected, expected))
    return float(10.0 * np.log10(wrong / right + 1e-9))


def _adopt(new: HostEngine, old: HostEngine) -> None:
    """The same phases and the same dice, so that outputs can be compared sample by sample."""
    pairs = (
        *zip(new._memory.voice.tone, old._memory.voice.tone, strict=True),
        *zip(new._memory.voice.noise, old._memory.voice.noise, strict=True),
        (new._memory.limiter_peak, old._memory.limiter_peak),
    )
    for mine, other in pairs:
        mine[...] = other
    new._random.bit_generator.state = old._random.bit_generator.state
    new.presence = new._presence_before = 1.0
