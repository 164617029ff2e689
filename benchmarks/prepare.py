"""How fast recordings become a dataset, and how much of the time the reference tracker takes.

    python -m benchmarks.prepare [--minutes 10] [--jobs 2] [--full-minutes 1] [--audio FILE...]
                                 [--json FILE]

The whole command `chanterelle-train prepare` is measured, start-up, tables and report included, on
the given recordings (or on plucked synthetic phrases) cut to files of a minute. `x_real_time` is
recorded time over wall time; `cpu_x` over processor time of all processes, which a busy machine
stretches less. A tracker's share is what the same run without a reference does not take. crepe-full
is slow: it is measured on `--full-minutes` alone.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from training.audio_files import read_mono
from training.synthetic import make_phrase

RATE = 48000
FILE_S = 60
REFERENCES = ("none", "swift-f0", "crepe-tiny", "crepe-full")


def main() -> None:
    parser = argparse.ArgumentParser(description="Speed of chanterelle-train prepare.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--full-minutes", type=float, default=1.0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--audio", nargs="*", type=Path, default=[])
    parser.add_argument("--references", nargs="*", choices=REFERENCES, default=REFERENCES)
    parser.add_argument("--json", type=Path, metavar="FILE")
    args = parser.parse_args()
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for reference in args.references:
            minutes = args.full_minutes if reference == "crepe-full" else args.minutes
            sounds = make_recordings(Path(folder) / f"{minutes:g}", minutes, args.audio)
            print(f"{reference}: {minutes:g} min", file=sys.stderr)
            rows[reference] = measure(sounds, Path(folder) / reference, reference, args.jobs)
            base = rows.get("none") if minutes == args.minutes else None
            if base and reference != "none":
                cpu_s = rows[reference]["cpu_s"]
                rows[reference]["share"] = 1.0 - base["cpu_s"] / cpu_s
    result = {"jobs": args.jobs, "cores": os.cpu_count(), "load": os.getloadavg()[0], "rows": rows}
    if args.json:
        args.json.write_text(json.dumps(result, indent=1))
    print(table(result))


def make_recordings(folder: Path, minutes: float, given: list[Path]) -> Path:
    """`minutes` of sound in files of a minute; made once."""
    if folder.is_dir():
        return folder
    folder.mkdir(parents=True)
    if given:
        audio = np.concatenate([read_mono(path, RATE) for path in given])
    else:
        phrases = [make_phrase(np.random.default_rng(n), RATE) for n in range(5)]
        audio = np.concatenate([phrase.audio for phrase in phrases])
    audio = np.resize(audio, round(60 * minutes * RATE))
    for n, start in enumerate(range(0, len(audio), FILE_S * RATE)):
        # No two files alike, or one measurement would do for both.
        part = audio[start : start + FILE_S * RATE] * (1.0 - 0.01 * n)
        soundfile.write(folder / f"part{n}.flac", part, RATE)
    return folder


def measure(sounds: Path, out: Path, reference: str, jobs: int) -> dict[str, float]:
    """Recorded seconds, wall and processor seconds of one run of the command."""
    recorded_s = sum(soundfile.info(path).duration for path in sounds.iterdir())
    words = ["prepare", sounds, "--out", out, "--reference", reference, "--jobs", jobs]
    command = [sys.executable, "-m", "training.cli", *map(str, words)]
    begun_s, before = time.perf_counter(), os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall_s, after = time.perf_counter() - begun_s, os.times()
    cpu_s = sum(after[2:4]) - sum(before[2:4])
    return {
        "recorded_s": recorded_s,
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "x_real_time": recorded_s / wall_s,
        "cpu_x": recorded_s / cpu_s,
    }


def table(result: dict[str, Any]) -> str:
    lines = [
        f"{result['jobs']} processes, {result['cores']} cores, load {result['load']:.1f}",
        "",
        "| reference | recorded | wall | x real time | processor | its share of it |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in result["rows"].items():
        share = f"{100 * row['share']:.0f} %" if "share" in row else ""
        lines.append(
            f"| {name} | {row['recorded_s'] / 60:.1f} min | {row['wall_s']:.0f} s "
            f"| {row['x_real_time']:.1f} | {row['cpu_s']:.0f} s | {share} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
