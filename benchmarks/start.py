"""How long a performer waits, and how fast a file is rendered: both with everything, start-up too.

    python -m benchmarks.start [--runs 5] [--jack] [--json]

From starting `chanterelle play` to the line that it prints with its stream about to run, to its
first block and to its first sound, while a tone is sounding into the microphone; kernels are
compiled, as from the second start on. Then each of the first 100 blocks beside the 1,000 after
them, and the garbage collector's pauses. `render_x` is 60 s of singing over the wall time of the
whole `chanterelle render` process, `render_cpu_x` over its computing time.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.cards import (
    BLOCK_SIZE,
    CHANTERELLE,
    RATE,
    on_jack,
    on_virtual_card,
    playing,
    square_tone,
    sung,
)

SONG_S = 60
N_FIRST, N_AFTER = 100, 1000
PLAYED_S = (N_FIRST + N_AFTER) * BLOCK_SIZE / RATE + 0.5
WAIT_S = 30.0
"""How long the microphone's tone lasts: a slow machine's start, and what is played."""

SOUND = 1e-3
"""A peak that is no silence; the answer to the tone is a hundred times as large."""

Curves = dict[str, NDArray[np.float64]]


def main() -> None:
    parser = argparse.ArgumentParser(description="Start-up time and speed of rendering.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--jack", action="store_true", help="on a JACK server, not a virtual card")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    starts = [start(jack=args.jack) for _ in range(args.runs + 1)][1:]
    with tempfile.TemporaryDirectory() as folder:
        song = Path(folder) / "song.wav"
        soundfile.write(song, sung(SONG_S), RATE)
        speeds = np.array([render_speed(song) for _ in range(args.runs)])
    result = {
        **{
            name: spread([one[name] for one in starts])
            for name in ("printed_s", "first_block_s", "first_sound_s")
        },
        **first_blocks(starts),
        "render_x": {"median": float(np.median(speeds[:, 0])), "min": float(speeds[:, 0].min())},
        "render_cpu_x": {"median": float(np.median(speeds[:, 1]))},
    }
    print(json.dumps(result) if args.json else "\n".join(as_lines(result)))


def start(*, jack: bool) -> dict[str, Any]:
    """One start: times in s from the process's begin, and what its callbacks took."""
    found: dict[str, Any] = {}

    def act(words: Sequence[str], environment: Mapping[str, str]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            notes = Path(folder) / "blocks.npz"
            command = ["-m", "benchmarks.watched_play", str(notes), *words]
            begun_s = time.monotonic()
            with playing(command, environment):
                found["printed_s"] = time.monotonic() - begun_s
                time.sleep(PLAYED_S)
            with np.load(notes) as file:
                found.update({name: file[name] for name in file.files})
        heard = int(np.argmax(found["peak"] > SOUND))
        assert found["peak"][heard] > SOUND, "it kept silent"
        found["first_block_s"] = found["begun_s"][0] - begun_s
        # What a block holds is heard when the next one is asked for.
        found["first_sound_s"] = found["begun_s"][heard + 1] - begun_s

    (on_jack if jack else on_virtual_card)(square_tone(WAIT_S if jack else PLAYED_S), act)
    return found


def first_blocks(starts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Computing times of the first blocks beside those after them; the median over the starts."""
    spans = {
        "first_block_ms": slice(0, 1),
        "first_100_ms": slice(0, N_FIRST),
        "after_ms": slice(N_FIRST, N_FIRST + N_AFTER),
    }
    pauses_s = np.concatenate([one["gc_s"] for one in starts])
    return {
        **{name: figures([one["taken_s"][span] for one in starts]) for name, span in spans.items()},
        "gc_pauses": len(pauses_s),
        "longest_gc_pause_ms": 1e3 * float(pauses_s.max(initial=0.0)),
    }


def figures(times_s: Sequence[NDArray[np.float64]]) -> dict[str, float]:
    """p50, p99 and max in ms, each the median over the runs."""
    each = 1e3 * np.median([np.percentile(times, (50, 99, 100)) for times in times_s], axis=0)
    return dict(zip(("p50", "p99", "max"), each.tolist(), strict=True))


def spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": float(np.median(values)), "max": max(values)}


def render_speed(song: Path) -> tuple[float, float]:
    """Seconds of sound for each second of waiting, and of computing."""
    words = ["render", str(song), str(song.with_name("out.wav"))]
    begun_s, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *CHANTERELLE, *words], check=True, stdout=subprocess.DEVNULL)
    taken_s, after = time.perf_counter() - begun_s, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return SONG_S / taken_s, SONG_S / cpu_s


def as_lines(result: dict[str, Any]) -> Iterator[str]:
    """For people."""
    for name in ("printed_s", "first_block_s", "first_sound_s"):
        row = result[name]
        yield f"{name:14} median {row['median']:.2f} s, max {row['max']:.2f} s"
    for name in ("first_block_ms", "first_100_ms", "after_ms"):
        yield f"{name:14} " + ", ".join(f"{key} {ms:.3f}" for key, ms in result[name].items())
    yield f"gc pauses      {result['gc_pauses']}, longest {result['longest_gc_pause_ms']:.3f} ms"
    yield (
        f"render of {SONG_S} s: median {result['render_x']['median']:.1f} x real time,"
        f" by computing time {result['render_cpu_x']['median']:.1f} x"
    )


if __name__ == "__main__":
    main()
