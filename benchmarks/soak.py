"""A long performance on a real sound server, with recording: does it stay in time?

    python benchmarks/soak.py [--minutes 10] [--mode sync|async|both] [--period 128]
        [--busy-cores 1] [--clip CLIP] [--record DIR] [--out FILE] [--json]

The real `chanterelle play` runs on JACK's dummy driver, while another program keeps a core busy. A
sung clip is the microphone, again and again; half of it is mixed to the instrument (`--dry-wet
0.5`), so that the delay can be read to the sample from the output.

- sync: the server waits for a late block, so nothing is lost and every lateness is the program's.
- async: the server goes on without it, as a sound card does. This machine alone loses cycles then;
  so a control, `jack_thru`, plays on a server of its own during the same minutes.

Three clocks measure each block. `computing` is the audio thread's own time; `blocks` is from the
callback's begin to its end; `turnaround` is the server's: from the microphone's end to the
speaker's start, with waking up. A virtual machine stands still for some milliseconds now and then,
and all clocks may go on; so a watchman on each core (`stalls.py`) notes when.

Every minute a line is printed, and FILE is written anew: an hour that is broken off (Ctrl-C) says
what it knows.
"""

import argparse
import contextlib
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from rig.server import what_is_missing  # noqa: E402 (the tests are no package)

from benchmarks.busy import busy_cores  # noqa: E402
from benchmarks.soak_result import as_lines, faults, with_stalls  # noqa: E402
from benchmarks.stalls import Watch  # noqa: E402

CLIP = ROOT / "tests" / "clips" / "nit_song070_004.flac"
STAGE = Path(__file__).with_name("soak_stage.py")
STAGES = {"sync": ["sync"], "async": ["async", "control"], "both": ["sync", "async", "control"]}
SAY_EVERY_S = 60.0
ATTEMPTS = 3


def main() -> int:
    """Prints what was measured; returns 1 if anything of it is a fault."""
    args = parse()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: it is summed up first
    asked = {"minutes_asked": args.minutes, "period": args.period, "busy_cores": args.busy_cores}
    with tempfile.TemporaryDirectory() as folder:
        result = asked | soak(args, Path(folder))
    write(args.out, result)
    print(json.dumps(result, indent=2) if args.json else "\n".join(as_lines(result)), flush=True)
    return int(bool(result["faults"]))


def parse() -> argparse.Namespace:
    """The flags; leaves if this machine cannot run it."""
    parser = argparse.ArgumentParser(description="Plays for a long time and measures.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--mode", choices=("sync", "async", "both"), default="sync")
    parser.add_argument("--period", type=int, default=128, help="frames a cycle")
    parser.add_argument("--busy-cores", type=int, default=1, help="0: leave the machine alone")
    parser.add_argument("--clip", type=Path, default=CLIP, help="what is sung")
    parser.add_argument("--record", type=Path, metavar="DIR", help="keep the recording")
    parser.add_argument("--out", type=Path, metavar="FILE", help="JSON, written every minute")
    parser.add_argument("--json", action="store_true")
    if missing := what_is_missing():
        parser.exit(2, f"error: {missing}\n")
    return parser.parse_args()


def soak(args: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """All stages at once, until all have finished or Ctrl-C."""
    outs = {name: folder / f"{name}.json" for name in STAGES[args.mode]}
    minutes: list[dict[str, Any]] = []
    with busy_cores(args.busy_cores), Watch(120.0 * args.minutes + 600.0) as watch:
        try:
            with stages(args, outs, folder) as processes:
                while not wait(processes, SAY_EVERY_S):
                    minutes.append(figures_of(outs))
                    write(args.out, {"finished": False, "minutes": minutes})
                    print(json.dumps(minutes[-1]), file=sys.stderr, flush=True)
        except (KeyboardInterrupt, RuntimeError) as error:  # what is measured is worth telling
            print(f"ends early: {error}", file=sys.stderr, flush=True)
        stalls_us = watch.spans_us()
    read = {name: json.loads(out.read_text()) for name, out in outs.items() if out.exists()}
    result = {
        "finished": all(read.get(name, {}).get("finished") for name in outs),
        "stalls": len(stalls_us),
        "longest_stall_ms": float(np.diff(stalls_us).max(initial=0)) / 1e3,
        "stages": {n: with_stalls(said, stalls_us) for n, said in read.items() if "said" in said},
        "minutes": minutes,
    }
    missing = [f"{name}: no result" for name in outs if name not in result["stages"]]
    return {**result, "faults": missing + faults(result)}


@contextlib.contextmanager
def stages(
    args: argparse.Namespace, outs: dict[str, Path], folder: Path
) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Each stage as a process; on the way out they are told to end, and awaited."""
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for name, out in outs.items():
            words = [name, str(args.minutes), str(args.period), str(args.clip), str(out)]
            words += [str(args.record or folder)] if name == "sync" else []
            start([sys.executable, str(STAGE), *words], out, processes)
        yield processes
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


def start(command: list[str], out: Path, processes: list["subprocess.Popen[bytes]"]) -> None:
    """One stage, until it plays. JACK's servers share a registry, and do not like to start at once.

    Raises RuntimeError if it does not, several times.
    """
    for _ in range(ATTEMPTS):
        process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
        processes.append(process)
        while process.poll() is None:
            if out.exists():
                return
            time.sleep(0.2)
        processes.remove(process)
        print(f"{out.stem}: did not start; again", file=sys.stderr, flush=True)
    raise RuntimeError(f"{out.stem} does not start")


def wait(processes: list["subprocess.Popen[bytes]"], limit_s: float) -> bool:
    """Whether all have ended within so long."""
    give_up_s = time.monotonic() + limit_s
    while time.monotonic() < give_up_s:
        if all(process.poll() is not None for process in processes):
            return True
        time.sleep(0.5)
    return False


def figures_of(outs: dict[str, Path]) -> dict[str, Any]:
    """What the stages said last."""
    said = {name: json.loads(out.read_text()) for name, out in outs.items() if out.exists()}
    for figures in said.values():
        figures.pop("said", None)
        figures.pop("late_spans_us", None)
    return {"time": time.strftime("%H:%M:%S"), **said}


def write(out: Path | None, result: dict[str, Any]) -> None:
    """In one piece: whoever reads FILE meanwhile reads a whole one."""
    if out is None:
        return
    unfinished = out.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(result, indent=1), encoding="utf-8")
    unfinished.replace(out)


if __name__ == "__main__":
    sys.exit(main())
