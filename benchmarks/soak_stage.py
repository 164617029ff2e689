"""One stage of the soak: a sound server, a program on it, and what is seen of both.

    python benchmarks/soak_stage.py sync|async|control MINUTES PERIOD CLIP OUT [RECORD]

Each stage has a JACK server of its own (dummy driver), the tests' microphone and speaker, and one
program between them: `chanterelle play`, or `jack_thru`, JACK's own example client, whose work is a
memcpy: what goes wrong with it is the machine's and the server's. Each is a process of its own, as
JACK's library knows one server a process. OUT is a JSON file, written anew every minute.
"""

import json
import signal
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from rig.delay import correlation_lag  # noqa: E402 (the tests are no package)
from rig.jack_rig import JackRig  # noqa: E402
from rig.program import Program  # noqa: E402
from rig.transport import Audio, Recording, RunningTake  # noqa: E402

from benchmarks import footprint  # noqa: E402
from realtime.audio_file import read_audio  # noqa: E402

RATE = 48000
TAIL_S = 0.5
WINDOW_S = 10.0
"""Long enough to hold singing whatever the clip."""

LONGEST_DELAY = RATE // 5
LONGEST_TURNAROUND_US = 60e6
"""Anything above is a negative time, as the rig writes it."""

PATIENCE = 1.2
"""Times the performance's length until a server that has not finished is taken for stuck."""

LOOK_EVERY_S = 1.0
SAY_EVERY_S = 60.0

PLAY = [sys.executable, "-m", "realtime.cli", "play", "--input", "microphone"]
PLAY += ["--output", "speaker", "--dry-wet", "0.5", "--json"]


def main() -> None:
    """Plays and writes."""
    name, minutes, period, clip, out, *record = sys.argv[1:]
    recording = ["--record", *record] if record else []
    command = ["jack_thru"] if name == "control" else [*PLAY, *recording]
    mic = np.resize(read_audio(Path(clip), RATE), round(60.0 * float(minutes) * RATE))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    play(name, command, mic, int(period), Path(out))


def play(name: str, command: list[str], mic: Audio, period: int, out: Path) -> None:
    """Plays `mic` into the program until it is over, or Ctrl-C. Shape: (T,)."""
    memory_mb: list[float] = []
    problem, deadline_us = "", 1e6 * period / RATE
    with JackRig(period, RATE, "sync" if name == "sync" else "async") as rig:
        program = rig.start(command)
        rig.connect()
        write(out, {"finished": False})
        running = rig.transport.start(mic, len(mic) + round(TAIL_S * RATE))
        try:
            watch = Watch(program, running, memory_mb, deadline_us)
            watch.until_done(len(mic) / RATE, out)
        except KeyboardInterrupt:
            problem = "interrupted"
        except Exception as error:  # what has been measured until then is worth an hour
            problem = f"{type(error).__name__}: {error}"
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        recording = measured(running)
        result = {"problem": problem, **so_far(recording, memory_mb, deadline_us)}
        result |= at_the_end(rig, program, recording)
        if name == "sync" and not problem:
            delays = delays_samples(mic, recording.left)
            result |= {"delay_samples": delays[0], "drift_samples": max(delays) - min(delays)}
    write(out, {"finished": True, **result})


class Watch(NamedTuple):
    """What is looked at once a second."""

    program: Program
    running: RunningTake
    memory_mb: list[float]
    deadline_us: float

    def until_done(self, duration_s: float, out: Path) -> None:
        """Raises RigError if the program ends, TimeoutError if the server does not."""
        begun_s = said_s = time.monotonic()
        while not self.running.take.is_done:
            self.program.check()
            self.memory_mb.append(memory_of(self.program.pid))
            time.sleep(min(LOOK_EVERY_S, 0.1 * duration_s))
            now_s = time.monotonic()
            if now_s - said_s >= SAY_EVERY_S:
                said_s = now_s
                figures = so_far(measured(self.running), self.memory_mb, self.deadline_us)
                write(out, {"finished": False, **figures})
            if now_s - begun_s > PATIENCE * duration_s + 10.0:
                raise TimeoutError("the server is stuck")


def measured(running: RunningTake) -> Recording:
    """What there is, without the cycles that an async server had begun again when they ended."""
    recording = running.recording()
    is_time = recording.turnaround_us < LONGEST_TURNAROUND_US
    return recording._replace(
        played_at_us=recording.played_at_us[is_time],
        turnaround_us=recording.turnaround_us[is_time],
    )


def so_far(recording: Recording, memory_mb: list[float], deadline_us: float) -> dict[str, Any]:
    """What can be said at any time."""
    return {
        "cycles": len(recording.turnaround_us),
        "turnaround_ms": percentiles_ms(recording.turnaround_us),
        "late_cycles": int(np.sum(recording.turnaround_us > deadline_us)),
        "xruns": recording.n_xruns,
        **memory(memory_mb),
    }


def at_the_end(rig: JackRig, program: Program, recording: Recording) -> dict[str, Any]:
    """Ends the program; what it says of itself, and when cycles were late."""
    exit_code = rig.stop_program()
    is_late = recording.turnaround_us > 1e6 * rig.period / RATE
    starts_us = recording.played_at_us[is_late]
    ends_us = starts_us + recording.turnaround_us[is_late].astype(np.int64)
    said = program.stdout
    return {
        "exit_code": exit_code,
        "deadline_ms": 1e3 * rig.period / RATE,
        "late_spans_us": np.stack((starts_us, ends_us), axis=1).tolist(),
        "lost_samples": recording.n_lost,
        "lost_cycles": round(recording.n_lost / rig.period),
        "said": json.loads(said) if said.startswith("{") else None,
    }


SETTLED_LOOKS = 60
"""By then everything has been used once; from here on memory has to stay as it is."""


def memory(memory_mb: list[float]) -> dict[str, float]:
    """Resident memory once settled, now, and the most that it grew in between."""
    if not memory_mb:
        return {}
    settled = memory_mb[min(SETTLED_LOOKS, len(memory_mb) // 2) :]
    figures = (settled[0], settled[-1], max(settled) - settled[0])
    names = ("memory_settled_mb", "memory_now_mb", "memory_grown_mb")
    return dict(zip(names, np.round(figures, 1).tolist(), strict=True))


def memory_of(pid: int) -> float:
    """Resident memory in MB of a process (a supervisor) and all that it has started."""
    return float(footprint.memory(pid)["rss_mb"])


def delays_samples(mic: Audio, output: Audio) -> list[int]:
    """The output's delay in each window of the performance.

    Shape:
        mic: (T,), output: (T + tail,)
    """
    length = min(round(WINDOW_S * RATE), len(mic))
    starts = range(0, len(mic) - length + 1, length)
    spans = [slice(start, start + length) for start in starts]
    return [correlation_lag(mic[span], output[span], LONGEST_DELAY) for span in spans]


def percentiles_ms(times_us: np.ndarray) -> dict[str, float]:
    """p50, p99, p99.9 and the longest. Shape: (N,)."""
    if not len(times_us):
        return {}
    values = np.percentile(times_us, [50, 99, 99.9, 100]) / 1e3
    names = ("p50", "p99", "p99.9", "max")
    return dict(zip(names, np.round(values, 3).tolist(), strict=True))


def write(out: Path, result: dict[str, Any]) -> None:
    """In one piece: whoever reads it meanwhile reads a whole one."""
    unfinished = out.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(result), encoding="utf-8")
    unfinished.replace(out)


if __name__ == "__main__":
    main()
