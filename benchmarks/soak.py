"""A long performance on a real sound server, with recording: does it stay in time?

    python benchmarks/soak.py [--minutes 10] [--period 128] [--clip CLIP] [--record DIR] [--json]

The real `chanterelle play` runs on JACK's dummy driver in sync mode: the server waits for a late
block, so nothing is lost and every lateness is the program's. A sung clip is the microphone, again
and again; half of it is mixed to the instrument (`--dry-wet 0.5`), so that the delay can be read to
the sample from the output.

Two clocks measure each block. `computing` is the program's own: from the callback's begin to its
end. `turnaround` is the server's: from the microphone's end to the speaker's start, with waking up.
A virtual machine stands still for some milliseconds now and then, and both clocks go on; so a
watchman on each core (`stalls.py`) notes when, and late cycles without a stall are told apart.
"""

import argparse
import contextlib
import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from rig.delay import correlation_lag  # noqa: E402 (the tests are no package)
from rig.jack_rig import JackRig  # noqa: E402
from rig.program import Program  # noqa: E402
from rig.server import what_is_missing  # noqa: E402
from rig.transport import Audio, Recording  # noqa: E402

from benchmarks.stalls import Spans, Watch, overlaps  # noqa: E402
from realtime.audio_file import read_audio  # noqa: E402

RATE = 48000
CLIP = ROOT / "tests" / "clips" / "nit_song070_004.flac"
PLAY = [sys.executable, "-m", "realtime.cli", "play", "--input", "microphone"]
PLAY += ["--output", "speaker", "--dry-wet", "0.5"]

WINDOW_S = 10.0
"""Long enough to hold singing whatever the clip."""

LONGEST_DELAY = RATE // 5
SETTLED_S = 60
"""By then everything has been used once; from here on memory has to stay as it is."""


def main() -> int:
    """Prints what was measured; returns 1 if a block was late, a sample lost or the delay moved."""
    parser = argparse.ArgumentParser(description="Plays for a long time and measures.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--period", type=int, default=128, help="frames a cycle")
    parser.add_argument("--clip", type=Path, default=CLIP, help="what is sung")
    parser.add_argument("--record", type=Path, metavar="DIR", help="keep the recording")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if missing := what_is_missing():
        parser.exit(2, f"error: {missing}\n")
    clip = read_audio(args.clip, RATE)
    mic = np.resize(clip, round(60.0 * args.minutes * RATE))
    with _folder(args.record) as folder:
        result = soak(mic, args.period, folder)
    print(json.dumps(result, indent=2) if args.json else "\n".join(as_lines(result)))
    faults = ("late_cycles_without_stall", "lost_samples", "drift_samples", "exit_code")
    return int(any(result[fault] for fault in faults))


def soak(mic: Audio, period: int, folder: Path) -> dict[str, Any]:
    """Plays `mic` through the real program.

    Shape:
        mic: (T,)
    """
    memory_mb: list[float] = []
    duration_s = len(mic) / RATE
    with JackRig(period, RATE, "sync") as rig:
        program = rig.start([*PLAY, "--record", str(folder)])
        rig.connect()
        with Watch(duration_s + 1.0) as watch:
            recording = rig.run(mic, 0.5, meanwhile=lambda: observe(program, duration_s, memory_mb))
            stalls_us = watch.spans_us()
        exit_code = rig.stop_program()
    delays = delays_samples(mic, recording.left)
    return {
        "duration_s": duration_s,
        "period": period,
        "deadline_ms": 1e3 * period / RATE,
        **what_it_said(program.stdout),
        **turnaround(recording, period, stalls_us),
        "lost_samples": recording.n_lost,
        "delay_start_samples": delays[0],
        "delay_end_samples": delays[-1],
        "drift_samples": max(delays) - min(delays),
        "memory_settled_mb": memory_mb[min(SETTLED_S, len(memory_mb) // 2)],
        "memory_end_mb": memory_mb[-1],
        "exit_code": exit_code,
    }


def what_it_said(stdout: str) -> dict[str, Any]:
    """The program's closing statistics as numbers."""
    patterns = {
        "blocks": r"s: (\d+) blocks",
        "late_blocks": r"late blocks (\d+)",
        "p50_ms": r"block time p50 ([\d.]+)",
        "p99_ms": r"p99 ([\d.]+)",
        "max_ms": r"max ([\d.]+)",
        "recorded_s": r"recorded ([\d.]+) s",
    }
    found = {name: re.search(pattern, stdout) for name, pattern in patterns.items()}
    said = {name: float(match[1]) for name, match in found.items() if match}
    computing = {name: said.pop(name) for name in ("p50_ms", "p99_ms", "max_ms")}
    blocks = {name: round(said.pop(name)) for name in ("blocks", "late_blocks")}
    return {**blocks, "computing": computing, **said}


def turnaround(recording: Recording, period: int, stalls_us: Spans) -> dict[str, Any]:
    """The server's view of how long the program takes, and what of it was the machine's fault."""
    percentiles = np.percentile(recording.turnaround_us, [50, 99, 99.9, 100])
    names = ("p50_ms", "p99_ms", "p99.9_ms", "max_ms")
    is_late = recording.turnaround_us > 1e6 * period / RATE
    starts_us = recording.played_at_us[is_late]
    ends_us = starts_us + recording.turnaround_us[is_late].astype(np.int64)
    return {
        "turnaround": dict(zip(names, np.round(percentiles / 1e3, 3).tolist(), strict=True)),
        "late_cycles": len(starts_us),
        "late_cycles_without_stall": len(starts_us) - overlaps(starts_us, ends_us, stalls_us),
        "stalls": len(stalls_us),
        "longest_stall_ms": float(np.diff(stalls_us).max(initial=0)) / 1e3,
    }


def delays_samples(mic: Audio, output: Audio) -> list[int]:
    """The output's delay in each window of the performance.

    Shape:
        mic: (T,), output: (T + tail,)
    """
    length = min(round(WINDOW_S * RATE), len(mic))
    starts = range(0, len(mic) - length + 1, length)
    spans = [slice(start, start + length) for start in starts]
    return [correlation_lag(mic[span], output[span], LONGEST_DELAY) for span in spans]


def observe(program: Program, duration_s: float, memory_mb: list[float]) -> None:
    """Notes the program's resident memory each second."""
    end_s = time.monotonic() + duration_s
    while time.monotonic() < end_s or not memory_mb:
        program.check()
        status = Path(f"/proc/{program.pid}/status").read_text(encoding="ascii")
        memory_mb.append(int(status.partition("VmRSS:")[2].split()[0]) / 1024)
        time.sleep(min(1.0, duration_s))


def as_lines(result: dict[str, Any]) -> Iterator[str]:
    """For people."""
    yield (
        f"{result['duration_s']:.0f} s, {result['blocks']} blocks of {result['period']} samples,"
        f" deadline {result['deadline_ms']:.3f} ms, exit code {result['exit_code']}"
    )
    yield f"computing   {_times(result['computing'])}; late {result['late_blocks']}"
    yield (
        f"turnaround  {_times(result['turnaround'])}; late {result['late_cycles']},"
        f" without a stall of the machine {result['late_cycles_without_stall']}"
    )
    yield f"machine     {result['stalls']} stalls, up to {result['longest_stall_ms']:.1f} ms"
    yield (
        f"delay       {result['delay_start_samples']} samples at the start,"
        f" {result['delay_end_samples']} at the end, drift {result['drift_samples']};"
        f" lost {result['lost_samples']}"
    )
    yield (
        f"memory      {result['memory_settled_mb']:.1f} MB settled,"
        f" {result['memory_end_mb']:.1f} MB at the end"
    )


def _times(figures: dict[str, float]) -> str:
    return ", ".join(f"{name.removesuffix('_ms')} {time:.3f} ms" for name, time in figures.items())


@contextlib.contextmanager
def _folder(asked_for: Path | None) -> Iterator[Path]:
    if asked_for:
        yield asked_for
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


if __name__ == "__main__":
    sys.exit(main())
