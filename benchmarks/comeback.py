"""The sound server dies, again and again, during one take: when does the music go on, what is kept?

    python -m benchmarks.comeback [--times 20] [--seed 0] [--json]

A JACK server of our own is killed with SIGKILL at a random moment and started again after a random
pause; `chanterelle play --record` goes through all of it in one performance. Resumed: the time from
the server's return (microphone and speaker are there) to the instrument's ports. Kept: what the
microphone heard in each stretch is looked for in the recording.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.cards import CHANTERELLE, RATE, ROOT, sung

sys.path.insert(0, str(ROOT / "tests"))  # the tests are no package

from rig.delay import correlation_lag
from rig.jack_rig import JackRig

PERIOD = 128
STRETCH_S = (1.5, 4.0)
PAUSE_S = (0.2, 3.0)
PROMISED_S = 2.0
AUDIBLE = 0.003
MARK = 0.01
LEAST_KEPT_S = 1.0
"""Of the end of a stretch, so much may be lost."""


class Stretch(NamedTuple):
    """From one server to its death."""

    resumed_s: float
    """0 for the first one."""
    heard_rms: float
    kept_s: float = 0.0
    lost_s: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=20, help="how often it dies (default 20)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measure(given.times, given.seed)
    print(json.dumps(found) if given.json else "\n".join(as_lines(found)))


def measure(times: int, seed: int = 0) -> dict[str, Any]:
    """Plays through so many deaths of the server."""
    chance = random.Random(seed)
    singing = sung(120.0)
    with tempfile.TemporaryDirectory() as folder:
        words = ["play", "--input", "microphone", "--output", "speaker", "--record", folder]
        mics, stretches = [], []
        with JackRig(PERIOD, RATE, "async") as rig:
            program = rig.start([sys.executable, *CHANTERELLE, *words])
            rig.connect()
            for n in range(times + 1):
                resumed_s = _come_back(rig, chance) if n else 0.0
                start = chance.randrange(0, len(singing) - 5 * RATE)
                mic = singing[start : start + round(chance.uniform(*STRETCH_S) * RATE)]
                mic = mic + _mark(len(mic), n)
                heard = rig.run(mic, tail_s=0.1)
                rms = float(np.sqrt(np.mean(heard.left.astype(float) ** 2)))
                mics.append(mic)
                stretches.append(Stretch(resumed_s, rms))
            ended = rig.stop_program()
            complaints = program.stderr
        takes = [_read(take) for take in sorted(Path(folder).iterdir())]
    stretches = [_kept(s, mic, takes) for s, mic in zip(stretches, mics, strict=True)]
    return _summary(stretches, takes, ended, complaints)


def _mark(n_samples: int, seed: int) -> NDArray[np.float32]:
    """Soft noise of its own for each stretch: the clip repeats itself. Shape: returns (T,)."""
    noise = np.random.default_rng(seed).uniform(-MARK, MARK, n_samples)
    return noise.astype(np.float32)


def _come_back(rig: JackRig, chance: random.Random) -> float:
    rig.kill_server()
    time.sleep(chance.uniform(*PAUSE_S))
    rig.start_server()
    begun_s = time.monotonic()
    rig.connect(limit_s=15.0)
    return time.monotonic() - begun_s


def _read(take: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Wet and dry; raises if a file is not valid."""
    wet, _ = soundfile.read(take / "wet.wav", dtype="float32")
    dry, _ = soundfile.read(take / "dry.wav", dtype="float32")
    return wet, dry


def _kept(stretch: Stretch, mic: NDArray[np.float32], takes: list[Any]) -> Stretch:
    """How much of what the microphone heard lies in the recording, in one piece."""
    best = 0
    for _, dry in takes:
        at = correlation_lag(mic, dry, len(dry))
        n_there = min(len(mic), len(dry) - at)
        differs = np.flatnonzero(np.abs(dry[at : at + n_there] - mic[:n_there]) > 1e-3)
        best = max(best, int(differs[0]) if len(differs) else n_there)
    return stretch._replace(kept_s=best / RATE, lost_s=(len(mic) - best) / RATE)


def _summary(
    stretches: list[Stretch], takes: list[Any], ended: int, complaints: str
) -> dict[str, Any]:
    resumed = np.array([stretch.resumed_s for stretch in stretches[1:]])
    lost = np.array([stretch.lost_s for stretch in stretches])
    return {
        "times": len(resumed),
        "resumed_in_time": int((resumed <= PROMISED_S).sum()),
        "resumed_s": {"p50": float(np.median(resumed)), "max": float(resumed.max())},
        "audible": sum(stretch.heard_rms > AUDIBLE for stretch in stretches),
        "takes": len(takes),
        "takes_of_equal_length": sum(len(wet) == len(dry) for wet, dry in takes),
        "lost_s": {"p50": float(np.median(lost)), "max": float(lost.max())},
        "lost_more_than_a_second": int((lost > LEAST_KEPT_S).sum()),
        "exit_code": ended,
        "complaints": complaints.splitlines()[-3:],
    }


def as_lines(found: dict[str, Any]) -> list[str]:
    """For people."""
    return [f"{name:24} {value}" for name, value in found.items()]


if __name__ == "__main__":
    main()
