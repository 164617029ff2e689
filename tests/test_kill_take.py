"""The figures about takes: what `kill -9` leaves of the real program's, what recording costs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent


def figures(name: str, *words: str) -> Any:
    command = [sys.executable, "-m", f"benchmarks.{name}", "--quick", "--json", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("file", ["wav", "flac"])
def test_takes_of_a_killed_program_are_whole(file: str) -> None:
    found = figures("kill_take", "--file", file)
    assert (found["n_valid"], found["n_kills"]) == (2, 2)
    assert found["worst_lost_s"] < 1.0
    assert all(kill["recorded_s"] > 0.2 for kill in found["kills"])


def test_what_recording_costs_is_measured() -> None:
    found = figures("take_cost")
    for row in found.values():
        assert row["n_blocks"] == 375
        assert 0.0 < row["push_us"]["p50"] <= row["push_us"]["p99"]
    # Far from the figure itself, which needs a quiet machine: below a fifth of a block's time.
    assert found["FLAC, 24 bit, stereo"]["push_us"]["p50"] < 500
