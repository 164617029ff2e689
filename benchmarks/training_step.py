"""Time and memory of a training step, ours and ddsp_pytorch's, on one batch in one run.

    python -m benchmarks.training_step --peer CHECKOUT [--recipe string_along] [--steps 5]
        [--threads 1] [--set KEY=VALUE ...] [--json]

Every contender is a process of its own, so that its memory is its own; they take turns, a step
each, so that what else the machine does hits all of them. A step is the voice, its loss, both
gradients and the optimizer. Ours runs in single precision and in bf16-mixed. The batch is a fixed
synthetic one: glides of harmonic tones.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.contenders import Contender, Heard, LoudnessScale, Ours, Peer
from training.recipe import Recipe, load_recipe

LOUDNESS = LoudnessScale(-30.0, 10.0, -80.0, 0.0)
CONTENDERS = ("ours 32-true", "ours bf16-mixed", "ddsp_pytorch")
WARM_UP = 2


def batch(recipe: Recipe) -> Heard:
    """Glides of 10 partials, 200 to 700 Hz, that swell and fade."""
    rng = np.random.default_rng(0)
    n_frames = recipe.window_frames
    at = np.linspace(0.0, 1.0, n_frames)
    ends = np.log(rng.uniform(200.0, 700.0, (recipe.batch_size, 2, 1)))
    f0_hz = np.exp(ends[:, 0] * (1 - at) + ends[:, 1] * at)
    loudness_db = -60.0 + 40.0 * np.sin(np.pi * at) * rng.uniform(0.5, 1.0, (recipe.batch_size, 1))
    phase = 2 * np.pi * np.cumsum(np.repeat(f0_hz, recipe.hop_size, 1), 1) / recipe.sample_rate
    tone = np.sum([np.sin(k * phase) / k for k in range(1, 11)], axis=0)
    audio = 0.1 * tone * np.repeat(np.sin(np.pi * at), recipe.hop_size)
    return Heard(*(torch.from_numpy(x).float() for x in (f0_hz, loudness_db, audio)))


def contender(name: str, recipe: Recipe, peer: Path) -> Contender:
    torch.manual_seed(0)
    if name == "ddsp_pytorch":
        return Peer(recipe, LOUDNESS, peer)
    precision = name.removeprefix("ours ")
    return Ours(recipe.model_copy(update={"precision": precision}), LOUDNESS)


def take_turns(name: str, recipe: Recipe, peer: Path) -> None:
    """In the child: a step for every line that comes in, a line of figures for every step."""
    system, heard = contender(name, recipe, peer), batch(recipe)
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        loss = system.step(heard)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps([wall, cpu, loss, peak_bytes]), flush=True)


def start(name: str, given: argparse.Namespace) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.training_step", "--only", name]
    command += ["--peer", str(given.peer), "--recipe", given.recipe]
    command += [part for pair in given.set for part in ("--set", pair)]
    threads = str(given.threads)
    environment = {**os.environ, "OMP_NUM_THREADS": threads, "NUMBA_NUM_THREADS": threads}
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )


def turn(child: subprocess.Popen[str]) -> list[float]:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write("\n")
    child.stdin.flush()
    answer: list[float] = json.loads(child.stdout.readline())
    return answer


def measure(given: argparse.Namespace) -> dict[str, dict[str, Any]]:
    children = {name: start(name, given) for name in CONTENDERS}
    turns = [
        {name: turn(child) for name, child in children.items()}
        for _ in range(WARM_UP + given.steps)
    ]
    for child in children.values():
        child.communicate()
    rows = {}
    for name in CONTENDERS:
        wall, cpu, loss, peak = np.transpose([one[name] for one in turns])
        rows[name] = {
            "wall_s_p50": float(np.median(wall[WARM_UP:])),
            "cpu_s_p50": float(np.median(cpu[WARM_UP:])),
            "cpu_s_min": float(cpu[WARM_UP:].min()),
            "first_loss": loss[0],
            "peak_memory_gb": float(peak.max()) / 1e9,
        }
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", type=Path, required=True, help="checkout of ddsp_pytorch")
    parser.add_argument("--recipe", default="string_along")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    given = parser.parse_args()
    recipe = load_recipe(given.recipe, given.set)
    if given.only:
        return take_turns(given.only, recipe, given.peer.resolve())
    rows = measure(given)
    if given.json:
        return print(json.dumps(rows, indent=1))
    theirs = rows["ddsp_pytorch"]
    print(f"{'':16} {'wall s':>7} {'CPU s':>7} {'to peer':>8} {'memory GB':>10}")
    for name, row in rows.items():
        share = row["cpu_s_p50"] / theirs["cpu_s_p50"]
        print(
            f"{name:16} {row['wall_s_p50']:7.2f} {row['cpu_s_p50']:7.2f} {share:8.2f}"
            f" {row['peak_memory_gb']:10.2f}"
        )
    return None


if __name__ == "__main__":
    main()
