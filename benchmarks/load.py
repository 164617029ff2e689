"""What the engine costs while other programs want every core, with and without real-time priority.

    python benchmarks/load.py [--preset violin] [--block-size 128] [--seconds 20] [--json]

`Engine.process`, once per real block, over sung-like sound: on a machine left alone, then with as
many programs that do nothing but count as there are cores, one bound to each. Each in a thread of
ordinary priority and in one of SCHED_FIFO, turn by turn, so that whatever else this machine does
falls on both alike. `process` is the call's wall time, `computing` the thread's own in it, and
`ready` is from the moment that the block was due, so it holds the waking up, too.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from realtime.cli import ONE_THREAD  # noqa: E402

for name in ONE_THREAD:  # before numpy and numba are imported
    os.environ[name] = "1"

from benchmarks.busy import busy_cores  # noqa: E402
from ddsp_core.checkpoint import load_voice  # noqa: E402
from realtime.bench import sung_like  # noqa: E402
from realtime.engine import Engine  # noqa: E402
from realtime.preset import load_preset  # noqa: E402
from realtime.scheduling import AUDIO_PRIORITY, hints, lock_memory, raise_this_thread, rights  # noqa: E402
from realtime.session import undisturbed  # noqa: E402

TURN_S = 2.0
"""Long enough to settle, short enough to share a machine's moods."""

SETTLING_BLOCKS = 20


class Times(NamedTuple):
    """Of one block, in seconds."""

    process: float
    computing: float
    ready: float


class Paced:
    """An engine that is called once a block, as a card would."""

    def __init__(self, preset: str, block_size: int) -> None:
        self.engine = Engine(load_voice(load_preset(preset).voice_dir), block_size=block_size)
        self.engine.warm_up()
        self.block_s = block_size / self.engine.sample_rate
        sung = sung_like(self.engine.sample_rate, TURN_S)
        self.blocks = [
            sung[i : i + block_size] for i in range(0, len(sung) - block_size, block_size)
        ]

    def turn(self, with_priority: bool) -> list[Times]:
        """Some seconds in a thread of its own."""
        found: list[Times] = []
        thread = threading.Thread(target=self._play, args=(with_priority, found))
        thread.start()
        thread.join()
        return found[SETTLING_BLOCKS:]

    def _play(self, with_priority: bool, found: list[Times]) -> None:
        if with_priority:
            raise_this_thread(AUDIO_PRIORITY)
        done_s = due_s = time.perf_counter()
        for block in self.blocks:
            due_s = max(due_s + self.block_s, done_s)
            time.sleep(max(0.0, due_s - time.perf_counter()))
            begun_s, begun_cpu_s = time.perf_counter(), time.thread_time()
            self.engine.process(block)
            cpu_s, done_s = time.thread_time() - begun_cpu_s, time.perf_counter()
            found.append(Times(done_s - begun_s, cpu_s, done_s - due_s))


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="The engine beside programs that want all cores.")
    parser.add_argument("--preset", default="violin")
    parser.add_argument("--block-size", type=int, default=128)
    parser.add_argument("--seconds", type=float, default=20.0, help="for each of four rows")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    allowed = rights()
    if not allowed.realtime_priority:
        print("\n".join(hints(allowed)), file=sys.stderr)
    paced = Paced(args.preset, args.block_size)
    is_locked = lock_memory()
    n_cores = len(os.sched_getaffinity(0))
    with undisturbed():
        rows = measure(paced, args.seconds, 0) + measure(paced, args.seconds, n_cores)
    deadline_ms = 1e3 * paced.block_s
    if args.json:
        said = {"rows": rows, "deadline_ms": deadline_ms, "memory_locked": is_locked}
        print(json.dumps(said | {"realtime_priority": allowed.realtime_priority}))
    else:
        print("\n".join(table(rows, deadline_ms)))
    return 0


def measure(paced: Paced, seconds: float, n_busy: int) -> list[dict[str, Any]]:
    """Both kinds of threads, turn by turn, beside so many busy programs."""
    figures: dict[bool, list[Times]] = {False: [], True: []}
    with busy_cores(n_busy):
        for _ in range(max(1, round(seconds / TURN_S))):
            for with_priority, found in figures.items():
                found += paced.turn(with_priority)
    return [
        {"busy_cores": n_busy, "fifo": fifo, "blocks": len(found), **_row(found, paced.block_s)}
        for fifo, found in figures.items()
    ]


def _row(found: list[Times], block_s: float) -> dict[str, Any]:
    columns = zip(Times._fields, zip(*found, strict=True), strict=True)
    late = sum(1 for times in found if times.ready > block_s)
    return {**{f"{name}_ms": percentiles_ms(times) for name, times in columns}, "late": late}


def percentiles_ms(times_s: Sequence[float]) -> dict[str, float]:
    """p50, p99, p99.9 and the longest."""
    values = np.percentile(times_s, (50, 99, 99.9, 100))
    names = ("p50", "p99", "p99.9", "max")
    return dict(zip(names, np.round(1e3 * values, 3).tolist(), strict=True))


def table(rows: list[dict[str, Any]], deadline_ms: float) -> list[str]:
    """For people, and for the README."""
    lines = [
        f"| deadline {deadline_ms:.3f} ms | process p50, p99, max | ready p50, p99, max | late |"
    ]
    lines.append("|---|---|---|---|")
    for row in rows:
        load = f"{row['busy_cores']} busy cores" if row["busy_cores"] else "left alone"
        kind = "SCHED_FIFO" if row["fifo"] else "ordinary priority"
        times = " | ".join(_three(row[name]) for name in ("process_ms", "ready_ms"))
        lines.append(f"| {load}, {kind} | {times} | {row['late']} of {row['blocks']} |")
    return lines


def _three(figures: dict[str, float]) -> str:
    return ", ".join(f"{figures[name]:.3f}" for name in ("p50", "p99", "max"))


if __name__ == "__main__":
    sys.exit(main())
