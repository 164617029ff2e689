"""Is a take whole after `kill -9`? The real program is killed while it records, again and again.

    python -m benchmarks.kill_take [--times 20] [--file wav|flac] [--bits 24] [--json] [--quick]

Each time `chanterelle play --record` sings a clip through the virtual card and is killed at a
random moment. Then both files are opened with libsndfile, their headers read by hand, their
samples compared with what was sung and what the card played, the take listed as any other.
`lost_s` is the wall clock's time from the take's first sample to the kill, less what can be read:
it holds the time that the signal itself takes. `lost_played_s` counts against the samples that the
card had been given.
"""

import argparse
import json
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from benchmarks.cards import BLOCK_SIZE, CHANTERELLE, RATE, ROOT, sung

SUNG_S = 60.0
KILL_AFTER_S = (0.5, 5.0)
"""Of recorded sound."""

START_LIMIT_S = 180.0
"""Compiling, on a busy machine, takes a minute."""
LIMIT_S = 1.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--file", choices=("wav", "flac"), default="wav")
    parser.add_argument("--bits", type=int, choices=(16, 24, 32), default=24)
    parser.add_argument("--quick", action="store_true", help="two times, at once")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    times = 2 if args.quick else args.times
    chance = random.Random(args.seed)
    latest_s = 1.0 if args.quick else KILL_AFTER_S[1]
    kills = []
    for number in range(times):
        kill = kill_once(args.file, args.bits, chance.uniform(KILL_AFTER_S[0], latest_s))
        kills.append(kill)
        if not args.json:
            print(f"{number + 1:3}: {in_words(kill)}", flush=True)
    result = summary(kills)
    print(json.dumps(result | {"kills": kills}) if args.json else closing(result))
    return 0 if result["n_valid"] == times and result["worst_lost_s"] <= LIMIT_S else 1


def kill_once(file: str, bits: int, after_s: float) -> dict[str, Any]:
    """One performance that ends badly, and what is left of it."""
    with tempfile.TemporaryDirectory(prefix="chanterelle-kill-") as name:
        folder = Path(name)
        mic, out, takes = folder / "mic.wav", folder / "out.wav", folder / "takes"
        # Of 16 bits, so that every layout keeps it exactly.
        soundfile.write(mic, sung(SUNG_S), RATE, subtype="PCM_16")
        words = ["play", "--input", f"file:{mic}", "--output", f"file:{out}"]
        words += ["--block-size", str(BLOCK_SIZE), "--record", str(takes)]
        words += ["--take-file", file, "--take-bits", str(bits)]
        with subprocess.Popen(
            [sys.executable, *CHANTERELLE, *words], cwd=ROOT, stdout=subprocess.DEVNULL
        ) as process:
            wait_for_sound(out, process)
            time.sleep(after_s)
            killed_s = time.time()
            process.send_signal(signal.SIGKILL)
        return examine(next(takes.iterdir()), mic, out, file, killed_s)


def wait_for_sound(out: Path, process: "subprocess.Popen[bytes]") -> None:
    """Until the card has been given its first sample."""
    end_s = time.monotonic() + START_LIMIT_S
    while not (out.is_file() and n_played(out)):
        if process.poll() is not None or time.monotonic() > end_s:
            process.kill()
            raise SystemExit("error: chanterelle play did not begin to play")
        time.sleep(0.01)


def n_played(out: Path) -> int:
    """Samples that the virtual card has been given: its file is written without a buffer."""
    return max(out.stat().st_size - 44, 0) // 3


def examine(take: Path, mic: Path, out: Path, file: str, killed_s: float) -> dict[str, Any]:
    """What can be read of a take whose recorder was killed at this time."""
    from realtime.take_list import open_take

    paths = [take / f"{side}.{file}" for side in ("wet", "dry")]
    problems = []
    sounds = []
    for path in paths:
        try:
            sounds.append(soundfile.read(path, dtype="float32")[0])
        except (soundfile.SoundFileError, ValueError) as error:
            problems.append(f"{path.name}: {error}")
            sounds.append(np.zeros(0, np.float32))
        counted = n_in_header(path)
        if counted != len(sounds[-1]):
            problems.append(f"{path.name}: {counted} in the header, {len(sounds[-1])} to be read")
    wet, dry = sounds
    sung_part = soundfile.read(mic, dtype="float32", frames=len(dry))[0]
    if not np.array_equal(dry, sung_part):
        problems.append("dry is not what was sung")
    problems += played_wrong(wet, out)
    mended = open_take(take)
    if mended.how != "crash" or mended.n_samples != min(len(wet), len(dry)):
        problems.append(f"listed as {mended.how}, {mended.n_samples} samples")
    n_read = min(len(wet), len(dry))
    started_s = datetime.fromisoformat(mended.started).timestamp()
    return {
        "recorded_s": n_read / RATE,
        "lost_s": killed_s - started_s - n_read / RATE,
        "lost_played_s": (n_played(out) - n_read) / RATE,
        "problems": problems,
    }


def played_wrong(wet: np.ndarray, out: Path) -> list[str]:
    """Whether the wet file differs from what the card played, whose own header nobody kept."""
    raw = np.frombuffer(out.read_bytes()[44:], np.uint8)
    played = raw[: len(raw) // 3 * 3].reshape(-1, 3).astype(np.int32)
    whole = (played[:, 0] << 8 | played[:, 1] << 16 | played[:, 2] << 24) >> 8
    n_both = min(len(whole), len(wet))
    step = 2.0**-15  # 16 bits at worst
    if np.abs(whole[:n_both] / 2**23 - wet[:n_both]).max(initial=0.0) > step:
        return ["wet is not what was played"]
    return []


def n_in_header(path: Path) -> int:
    """Read by hand: bytes of the data chunk over those of a sample, or STREAMINFO's count."""
    start = path.read_bytes()[:80]
    if path.suffix == ".flac":
        return int.from_bytes(start[21:26], "big") & (2**36 - 1) if len(start) >= 26 else -1
    if start[:4] != b"RIFF" or start[72:76] != b"data":
        return -1
    n_bytes, frame_bytes = struct.unpack_from("<I", start, 76)[0], start[68]
    return int(n_bytes // frame_bytes)


def summary(kills: list[dict[str, Any]]) -> dict[str, Any]:
    """Of all times."""
    return {
        "n_kills": len(kills),
        "n_valid": sum(not kill["problems"] for kill in kills),
        "worst_lost_s": max(kill["lost_s"] for kill in kills),
        "median_lost_s": float(np.median([kill["lost_s"] for kill in kills])),
        "worst_lost_played_s": max(kill["lost_played_s"] for kill in kills),
    }


def in_words(kill: dict[str, Any]) -> str:
    said = f"recorded {kill['recorded_s']:.2f} s, lost {kill['lost_s']:.2f} s"
    return "; ".join([said, *kill["problems"]])


def closing(result: dict[str, Any]) -> str:
    return (
        f"{result['n_valid']} of {result['n_kills']} takes whole; lost at most "
        f"{result['worst_lost_s']:.2f} s, median {result['median_lost_s']:.2f} s "
        f"(of what had been played {result['worst_lost_played_s']:.2f} s)"
    )


if __name__ == "__main__":
    sys.exit(main())
