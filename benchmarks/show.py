"""A whole show: songs, presets, knobs, pedals, tablet, takes; does anything go wrong?

    python -m benchmarks.show [--minutes 5] [--seed 0] [--period 128] [--async] [--quick] [--json]
        [--keep FOLDER]

The real `chanterelle play --set-list --midi --osc --record` on a JACK server of our own hears real
singing, while somebody changes presets and songs by program change, pedal and OSC, sweeps knobs,
those of effects among them, takes instrument and effects out and in, taps, follows a drum machine,
panics, ends takes and begins others, and a tablet reads along. In sync mode the server waits for a
late block, so that nothing is lost and all that is heard is the program's. Afterwards:

- clicks: third difference over rms of the speaker's sound, around deeds and elsewhere
- gaps: while somebody sings aloud, silence of 60 ms or more
- takes: each is valid, whole, what came out of the speaker to the last bit, and has the hands'
  events; `take render` makes the same sound of it
- late blocks by their causes, xruns, memory, what the performer was told, exit code
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.cards import CHANTERELLE, RATE, ROOT
from benchmarks.show_hands import Memory, Tablet
from benchmarks.show_judge import click_figures, gaps, late_figures, take_figures
from benchmarks.show_plan import Deed, plan, prepare
from realtime.audio_file import read_audio

sys.path.insert(0, str(ROOT / "tests"))  # the tests are no package

from rig.jack_rig import JackRig
from rig.transport import LEAD_S, Recording

CLIPS = ("nit_song070_004.flac", "vocadito_1.flac")
PAUSE_S = 1.5
"""Between two clips: echoes and rooms are heard alone."""
SETTLE_S = 3.0
"""Until all ports are found; silence."""
EVERY_S, QUICK_S = 1.5, 20.0
QUICK_EVERY_S = 0.7
"""Everything once."""
TAIL_S = 1.0
LOOK_EVERY_S = 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--period", type=int, default=128, help="frames a block (default 128)")
    parser.add_argument("--async", action="store_true", dest="is_async", help="as a card does")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_S:g} seconds")
    parser.add_argument("--keep", type=Path, help="keep sound and deeds in this folder")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    seconds = QUICK_S if args.quick else 60.0 * args.minutes
    mode = "async" if args.is_async else "sync"
    found = measure(seconds, args.seed, args.period, mode, args.keep)
    print(json.dumps(found) if args.json else "\n".join(as_lines(found)))


def measure(
    seconds: float, seed: int = 0, period: int = 128, mode: Any = "sync", keep: Path | None = None
) -> dict[str, Any]:
    """One show and all its figures."""
    mic = sung(seconds)
    deeds = plan(seconds, seed, EVERY_S if seconds > QUICK_S else QUICK_EVERY_S)
    with tempfile.TemporaryDirectory() as name:
        folder = keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["CHANTERELLE_CONFIG"] = str(folder)
        found, recording = perform(folder, mic, deeds, period, mode)
        out = np.stack((recording.left, recording.right))
        if keep:
            soundfile.write(keep / "out.wav", out.T, RATE, subtype="FLOAT")
            (keep / "deeds.json").write_text(json.dumps(deeds))
        found["takes"] = take_figures(folder / "takes", out, deeds)
    found["clicks"] = click_figures(mic, out, deeds, found["latency_samples"])
    found["gaps_s"] = gaps(mic, out, deeds, found["latency_samples"])
    return found


def perform(
    folder: Path, mic: NDArray[np.float32], deeds: list[Deed], period: int, mode: Any
) -> tuple[dict[str, Any], Recording]:
    """The show itself, and what can be said of it apart from its sound."""
    port = 20000 + os.getpid() % 20000
    words = ["play", "--input", "microphone", "--output", "speaker", "--block-size", str(period)]
    words += ["--set-list", str(prepare(folder)), "--record", str(folder / "takes"), "--json"]
    words += ["--midi", "knobs", "--osc", str(port)]
    midi = [(deed.sample, deed.midi) for deed in deeds if deed.midi]
    load = os.getloadavg()[0]
    with JackRig(period, RATE, mode) as rig, Tablet(port, deeds) as tablet:
        program = rig.start([sys.executable, *CHANTERELLE, *words])
        rig.connect()
        rig.run(np.zeros(round(SETTLE_S * RATE), np.float32), tail_s=0.0)
        memory = Memory(program.pid)
        running = rig.transport.start(mic, len(mic) + round(TAIL_S * RATE), midi)
        tablet.begin(LEAD_S)
        limit_s = time.monotonic() + 10.0 + 3.0 * len(mic) / RATE
        while not running.take.is_done and time.monotonic() < limit_s:
            program.check()
            memory.look()
            time.sleep(LOOK_EVERY_S)
        exit_code = rig.stop_program()
        printed, complaints = program.stdout, program.stderr
    said = json.loads(printed) if printed.startswith("{") else {}
    found = {
        "seconds": len(mic) / RATE,
        "load_average": (round(load, 1), round(os.getloadavg()[0], 1)),
        "deeds": dict(Counter(deed.kind for deed in deeds if deed.kind)),
        "exit_code": exit_code,
        **program_figures(said),
        "late_blocks_after": late_figures(said, running.recording(), deeds),
        "card": card_figures(running.recording(), period),
        "memory": memory_figures(memory),
        "tablet": tablet_figures(tablet),
        "messages": dict(Counter(tablet.messages).most_common(30)),
        "stderr": complaints.splitlines()[:60],
    }
    return found, running.recording()


def program_figures(said: dict[str, Any]) -> dict[str, Any]:
    """Of the closing statistics."""
    names = ("n_blocks", "p50_ms", "p99_ms", "max_ms", "deadline_ms", "computing_ms")
    names += ("late_blocks", "late", "xruns", "latency_ms", "problem")
    found = {name: said.get(name) for name in names}
    found["latency_samples"] = round((said.get("latency_ms") or 0.0) * RATE / 1e3)
    return found


def card_figures(recording: Recording, period: int) -> dict[str, Any]:
    """As the sound server saw it."""
    taken_ms = recording.turnaround_us / 1e3
    p50, p99, longest = np.percentile(taken_ms, [50, 99, 100]).round(2).tolist()
    n_late = int((taken_ms > 1e3 * period / RATE).sum())
    return {
        "p50_ms": p50, "p99_ms": p99, "max_ms": longest, "late": n_late,
        "xruns": recording.n_xruns, "lost": recording.n_lost,
    }  # fmt: skip


def memory_figures(memory: Memory) -> dict[str, Any]:
    """A quarter of the way through, everything has been used once."""
    settled = memory.looks[len(memory.looks) // 4 :] or [(0, 0.0)]
    sizes_mb = [size_mb for _, size_mb in settled]
    return {
        "processes": settled[-1][0],
        "settled_mb": round(sizes_mb[0], 1),
        "last_mb": round(sizes_mb[-1], 1),
        "grown_mb": round(max(sizes_mb) - sizes_mb[0], 1),
    }


def tablet_figures(tablet: Tablet) -> dict[str, Any]:
    """What came back by OSC."""
    return {
        "messages": sum(tablet.told.values()),
        "presets": tablet.told["preset"],
        "last_preset": tablet.preset,
        "meters": tablet.told["meters/load"],
        "longest_without_meters_s": round(tablet.longest_silence_s, 2),
    }


def sung(seconds: float) -> NDArray[np.float32]:
    """Two singers in turn, with pauses. Shape: (T,)."""
    pause = np.zeros(round(PAUSE_S * RATE), np.float32)
    clips = [read_audio(ROOT / "tests" / "clips" / name, RATE) for name in CLIPS]
    songs = np.concatenate([part for clip in clips for part in (clip, pause)])
    return np.resize(songs, round(seconds * RATE))


def as_lines(found: dict[str, Any]) -> list[str]:
    """For people."""
    lines = []
    for name, value in found.items():
        if isinstance(value, dict):
            lines += [name, *(f"  {key:22} {one}" for key, one in value.items())]
        elif isinstance(value, list):
            lines += [name, *(f"  {one}" for one in value)]
        else:
            lines.append(f"{name:24} {value}")
    return lines


if __name__ == "__main__":
    main()
