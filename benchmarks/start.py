"""How long a performer waits, and how fast a file is rendered: both with everything, start-up too.

    python -m benchmarks.start [--runs 5] [--json]

`start_s` is from starting `chanterelle play` (virtual card) to the line that it prints with its
stream about to run; kernels are compiled, as from the second start on. `render_x` is 60 s of
singing over the wall time of the whole `chanterelle render` process.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

CLIP = Path(__file__).resolve().parent.parent / "tests" / "clips" / "nit_song070_004.flac"
CHANTERELLE = [sys.executable, "-m", "realtime.cli"]
SONG_S = 60


def main() -> None:
    parser = argparse.ArgumentParser(description="Start-up time and speed of rendering.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        song = make_song(Path(folder))
        starts_s = [start_time_s(Path(folder)) for _ in range(args.runs + 1)][1:]
        render_x = [render_speed(song) for _ in range(args.runs)]
    result = {
        "start_s": {"median": statistics.median(starts_s), "max": max(starts_s)},
        "render_x": {"median": statistics.median(render_x), "min": min(render_x)},
    }
    if args.json:
        print(json.dumps(result))
        return
    print(
        f"start: median {result['start_s']['median']:.2f} s, max {result['start_s']['max']:.2f} s"
    )
    print(f"render of {SONG_S} s: median {result['render_x']['median']:.1f} x real time")


def make_song(folder: Path) -> Path:
    """A minute of singing, the clip again and again."""
    audio, rate = soundfile.read(CLIP, dtype="float32")
    path = folder / "song.wav"
    soundfile.write(path, np.resize(audio, SONG_S * rate), rate)
    return path


def start_time_s(folder: Path) -> float:
    """From the process's start to its first line, which says that it plays."""
    begun_s = time.perf_counter()
    words = ["play", "--input", f"file:{CLIP}", "--output", f"file:{folder / 'out.wav'}"]
    with subprocess.Popen([*CHANTERELLE, *words], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        taken_s = time.perf_counter() - begun_s
        process.terminate()
    assert "Ctrl-C ends" in line, line
    return taken_s


def render_speed(song: Path) -> float:
    """Seconds of sound a second of waiting."""
    begun_s = time.perf_counter()
    words = ["render", str(song), str(song.with_name("out.wav"))]
    subprocess.run([*CHANTERELLE, *words], check=True, stdout=subprocess.DEVNULL)
    return SONG_S / (time.perf_counter() - begun_s)


if __name__ == "__main__":
    main()
