"""`chanterelle bench`: what the engine costs on this machine, measured at the pace of real life.

A block every few milliseconds finds cold caches, so a loop without pauses flatters by two to four
times. Here every call waits for its turn, as a sound card would make it; percentiles, not means,
stand beside the deadline.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from ddsp_core.checkpoint import DecoderConfig, VoiceConfig, VoiceFile, expected_shapes, load_voice
from ddsp_core.features import FeatureExtractor
from realtime.cli_numbers import seconds_between, whole_between
from realtime.engine import Engine
from realtime.patience import preparing

Audio = NDArray[np.float32]
T = TypeVar("T")

FULL_SIZE = VoiceConfig(DecoderConfig(), hop_size=128, reverb_len=96_000)
"""The largest voice that we plan for: 512 units, 100 harmonics, 65 bands, a room of two seconds."""


class Row(NamedTuple):
    """One measurement; times in ms. `core_share`: CPU time of the process over time passed."""

    what: str
    p50_ms: float
    p99_ms: float
    max_ms: float
    deadline_ms: float
    core_share: float = 0.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `chanterelle bench`."""
    parser.add_argument("--preset", default="violin", help="name or path (default violin)")
    parser.add_argument(
        "--seconds", type=seconds_between(0.5, 3600), default=10.0, help="per row (default 10)"
    )
    parser.add_argument("--references", action="store_true", help="also the torch references")
    parser.add_argument(
        "--latency", action="store_true", help="how fast it answers, instead of what it costs"
    )
    parser.add_argument(
        "--runs",
        type=whole_between(1, 10_000, "a number of sounds,"),
        default=100,
        help="sounds a test (default 100)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Measures and prints the table."""
    from realtime.bench_all_on import all_on_row
    from realtime.preset import load_preset
    from realtime.session import undisturbed

    preset = load_preset(args.preset)
    shipped = load_voice(preset.voice_dir)
    if args.latency:
        return _latency(shipped, preset.controls, args)
    full_size = random_voice(FULL_SIZE)
    rows = []
    with undisturbed():
        for name, voice in ((args.preset, shipped), ("full size, room of 2 s", full_size)):
            rows += [
                engine_row(f"engine, {name}, {n} frames", voice, n, args.seconds) for n in (128, 64)
            ]
        for n in (128, 64):
            rows.append(all_on_row(f"all on, full size, {n} frames", full_size, n, args.seconds))
        if args.references:
            from realtime.bench_steps import step_rows

            rows += step_rows(full_size, args.seconds)
    latency = [click_row(shipped, n) for n in (64, 128, 256)]
    if args.json:
        print(json.dumps({"rows": [row._asdict() for row in rows], "latency": latency}))
        return 0
    print(markdown_table(rows) + "\n")
    for row in latency:
        clicks = ", ".join(map(str, sorted(set(row["measured_samples"]))))
        print(
            f"latency at {row['block_size']} frames, sound-card buffers apart:"
            f" {row['declared_samples']} samples declared, clicks come out after {clicks}"
        )
    return 0


def _latency(voice: VoiceFile, controls: Mapping[str, float], args: argparse.Namespace) -> int:
    from realtime.latency import BLOCK_SIZES, measure
    from realtime.latency_table import tables

    def tell(what: str) -> None:
        print(f"measuring at {what}", file=sys.stderr)

    result = measure(voice, controls, BLOCK_SIZES, args.runs, tell)
    print(json.dumps(result) if args.json else tables(result))
    return 0


def engine_row(what: str, voice: VoiceFile, block_size: int, seconds: float) -> Row:
    """`Engine.process` over sung-like sound, one block at a time, in real time."""
    engine = Engine(voice, block_size=block_size)
    with preparing():
        engine.warm_up()
    blocks = sung_blocks(engine.sample_rate, block_size, seconds)
    return paced(what, engine.process, blocks, block_size / engine.sample_rate)


def paced(what: str, call: Callable[[T], object], inputs: Sequence[T], period_s: float) -> Row:
    """Calls once a period, as a sound card would."""
    taken_s = np.empty(len(inputs))
    cpu_s = time.process_time()
    first_s = due_s = time.perf_counter()
    for n, value in enumerate(inputs):
        due_s += period_s
        time.sleep(max(0.0, due_s - time.perf_counter()))
        begun_s = time.perf_counter()
        call(value)
        taken_s[n] = time.perf_counter() - begun_s
    share = (time.process_time() - cpu_s) / (time.perf_counter() - first_s)
    p50, p99, most = 1000.0 * np.percentile(taken_s, (50, 99, 100))
    return Row(what, float(p50), float(p99), float(most), 1000.0 * period_s, share)


def click_row(voice: VoiceFile, block_size: int) -> dict[str, Any]:
    """Latency declared, and after how many samples clicks on the dry path come out."""
    engine = Engine(voice, {"dry_wet": 0.0}, block_size=block_size)
    sound = np.zeros(block_size * (engine.sample_rate // block_size), np.float32)
    clicks = np.arange(1000, len(sound) - 2 * engine.latency_samples, 4999)
    sound[clicks] = 0.4
    played = np.concatenate([engine.process(block) for block in sound.reshape(-1, block_size)])
    return {
        "block_size": block_size,
        "declared_samples": engine.latency_samples,
        "measured_samples": [int(np.argmax(played[c : c + 2500])) for c in clicks],
    }


def random_voice(config: VoiceConfig) -> VoiceFile:
    """A voice of that size with random weights: it costs what a trained one costs."""
    random = np.random.default_rng(0)
    tensors = {}
    for name, shape in expected_shapes(config).items():
        scale = 1.0 / np.sqrt(shape[-1]) if len(shape) > 1 else 0.01
        tensors[name] = (scale * random.standard_normal(shape)).astype(np.float32)
    definition = dict(FeatureExtractor(config.sample_rate, config.hop_size).definition)
    return VoiceFile(config, definition, {}, {}, tensors)


def sung_like(sample_rate: int, seconds: float) -> Audio:
    """Ten harmonics that glide around 330 Hz, with some breath."""
    t = np.arange(round(seconds * sample_rate)) / sample_rate
    phase = 2 * np.pi * (330.0 * t + 10.0 * np.sin(2 * np.pi * 0.7 * t))
    tone = np.sum([np.sin(k * phase) / k for k in range(1, 11)], axis=0)
    breath = np.random.default_rng(0).standard_normal(len(t))
    return np.asarray(0.15 * tone + 0.005 * breath, dtype=np.float32)


def sung_blocks(sample_rate: int, block_size: int, seconds: float) -> list[Audio]:
    """The same, cut into blocks."""
    sung = sung_like(sample_rate, seconds)
    return [sung[i : i + block_size] for i in range(0, len(sung) - block_size, block_size)]


def markdown_table(rows: list[Row]) -> str:
    """The README's table."""
    lines = ["| what | p50 ms | p99 ms | max ms | deadline ms | p99 of deadline | of a core |"]
    lines.append("|---|---|---|---|---|---|---|")
    for row in rows:
        share = f"{100 * row.p99_ms / row.deadline_ms:.0f} % | {100 * row.core_share:.0f} %"
        numbers = " | ".join(f"{number:.3f}" for number in row[1:5])
        lines.append(f"| {row.what} | {numbers} | {share} |")
    return "\n".join(lines)
