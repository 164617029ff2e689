"""Hosted plug-ins at a real pace: how often an answer is late, and what they cost the audio thread.

    python benchmarks/plugins.py [--preset violin] [--seconds 60] [--delays 1,2] [--quick] [--json]

The engine and, behind it, one or two of Debian's zam-plugins (`apt-get install zam-plugins`) are
called once per real block. Each plug-in computes in a process of its own, and its answer is due so
many blocks after the question. The rows take turns of two seconds, so that whatever else this
machine does falls on all alike. A late answer is a frame of 64 samples; whoever is late once is
heard as the dry sound for some 20 ms. After a block that was itself late, the next one comes too
soon for any answer; `own` counts the rest: late answers where the audio thread had woken up in time
for this block and the three before. `cost` is the plug-ins' share of the audio thread.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from realtime.cli import ONE_THREAD  # noqa: E402

for name in ONE_THREAD:  # before numpy and numba are imported
    os.environ[name] = "1"

from ddsp_core.checkpoint import load_voice  # noqa: E402
from realtime.bench import sung_like  # noqa: E402
from realtime.effects.pace import Pace, paced  # noqa: E402
from realtime.effects.plugin import Plugin  # noqa: E402
from realtime.effects.spec import EffectSpec  # noqa: E402
from realtime.engine import Engine  # noqa: E402
from realtime.preset import load_preset  # noqa: E402
from realtime.scheduling import AUDIO_PRIORITY, lock_memory, raise_this_thread  # noqa: E402
from realtime.session import undisturbed  # noqa: E402

TURN_S = 2.0
SETTLING_BLOCKS = 50
PUNCTUAL_S = 0.0005
FILES = ("/usr/lib/vst3/ZaMaximX2.vst3", "/usr/lib/vst3/ZamEQ2.vst3")


class Setting(NamedTuple):
    """A row of the table."""

    block_size: int
    n_plugins: int
    delay_blocks: int


class Rig:
    """An engine and plug-ins, called once a block."""

    def __init__(self, preset: str, setting: Setting) -> None:
        self.setting = setting
        size = setting.block_size
        self.engine = Engine(load_voice(load_preset(preset).voice_dir), block_size=size)
        self.engine.warm_up()
        rate = self.engine.sample_rate
        with paced(Pace(longest_block=size * setting.delay_blocks)):
            self.plugins = [self._plugin(i, rate) for i in range(setting.n_plugins)]
        sung = sung_like(rate, TURN_S)
        self.blocks = [sung[i : i + size] for i in range(0, len(sung) - size, size)]
        self.block_s = size / rate
        self.n_late = self.n_own = self.n_blocks = self.n_late_blocks = 0
        self.costs_s: list[float] = []

    def _plugin(self, number: int, rate: int) -> Plugin:
        options = {"file": FILES[number], "plugin_name": "", "parameters": {}, "mix": 1.0}
        spec = EffectSpec("plugin", f"plug-in {number + 1}", options=options)
        plugin = Plugin(spec, rate, 1 if number == 0 else self.plugin_outputs)
        if plugin.problem:
            sys.exit(f"error: {plugin.problem}: sudo apt-get install zam-plugins")
        self.plugin_outputs = plugin.n_outputs
        return plugin

    def turn(self) -> None:
        """Some seconds in a thread of its own."""
        thread = threading.Thread(target=self._play)
        thread.start()
        thread.join()

    def close(self) -> None:
        for plugin in self.plugins:
            plugin.close()

    def _play(self) -> None:
        raise_this_thread(AUDIO_PRIORITY)
        woken_late_s: deque[float] = deque(maxlen=4)
        due_s = time.perf_counter()
        for number, block in enumerate(self.blocks):
            due_s = max(due_s + self.block_s, time.perf_counter() - self.block_s)
            time.sleep(max(0.0, due_s - time.perf_counter()))
            woken_late_s.append(time.perf_counter() - due_s)
            sound, before = self.engine.process(block)[np.newaxis], self._late_so_far()
            begun_s = time.perf_counter()
            for plugin in self.plugins:
                sound = plugin.process(sound)
            done_s = time.perf_counter()
            if number < SETTLING_BLOCKS:
                continue
            n_late = self._late_so_far() - before
            self.n_late += n_late
            self.n_own += n_late * (max(woken_late_s) < PUNCTUAL_S)
            self.costs_s.append(done_s - begun_s)
            self.n_late_blocks += done_s - due_s > self.block_s
        self.n_blocks += len(self.blocks) - SETTLING_BLOCKS

    def _late_so_far(self) -> int:
        return sum(plugin.n_late for plugin in self.plugins)

    def row(self) -> dict[str, Any]:
        """What was found."""
        minutes = self.n_blocks * self.block_s / 60
        cost_us = np.percentile(1e6 * np.array(self.costs_s), (50, 99))
        return {
            **self.setting._asdict(),
            "latency_samples": sum(plugin.latency_samples for plugin in self.plugins),
            "late_answers_per_minute": round(self.n_late / minutes, 1),
            "own_late_answers_per_minute": round(self.n_own / minutes, 1),
            "late_blocks_per_minute": round(self.n_late_blocks / minutes, 1),
            "cost_us": {"p50": round(float(cost_us[0]), 1), "p99": round(float(cost_us[1]), 1)},
            "share_of_block": round(float(cost_us[0]) / (1e6 * self.block_s), 4),
        }


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="Hosted plug-ins at a real pace.")
    parser.add_argument("--preset", default="violin")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each row")
    parser.add_argument("--delays", default="1", help="blocks until an answer is due: 1,2")
    parser.add_argument("--quick", action="store_true", help="one turn, one row")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    delays = [int(word) for word in args.delays.split(",")]
    settings = [Setting(b, n, d) for b in (128, 64) for n in (1, 2) for d in delays]
    rows = measure(args.preset, settings[:1] if args.quick else settings, args.seconds, args.quick)
    print(json.dumps({"rows": rows}) if args.json else "\n".join(table(rows)))
    return 0


def measure(
    preset: str, settings: Sequence[Setting], seconds: float, is_quick: bool
) -> list[dict[str, Any]]:
    """All settings, turn by turn; the others' processes sleep meanwhile."""
    rigs = [Rig(preset, setting) for setting in settings]
    lock_memory()
    try:
        with undisturbed():
            for _ in range(1 if is_quick else max(1, round(seconds / TURN_S))):
                for rig in rigs:
                    rig.turn()
    finally:
        for rig in rigs:
            rig.close()
    return [rig.row() for rig in rigs]


def table(rows: Sequence[dict[str, Any]]) -> list[str]:
    """For people, and for the README."""
    lines = [
        "| block | plug-ins | due after, blocks | late answers a minute, own | late blocks a minute"
        " | cost p50, p99 us | of a block |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cost = f"{row['cost_us']['p50']:.0f}, {row['cost_us']['p99']:.0f}"
        cells = (row["block_size"], row["n_plugins"], row["delay_blocks"])
        late = f"{row['late_answers_per_minute']}, {row['own_late_answers_per_minute']}"
        rest = (late, row["late_blocks_per_minute"], cost)
        lines.append(
            f"| {' | '.join(map(str, (*cells, *rest)))} | {100 * row['share_of_block']:.1f} % |"
        )
    return lines


if __name__ == "__main__":
    sys.exit(main())
