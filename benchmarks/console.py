"""What the console costs the instrument, and how fast it is.

    python -m benchmarks.console [--seconds 20] [--rounds 3] [--jack] [--only PART ...] [--json]

One performance, blocks of 128 samples. In turn: nothing beside it; two browsers (a Chromium each)
that draw an animation of their own; the same two browsers with the console's stage and desk, meters
at 30 Hz. Then the console is killed every 3 seconds; frozen (SIGSTOP) 3 seconds of 4; 10,000
messages a second come down its socket, and from a page. Times of the blocks in each stretch, late
blocks by cause, the console's share of a core. Between, pages are loaded, and knobs turned by OSC
until they have moved on the screen.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.console_looks import a_knob, a_load, n_frames
from benchmarks.console_stage import AConsole, Stage, spent_s, two_pages, wait

SETTLE_S = 1.5
KILL_EVERY_S = 3.0
FROZEN_S, THAWED_S = 3.0, 1.0
PARTS = ("compare", "looks", "killed", "frozen", "flooded", "flooded page")

ANIMATION = """data:text/html,<canvas id=c width=1200 height=700></canvas><script>
const g = c.getContext("2d"); let n = 0;
setInterval(() => { n++; g.fillStyle = "black"; g.fillRect(0, 0, 1200, 700); g.fillStyle = "orange";
for (let i = 0; i < 165; i++) g.fillRect(7 * i, 700, 6, -350 - 340 * Math.sin(i + n / 9)); }, 33);
</script>"""

FLOOD_PAGE = """() => { const names = ["event", "log", "javascript_response", "nonsense"];
setInterval(() => { for (let i = 0; i < 100; i++) window.socket.emit(names[i % 4], {client_id:
window.clientId, id: i, listener_id: "none", args: ["{}"]}); }, 10); }"""


class Stretch(NamedTuple):
    """Some seconds under one condition."""

    what: str
    from_s: float
    to_s: float
    share: float
    """Of a core, that the console took; nan: there was none, or not one."""
    frames_hz: tuple[float, ...] = ()
    """Live frames that each page was shown a second."""


class Bench:
    """All of it, on one stage."""

    def __init__(self, stage: Stage, console: AConsole, pages: list[Any], seconds: float) -> None:
        self.stage, self.console, self.pages, self.seconds = stage, console, pages, seconds
        self.stretches: list[Stretch] = []
        self.loads_s: dict[str, list[float]] = {"/": [], "/desk": []}
        self.knobs_s: list[float] = []

    def stretch(self, what: str, meanwhile: Callable[[float], None] = time.sleep) -> None:
        """One of `seconds`, under the condition that holds."""
        time.sleep(SETTLE_S)
        pid = self.console.pid if self.console.is_there and meanwhile is time.sleep else 0
        seen = [n_frames(page) for page in self.pages] if pid else []
        before_s, from_s = spent_s(pid) if pid else 0.0, time.monotonic()
        meanwhile(self.seconds)
        to_s = time.monotonic()
        share = (spent_s(pid) - before_s) / (to_s - from_s) if pid else float("nan")
        shown = zip(self.pages, seen, strict=False)
        rates = tuple((n_frames(page) - before) / (to_s - from_s) for page, before in shown)
        self.stretches.append(Stretch(what, from_s, to_s, share, rates))

    def show(self, *addresses: str) -> None:
        for page, address in zip(self.pages, addresses, strict=True):
            page.goto(address)

    @contextlib.contextmanager
    def with_console(self) -> Iterator[None]:
        """Stage and desk are open, and live."""
        self.console.start()
        self.console.wait_until_there()
        for page in self.pages:
            page.context.clear_cookies()  # one that has flooded is not let in for a while
        self.show(self.console.address, self.console.address)
        self.pages[1].goto(self.console.path("/desk"))
        for page in self.pages:
            wait(lambda page=page: n_frames(page) > 0)
        try:
            yield
        finally:
            self.show("about:blank", "about:blank")
            self.console.kill()

    def compare(self) -> None:
        """Without, with two browsers that have nothing to do with it, with it."""
        self.show("about:blank", "about:blank")
        self.stretch("alone")
        self.show(ANIMATION, ANIMATION)
        self.stretch("beside browsers")
        with self.with_console():
            self.stretch("with console")

    def looks(self, n: int = 8) -> None:
        """Loads, and knobs."""
        with self.with_console():
            for path, loads in self.loads_s.items():
                for _ in range(n):
                    loads.append(a_load(self.pages[0], self.console.path(path)))
            time.sleep(SETTLE_S)
            for number in range(5 * n):
                value = (number % 97 + 1.5) / 100
                self.knobs_s.append(a_knob(self.pages[1], self.stage.osc_port, value))

    def killed(self) -> None:
        def again(seconds: float) -> None:
            end_s = time.monotonic() + seconds
            while time.monotonic() < end_s:
                time.sleep(KILL_EVERY_S)
                self.console.kill()
                self.console.start()

        with self.with_console():
            self.stretch("killed every 3 s", again)

    def frozen(self) -> None:
        def again(seconds: float) -> None:
            end_s = time.monotonic() + seconds
            while time.monotonic() < end_s:
                os.kill(self.console.pid, signal.SIGSTOP)
                time.sleep(FROZEN_S)
                os.kill(self.console.pid, signal.SIGCONT)
                time.sleep(THAWED_S)

        with self.with_console():
            self.stretch("frozen 3 s of 4", again)

    def flooded(self) -> None:
        for kind in ("valid", "garbage"):
            command = [sys.executable, "-m", "benchmarks.console_flood", str(self.stage.link), kind]
            with subprocess.Popen(command, stdout=subprocess.DEVNULL) as flood:
                self.stretch(f"flooded, {kind}")
                flood.kill()

    def flooded_page(self) -> None:
        with self.with_console():
            self.pages[0].evaluate(FLOOD_PAGE)
            self.stretch("flooded by a page")


def result(bench: Bench) -> dict[str, Any]:
    played = bench.stage.played
    rows = []
    for what in dict.fromkeys(stretch.what for stretch in bench.stretches):
        stretches = [stretch for stretch in bench.stretches if stretch.what == what]
        found = [played.between(stretch.from_s, stretch.to_s) for stretch in stretches]
        taken_ms = np.concatenate([taken for taken, _ in found])
        late = Counter(cause for _, causes in found for cause in causes)
        p50, p99 = np.percentile(taken_ms, [50, 99])
        row = {"what": what, "blocks": len(taken_ms), "p50_ms": p50, "p99_ms": p99}
        row |= {
            "max_ms": taken_ms.max(),
            "p99_each": [float(np.percentile(t, 99)) for t, _ in found],
        }
        shares = [stretch.share for stretch in stretches if stretch.share == stretch.share]
        rates = [rate for stretch in stretches for rate in stretch.frames_hz]
        rows.append(row | {"late": dict(late), "console_share": shares, "frames_hz": rates})
    return {"rows": rows, "loads_s": bench.loads_s, "osc_to_screen_s": bench.knobs_s}


def as_lines(found: dict[str, Any]) -> Iterator[str]:
    for row in found["rows"]:
        shares = ", ".join(f"{100 * share:.1f} %" for share in row["console_share"])
        each = " ".join(f"{p99:.3f}" for p99 in row["p99_each"])
        yield (
            f"{row['what']:20} {row['blocks']:7} blocks  p50 {row['p50_ms']:.3f}  p99"
            f" {row['p99_ms']:.3f} ({each})  max {row['max_ms']:.2f} ms  late {row['late'] or 0}"
            + (f"  console {shares}, {min(row['frames_hz']):.1f} frames/s" if shares else "")
        )
    times = {f"load {path}": loads for path, loads in found["loads_s"].items()}
    for what, each in {**times, "OSC to screen": found["osc_to_screen_s"]}.items():
        if each:
            yield f"{what:20} p50 {np.median(each):.3f} s, max {max(each):.3f} s of {len(each)}"


def measure(args: argparse.Namespace) -> dict[str, Any]:
    n = args.rounds * 3 * ("compare" in args.only) + 2 * len(args.only)
    minutes = (n * (args.seconds + 10.0) + 60.0) / 60.0
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), minutes, args.jack)
        with stage.playing(), AConsole(stage) as console, two_pages() as pages:
            bench = Bench(stage, console, pages, args.seconds)
            for part in args.only:
                for _ in range(args.rounds if part == "compare" else 1):
                    getattr(bench, part.replace(" ", "_"))()
        assert threading.active_count() < 10
        return result(bench)


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0, help="a stretch (default 20)")
    parser.add_argument("--rounds", type=int, default=3, help="of comparing (default 3)")
    parser.add_argument("--jack", action="store_true", help="through a JACK server")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found = measure(args)
    print(json.dumps(found) if args.json else "\n".join(as_lines(found)))


if __name__ == "__main__":
    main()
