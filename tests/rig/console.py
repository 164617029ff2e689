"""A real performance with a real console, on the virtual sound card: what the browser tests see."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from rig.console_alone import ROOT, address_in, end

CLIP = Path(__file__).resolve().parent.parent / "clips" / "nit_song070_004.flac"


class Show(NamedTuple):
    """A performance that plays."""

    address: str
    """Of the console, with its token."""
    process: "subprocess.Popen[str]"
    folder: Path
    """Its current directory: takes/ lies there."""
    config: Path
    """Its CHANTERELLE_CONFIG."""


def long_clip(path: Path, minutes: float = 10.0) -> Path:
    """The sung clip over and over, as a WAV file."""
    sound, rate = soundfile.read(CLIP, dtype="int16")
    n_times = int(minutes * 60 * rate / len(sound)) + 1
    soundfile.write(path, np.tile(sound, n_times), rate)
    return path


@contextlib.contextmanager
def show(folder: Path, words: Sequence[str] = (), config: Path | None = None) -> Iterator[Show]:
    """`chanterelle play --console` in this folder, until it is left."""
    config = config or folder / "config"
    clip = long_clip(folder / "sung.wav")
    command = [sys.executable, "-m", "realtime.cli", "play", "--console", "--console-port", "0"]
    command += ["--no-browser", "--input", f"file:{clip}", "--output", f"file:{folder / 'out.wav'}"]
    environment = {**os.environ, "CHANTERELLE_CONFIG": str(config), "PYTHONPATH": str(ROOT)}
    log = (folder / "play.log").open("w+")
    process = subprocess.Popen(
        [*command, *words], cwd=folder, env=environment, stdout=log, stderr=log, text=True
    )
    try:
        yield Show(address_in(folder / "play.log", process), process, folder, config)
    finally:
        kept = children(process.pid)
        end(process)
        log.close()
    left = [name for name, number in kept.items() if Path(f"/proc/{number}").exists()]
    assert not left, f"still there after the end: {left}"


def children(pid: int) -> dict[str, int]:
    """A performance's processes below its supervisor: the module that each runs, and its number."""
    found = {}
    tasks = Path(f"/proc/{pid}/task").glob("*/children")  # of the thread that has started them
    for number in [number for task in tasks for number in task.read_text().split()]:
        words = Path(f"/proc/{number}/cmdline").read_text().split("\0")
        if "-m" in words:
            found[words[words.index("-m") + 1]] = int(number)
    return found
