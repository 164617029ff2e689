"""How fast the instrument answers, at length: what `chanterelle bench --latency` says, and why.

    python -m benchmarks.latency [--preset NAME ...] [--block-sizes 64 128 256] [--runs 100]
        [--seed N] [--json]

Beside the 12 tests of BRAVE's evaluation: the stack of sines that its source plays by the name of
a sine; tones by register; latency spread in percentiles. Beside the means of following: every note,
the preset's voice and a voice that only follows; steps of loudness; new notes by register, up and
down; note starts in a wrong octave. `realtime/latency.py` says what is counted as latency.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from itertools import pairwise, product
from typing import Any

import numpy as np

from ddsp_core.checkpoint import load_voice
from realtime.latency import (
    BLOCK_SIZES,
    Setup,
    budget_rows,
    following_rows,
    known,
    onset_rows,
    start_rows,
)
from realtime.latency_following import (
    REGISTERS_HZ,
    STEADY_NOTES_HZ,
    VIBRATO_NOTES_HZ,
    NewNote,
    level_step_ms,
    new_notes,
    swell,
    vibrato,
)
from realtime.latency_sounds import LENGTHS, LEVELS_DB, TESTS, OnsetTest
from realtime.latency_starts import Start, note_starts
from realtime.latency_table import tables
from realtime.latency_voices import follower
from realtime.preset import load_preset

Row = dict[str, Any]

STACKS = tuple(OnsetTest("stack", *rest) for rest in product(LENGTHS, LEVELS_DB))
NOTES_BY_REGISTER = ((24, 40), (40, 52), (52, 64), (64, 84), (84, 96))
"""MIDI: 33 to 82 Hz, below every singer; 165, 330 and 1047 Hz; what only whistles reach."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures latency and where it comes from.")
    parser.add_argument("--preset", nargs="+", default=["violin"])
    parser.add_argument("--block-sizes", nargs="+", type=int, default=BLOCK_SIZES)
    parser.add_argument("--runs", type=int, default=100, help="sounds a test (default 100)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    results = {name: measure(name, args) for name in args.preset}
    print(json.dumps(results) if args.json else "\n\n".join(map(page, results.items())))


def measure(name: str, args: argparse.Namespace) -> Row:
    preset = load_preset(name)
    voice = load_voice(preset.voice_dir)
    result: Row = {"n_runs": args.runs, "room_mix": 0.0}
    names = ("onsets", "following", "starts", "budget")
    lists: dict[str, list[Row]] = {name: [] for name in names}
    for block_size in args.block_sizes:
        print(f"{name} at {block_size} frames", file=sys.stderr)
        setup = Setup(voice, preset.controls, block_size)
        lists["onsets"] += onset_rows(setup, args.runs, (*TESTS, *STACKS), args.seed)
        lists["following"] += following_rows(setup, max(2, args.runs // 5))
        lists["starts"] += start_rows(setup, args.runs)
        lists["budget"] += budget_rows(setup)
    usual = Setup(voice, preset.controls, 128)
    lists["details"] = [
        *register_rows(usual, args.runs, args.seed),
        *step_rows(usual, args.runs // 5, args.seed),
        *in_tune_rows(usual, args.runs, args.seed),
        *modulation_rows(usual),
    ]
    return result | lists


def register_rows(setup: Setup, n_runs: int, seed: int) -> list[Row]:
    """Onsets of tones by register, at 128 frames: the lowest take longest to be a pitch."""
    kinds = ("sine", "harmonic")
    tests = [OnsetTest(kind, 4096, -6.0, notes) for kind in kinds for notes in NOTES_BY_REGISTER]
    rows = onset_rows(setup, n_runs, tests, seed)
    return [
        {
            "what": f"{test.kind}, 4096 samples, MIDI {test.notes[0]} to {test.notes[1]}: onset",
            "ms": row["mean_ms"],
            "deviation_ms": row["jitter_ms"],
            "missed": row["missed"],
        }
        for test, row in zip(tests, rows, strict=True)
    ]


def step_rows(setup: Setup, n_steps: int, seed: int) -> list[Row]:
    """New notes, by register and direction."""
    notes = new_notes(setup.sine(), setup.rate, max(2, n_steps), seed)
    rows = []
    for low_hz, high_hz in pairwise(REGISTERS_HZ):
        here = [note for note in notes if low_hz <= note.f0_hz <= high_hz]
        rows.append(_spread(f"fifth to {low_hz:g}...{high_hz:g} Hz: in tune", here))
    up, down = notes[::2], notes[1::2]
    return [*rows, _spread("fifths up: in tune", up), _spread("fifths down: in tune", down)]


def _spread(what: str, notes: Sequence[NewNote | Start]) -> Row:
    p50, p90 = np.percentile([n.in_tune_ms for n in notes], (50, 90), method="inverted_cdf")
    ms = {"p50_ms": known(float(p50)), "p90_ms": known(float(p90))}
    return {"what": what, **ms, "notes": len(notes)}


def in_tune_rows(setup: Setup, n_notes: int, seed: int) -> list[Row]:
    """Notes out of silence."""
    starts = note_starts(setup.sine(), setup.rate, n_notes, seed)
    return [_spread("notes out of silence, attacks of 5 to 40 ms: in tune", starts)]


def modulation_rows(setup: Setup) -> list[Row]:
    """Vibrato, swells and steps of loudness, note by note."""
    sine = setup.sine()
    instruments = (("voice", setup.play()), ("follower", setup.play(follower(setup.voice))))
    rows = []
    for f0_hz in VIBRATO_NOTES_HZ:
        lag_ms, kept = vibrato(sine, setup.rate, f0_hz)
        rows.append({"what": f"vibrato at {f0_hz:.0f} Hz", "ms": lag_ms, "depth_kept": kept})
    for (name, play), f0_hz in product(instruments, STEADY_NOTES_HZ):
        lag_ms, kept = swell(play, setup.rate, f0_hz)
        rows.append({"what": f"swell at {f0_hz:.0f} Hz, {name}", "ms": lag_ms, "depth_kept": kept})
        up_ms, down_ms = level_step_ms(play, setup.rate, f0_hz)
        rows.append(
            {"what": f"12 dB at {f0_hz:.0f} Hz, {name}", "up_ms": up_ms, "down_ms": down_ms}
        )
    return rows


def page(item: tuple[str, Row]) -> str:
    """Everything about one preset, in markdown."""
    name, result = item
    details = ["| at 128 frames, engine only | |", "|---|---|"]
    details += [f"| {row['what']} | {_figures(row)} |" for row in result["details"]]
    return "\n\n".join((f"# {name}", tables(result), "\n".join(details)))


def _figures(row: Row) -> str:
    shown = []
    for key, value in row.items():
        if key.endswith("_ms") or key == "ms":
            name = key.removesuffix("ms").rstrip("_")
            told = "never" if value is None else f"{value:.2f} ms"
            shown.append(f"{name} {told}".strip())
        elif key == "depth_kept":
            shown.append(f"depth {100 * value:.0f} %")
        elif key != "what":
            shown.append(f"{key.replace('_', ' ')} {value}")
    return ", ".join(shown)


if __name__ == "__main__":
    main()
