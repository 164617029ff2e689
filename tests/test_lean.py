"""A playing process loads what playing needs, and nothing else that happens to be installed."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile

from realtime.lean import leave_out

NOT_FOR_PLAYING = {"distributed", "matplotlib", "pandas", "scipy.linalg", "tensorboard", "torch"}

REPORT = """
import json, sys
from realtime import cli
sys.argv = ["chanterelle", *{words}]
assert cli.main() == 0
print(json.dumps(sorted(sys.modules)))
"""


def loaded_by(*words: str) -> set[str]:
    """All modules of a process that ran this command."""
    command = [sys.executable, "-c", REPORT.format(words=list(words))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_playing_loads_neither_torch_nor_scipys_linear_algebra(tmp_path: Path) -> None:
    clip = tmp_path / "clip.wav"
    soundfile.write(clip, np.zeros(480, np.float32), 48000)
    speaker = f"file:{tmp_path / 'out.wav'}"
    modules = loaded_by("play", "--input", f"file:{clip}", "--output", speaker)
    assert {"numba", "realtime.engine", "soundfile"} <= modules
    assert not NOT_FOR_PLAYING & modules


def test_what_is_left_out_counts_as_not_installed() -> None:
    code = (
        "from realtime.lean import leave_out\n"
        "leave_out(['wave'])\n"
        "try:\n    import wave\nexcept ImportError:\n    print('left out')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "left out\n"


def test_what_is_loaded_already_stays() -> None:
    leave_out(["json"])
    assert sys.modules["json"] is json
