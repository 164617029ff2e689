"""What `benchmarks.switching` measures, one function each."""

import dataclasses
import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.measures import clicks
from ddsp_core.checkpoint import load_voice
from realtime.engine import Engine
from realtime.host import Host
from realtime.preset import load_preset
from realtime.slot import Slot, load_slots
from realtime.witness import thread_cpu_s

Audio = NDArray[np.float32]

RATE, HOP = 48_000, 128
PRESETS = ("violin", "flute", "cello", "alto-sax", "hall-violin", "echo")
CHANGES_A_S = 2.0


class Run(NamedTuple):
    """What came out, and every block's own computing time."""

    out: Audio
    cpu_s: NDArray[np.float64]


class Row(NamedTuple):
    """Of one material."""

    name: str
    n_changes: int
    worst_still: float
    worst_changing: float
    n_clicks: int


def play(
    host: Host, sung: Audio, chosen: dict[int, int], size: int = HOP, *, paced: bool = False
) -> Run:
    """All of it; `chosen` are numbers of presets by the number of the block."""
    n_blocks = len(sung) // size
    out, cpu_s = [], np.empty(n_blocks)
    due_s = time.perf_counter()
    for n in range(n_blocks):
        if paced:
            due_s += size / RATE
            time.sleep(max(due_s - time.perf_counter(), 0.0))
        if n in chosen:
            host.choose(chosen[n])
        begun_s = thread_cpu_s()
        out.append(host.process(sung[n * size : (n + 1) * size]))
        cpu_s[n] = thread_cpu_s() - begun_s
    return Run(_mono(np.concatenate(out)), cpu_s)


def chosen_at_random(
    n_blocks: int, n_presets: int, n_changes: int, rng: np.random.Generator
) -> dict[int, int]:
    """Blocks and presets."""
    at = rng.choice(np.arange(8, n_blocks), min(n_changes, n_blocks // 2), replace=False)
    return {int(n): int(rng.integers(n_presets)) for n in sorted(at)}


def click_row(
    slots: Sequence[Slot], name: str, sung: Audio, n_changes: int, rng: np.random.Generator
) -> Row:
    """With changes, and as often without any, from each preset, with other noise every time.

    The same material is sung as often as it takes for two changes a second.
    """
    a_round = max(round(len(sung) / RATE * CHANGES_A_S), 1)
    n_rounds = max(-(-n_changes // a_round), len(slots))
    still = [
        clicks(play(fresh(slots, n % len(slots), seed=n), sung, {}).out, RATE)
        for n in range(n_rounds)
    ]
    found, n_done = [], 0
    while n_done < n_changes:
        n_now = min(a_round, n_changes - n_done)
        chosen = chosen_at_random(len(sung) // HOP, len(slots), n_now, rng)
        first = int(rng.integers(len(slots)))
        found.append(clicks(play(fresh(slots, first, seed=len(found)), sung, chosen).out, RATE))
        n_done += len(chosen)
    return Row(
        name,
        n_done,
        max(one.worst_ratio for one in still),
        max(one.worst_ratio for one in found),
        sum(one.n_above for one in found),
    )


class Late(NamedTuple):
    """Of all blocks; p50, p99 and the greatest load are computing time over length."""

    block_size: int
    n_changes: int
    n_blocks: int
    n_late: int
    p50: float
    p99: float
    greatest: float
    p99_still: float
    greatest_still: float


def late_row(
    slots: Sequence[Slot], sung: Audio, size: int, n_changes: int, rng: np.random.Generator
) -> Late:
    """Paced: one block when it is due."""
    chosen = chosen_at_random(len(sung) // size, len(slots), n_changes, rng)
    still = play(fresh(slots, 0, size), sung[: len(sung) // 4], {}, size, paced=True)
    changing = play(fresh(slots, 0, size), sung, chosen, size, paced=True)
    loads, loads_still = (run.cpu_s * RATE / size for run in (changing, still))
    p50, p99 = np.percentile(loads, (50, 99))
    return Late(
        size, len(chosen), len(loads), int((loads > 1.0).sum()), float(p50), float(p99),
        float(loads.max()), float(np.percentile(loads_still, 99)),
        float(loads_still.max()),
    )  # fmt: skip


def continuity(sung: Audio, n_changes: int, rng: np.random.Generator) -> float:
    """Greatest difference to an engine whose controls are turned as the presets say."""
    presets = [load_preset(name) for name in ("violin", "dry-violin")]
    slots = load_slots(presets)
    engine = Engine(load_voice(presets[0].voice_dir), slots[0].controls, block_size=HOP)
    n_blocks = len(sung) // HOP
    chosen = chosen_at_random(n_blocks, 2, n_changes, rng)
    out = play(fresh(slots, 0), sung, chosen).out
    expected = []
    for n in range(n_blocks):
        if n in chosen:
            for name, value in slots[chosen[n]].controls.items():
                engine.set_control(name, value)
        expected.append(engine.process(sung[n * HOP : (n + 1) * HOP]))
    return float(np.abs(out - np.concatenate(expected)).max())


def tail(sung: Audio) -> tuple[float, float]:
    """dB of what rings 50 to 550 ms after a change to a silent preset, and of the same engine when
    the singer stops there instead."""
    quiet = {"harmonic_gain_db": -60.0, "noise_gain_db": -60.0, "output_gain_db": -60.0}
    slots = load_slots([load_preset("hall-violin"), load_preset("flute")])
    silent = slots[1].controls | quiet  # type: ignore[operator]
    slots[1] = _with_controls(slots[1], silent)
    at = len(sung) // HOP // 2
    left = play(fresh(slots, 0), sung, {at: 1}).out
    cut = sung.copy()
    cut[(at + 4) * HOP :] = 0.0
    stopped = play(fresh(slots, 0), cut, {}).out
    heard = slice((at + 4) * HOP + round(0.09 * RATE), (at + 4) * HOP + round(0.59 * RATE))
    return _level_db(left[heard]), _level_db(stopped[heard])


def fresh(slots: Sequence[Slot], number: int, size: int = HOP, seed: int = 0) -> Host:
    """A host whose engines and chains have not played yet; `seed` is of their noise."""
    for slot in slots:
        for part in slot.parts:
            part.engine.reset()
            part.engine._random = np.random.default_rng(seed)
        for chain in slot.chains:
            chain.reset()
    return Host(slots, number, block_size=size)


def _with_controls(slot: Slot, controls: dict[str, float]) -> Slot:
    return dataclasses.replace(slot, controls=controls)


def _mono(audio: Audio) -> Audio:
    mono: Audio = audio if audio.ndim == 1 else audio.mean(axis=1)
    return mono


def _level_db(audio: Audio) -> float:
    return float(10.0 * np.log10(np.mean(np.square(audio, dtype=np.float64)) + 1e-20))
