"""What recording costs the audio thread: `push` by itself, and whole blocks with and without it.

    python -m benchmarks.take_cost [--seconds 20] [--json] [--quick]

A host plays a sung clip at live pace, 128 frames a block, in a thread of real-time priority where
that is allowed, under the settings of `play`. In turns nothing, WAV in mono and FLAC in stereo are
recorded, all features and an event each tenth of a second with them. `pushed` is the part of a
block that `TakeRecorder.push` took.
"""

import argparse
import contextlib
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.cards import BLOCK_SIZE, RATE, sung
from realtime.host import Host
from realtime.host_applied import Applied
from realtime.preset import load_preset
from realtime.scheduling import AUDIO_PRIORITY, raise_this_thread, rights
from realtime.session import undisturbed
from realtime.slot import load_slots
from realtime.take_layout import TakeLayout
from realtime.take_recorder import TakeRecorder

Times = dict[str, NDArray[np.float64]]

WAYS: dict[str, tuple[TakeLayout, int] | None] = {
    "nothing recorded": None,
    "WAV, 24 bit, mono": (TakeLayout("wav", 24), 1),
    "FLAC, 24 bit, stereo": (TakeLayout("flac", 24), 2),
}
ROUNDS = 3
EVENT_EVERY = 37
"""Blocks: a tenth of a second."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=20.0, help="of each way, in all")
    parser.add_argument("--quick", action="store_true", help="a second of each, once")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    n_rounds, seconds = (1, 1.0) if args.quick else (ROUNDS, args.seconds / ROUNDS)
    found: dict[str, list[Times]] = {way: [] for way in WAYS}
    host = Host(load_slots([load_preset("violin")]), block_size=BLOCK_SIZE)
    with undisturbed():
        for _ in range(n_rounds):
            for way in WAYS:
                found[way].append(in_audio_thread(lambda way=way: play(host, way, seconds)))
    rows = {way: row(times) for way, times in found.items()}
    print(json.dumps(rows) if args.json else "\n".join(as_lines(rows)))


def play(host: Host, way: str, seconds: float) -> Times:
    """So many seconds at live pace; how long each block and each push took."""
    blocks = sung(seconds)
    blocks = blocks[: len(blocks) // BLOCK_SIZE * BLOCK_SIZE].reshape(-1, BLOCK_SIZE)
    block_s, push_s = np.zeros((2, len(blocks)))
    with recording(way) as push:
        due_s = time.perf_counter()
        for number, block in enumerate(blocks):
            due_s += BLOCK_SIZE / RATE
            time.sleep(max(0.0, due_s - time.perf_counter()))
            begun_s = time.perf_counter()
            wet, readings = host.process(block), host.readings
            played_s = time.perf_counter()
            push(number, wet, block, readings)
            push_s[number] = time.perf_counter() - played_s
            block_s[number] = time.perf_counter() - begun_s
    return {"block_s": block_s, "push_s": push_s}


@contextlib.contextmanager
def recording(way: str) -> Iterator[Callable[..., None]]:
    """What is called after each block."""
    chosen = WAYS[way]
    if chosen is None:
        yield lambda *_: None
        return
    layout, n_outputs = chosen
    with tempfile.TemporaryDirectory() as folder:
        recorder = TakeRecorder(Path(folder), RATE, n_outputs, layout)
        recorder.start(wait=True)
        stereo = np.resize(sung(1.0), (BLOCK_SIZE, 2))

        def push(number: int, wet: np.ndarray, dry: np.ndarray, readings: np.ndarray) -> None:
            applied = ()
            if number % EVENT_EVERY == 0:
                applied = (Applied(number * BLOCK_SIZE, "control", "room_mix", 0.5),)
            recorder.push(wet if n_outputs == 1 else stereo, dry, readings, applied)

        yield push
        recorder.close()
        if recorder.failed or recorder.n_dropped:
            raise SystemExit(f"error: {recorder.failed}, {recorder.n_dropped} samples dropped")


def in_audio_thread(do: Callable[[], Times]) -> Times:
    """As a card's thread would."""
    found: list[Times] = []

    def run() -> None:
        raise_this_thread(min(AUDIO_PRIORITY, rights().realtime_priority))
        found.append(do())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


def row(rounds: list[Times]) -> dict[str, Any]:
    """Percentiles over all rounds: blocks in ms, pushes in us."""
    block_ms = 1e3 * np.concatenate([times["block_s"] for times in rounds])
    push_us = 1e6 * np.concatenate([times["push_s"] for times in rounds])
    names = ("p50", "p99", "p99.9", "max")
    where = (50, 99, 99.9, 100)
    return {
        "n_blocks": len(block_ms),
        "block_ms": dict(zip(names, np.percentile(block_ms, where).tolist(), strict=True)),
        "push_us": dict(zip(names, np.percentile(push_us, where).tolist(), strict=True)),
    }


def as_lines(rows: dict[str, dict[str, Any]]) -> list[str]:
    """For people."""
    return [
        f"{way}: block "
        + ", ".join(f"{name} {value:.3f}" for name, value in found["block_ms"].items())
        + " ms; push "
        + ", ".join(f"{name} {value:.0f}" for name, value in found["push_us"].items())
        + " us"
        for way, found in rows.items()
    ]


if __name__ == "__main__":
    sys.exit(main())
