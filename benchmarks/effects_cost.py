"""What each effect of ours costs a block, once per real block, and what a chain of them costs.

    python benchmarks/effects_cost.py [--block-size 128] [--seconds 5] [--quick] [--json]

Stereo in and out. `still`: nothing is turned; `moving`: every parameter is turned anew with every
block, the dearest that can happen; the hand that turns is counted, too. A chain's own work (is all
of it a number?) is among it.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from realtime.cli import ONE_THREAD  # noqa: E402

for name in ONE_THREAD:  # before numpy and numba are imported
    os.environ[name] = "1"

import soundfile  # noqa: E402

from realtime.bench import Row, paced, sung_like  # noqa: E402
from realtime.effects.chain import Chain  # noqa: E402
from realtime.effects.effect import Channels  # noqa: E402
from realtime.effects.kinds import KINDS, check_effects  # noqa: E402
from realtime.session import undisturbed  # noqa: E402

SAMPLE_RATE = 48_000
WARM_UP_BLOCKS = 400
"""Longer than the room's ring of partitions takes to fill."""

Line = Mapping[str, Any]

ROOMS: dict[str, list[Line]] = {
    f"room, {seconds} s": [{"kind": "room", "file": "room.wav", "length_s": seconds}]
    for seconds in (0.5, 2, 10)
}
ALONE: dict[str, list[Line]] = {
    kind: [{"kind": kind}] for kind in KINDS if kind not in ("room", "plugin")
}
TYPICAL: dict[str, list[Line]] = {
    "typical chain": [
        {"kind": "high_pass"},
        {"kind": "eq", "high_db": 3},
        {"kind": "compressor"},
        {"kind": "delay", "ping_pong": True},
        {"kind": "room", "file": "room.wav", "length_s": 2},
        {"kind": "limiter"},
    ]
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Cost of the effects, paced.")
    parser.add_argument("--block-size", type=int, default=128)
    parser.add_argument("--seconds", type=float, default=5.0, help="per row (default 5)")
    parser.add_argument("--quick", action="store_true", help="a glance: 0.1 s per row")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with undisturbed():
        rows = list(measure(args.block_size, 0.1 if args.quick else args.seconds))
    if args.json:
        print(json.dumps([row._asdict() for row in rows]))
        return
    print(f"| {args.block_size} frames, stereo | p50 us | p99 us | max us |\n|---|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {1e3 * row.p50_ms:.0f} | {1e3 * row.p99_ms:.0f} "
              f"| {1e3 * row.max_ms:.0f} |")  # fmt: skip


def measure(block_size: int, seconds: float) -> Iterator[Row]:
    """A row for each chain, still and moving."""
    with tempfile.TemporaryDirectory() as folder:
        soundfile.write(Path(folder) / "room.wav", decaying_noise(10.0), SAMPLE_RATE)
        for what, lines in {**ALONE, **ROOMS, **TYPICAL}.items():
            specs = check_effects(lines, what, Path(folder))
            for is_moving in (False, True):
                chain = Chain(specs, SAMPLE_RATE, n_inputs=2)
                yield chain_row(what, chain, block_size, seconds, is_moving)


def chain_row(what: str, chain: Chain, block_size: int, seconds: float, is_moving: bool) -> Row:
    """One chain, warmed up, at the pace of a card."""
    sound = sung_like(SAMPLE_RATE, 1.0)
    n_blocks = max(int(seconds * SAMPLE_RATE / block_size), 2)
    stereo = np.stack((sound, -sound)).astype(np.float32)
    places = block_size * np.arange(n_blocks + WARM_UP_BLOCKS) % (len(sound) - block_size)
    blocks = [np.ascontiguousarray(stereo[:, i : i + block_size]) for i in places]
    for block in blocks[:WARM_UP_BLOCKS]:
        chain.process(block)

    def play(block: Channels) -> None:
        chain.process(block)

    def turn_and_play(block: Channels) -> None:
        turn.append(turn.pop() ^ 1)
        for effect in chain.effects:
            for parameter in effect.parameters:
                middle = 0.5 * (parameter.minimum + parameter.maximum)
                effect.set(parameter.name, middle if turn[0] else 0.9 * middle)
        chain.process(block)

    turn = [0]
    how = "moving" if is_moving else "still"
    call = turn_and_play if is_moving else play
    return paced(f"{what}, {how}", call, blocks[WARM_UP_BLOCKS:], block_size / SAMPLE_RATE)


def decaying_noise(seconds: float) -> Channels:
    """A response that falls by 60 dB. Shape: (T, 2)."""
    times = np.arange(round(seconds * SAMPLE_RATE)) / (seconds * SAMPLE_RATE)
    noise = np.random.default_rng(0).standard_normal((len(times), 2))
    return np.asarray(0.1 * noise * 10.0 ** (-3.0 * times[:, None]), np.float32)


if __name__ == "__main__":
    main()
