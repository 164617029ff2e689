"""Two sound cards without hardware for the real `chanterelle play`: the virtual one, and JACK's.

On both, a microphone hears a given sound from before the program starts; `act` starts and ends it.
"""

import contextlib
import fcntl
import os
import pty
import subprocess
import sys
import tempfile
import termios
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
CLIP = ROOT / "tests" / "clips" / "nit_song070_004.flac"
RATE = 48000
BLOCK_SIZE = 128
CHANTERELLE = ("-m", "realtime.cli")

SIGNS = (b"Ctrl-C ends", b"\x1b[?1049h")
"""That it is about to play: its first line, or in a terminal the stage view's own screen."""

Act = Callable[[Sequence[str], Mapping[str, str]], None]
"""Given the words after `chanterelle` that play on this card, and the environment for them."""


def on_virtual_card(mic: NDArray[np.float32], act: Act) -> None:
    """A file is the microphone. Shape of mic: (T,)."""
    with tempfile.TemporaryDirectory() as folder:
        clip, output = Path(folder) / "mic.wav", Path(folder) / "out.wav"
        soundfile.write(clip, mic, RATE, subtype="FLOAT")
        act(["play", "--input", f"file:{clip}", "--output", f"file:{output}"], os.environ)


def on_jack(mic: NDArray[np.float32], act: Act) -> None:
    """A JACK server of our own, in sync mode: it waits for a late block. Shape of mic: (T,)."""
    if str(ROOT / "tests") not in sys.path:  # the tests are no package
        sys.path.insert(0, str(ROOT / "tests"))
    from rig.jack_rig import JackRig
    from rig.server import what_is_missing

    if missing := what_is_missing():
        raise SystemExit(f"error: {missing}")
    words = ["play", "--input", "microphone", "--output", "speaker"]
    with JackRig(BLOCK_SIZE, RATE, "sync") as rig:
        rig.run(mic, 0.5, meanwhile=lambda: act(words, rig.server.environment))


def sung(seconds: float) -> NDArray[np.float32]:
    """The clip again and again."""
    audio, rate = soundfile.read(CLIP, dtype="float32")
    assert rate == RATE
    return np.resize(audio, round(seconds * RATE))


def square_tone(seconds: float) -> NDArray[np.float32]:
    """220 Hz from the first sample on: what answers with silence is not playing yet."""
    t = np.arange(round(seconds * RATE)) / RATE
    return (0.2 * np.sign(np.sin(2 * np.pi * 220.0 * t))).astype(np.float32)


@contextlib.contextmanager
def playing(
    command: Sequence[str], environment: Mapping[str, str], *, in_terminal: bool = False
) -> Iterator["subprocess.Popen[bytes]"]:
    """Python runs `command` while inside, with its stream open; a terminal shows the stage view.

    Ends it as Ctrl-C does, and waits until it has ended.
    """
    ours, its = pty.openpty() if in_terminal else os.pipe()
    words = [sys.executable, *command]
    with subprocess.Popen(
        words,
        env={**environment, "TERM": "xterm"},
        stdout=its,
        stdin=its if in_terminal else subprocess.DEVNULL,
        preexec_fn=_own_terminal if in_terminal else None,
    ) as one:
        os.close(its)
        said = threading.Event()
        listener = threading.Thread(target=_listen, args=(ours, said), daemon=True)
        listener.start()
        try:
            while not said.wait(0.1):  # for as long as it takes: a first start compiles kernels
                if one.poll() is not None:
                    raise SystemExit(f"error: {' '.join(words)} ended with {one.returncode}")
            yield one
        finally:
            one.terminate()
            one.wait(20.0)
            listener.join()
            os.close(ours)


def _own_terminal() -> None:
    """In the new process: a stage view draws only where its job is in front."""
    os.setsid()
    fcntl.ioctl(1, termios.TIOCSCTTY, 0)


def _listen(descriptor: int, said: threading.Event) -> None:
    """Reads all that comes, so that the program never waits; tells when it says that it plays."""
    heard = b""
    with contextlib.suppress(OSError):  # how a terminal ends
        while chunk := os.read(descriptor, 65536):
            if not said.is_set():
                heard += chunk
                if any(sign in heard for sign in SIGNS):
                    said.set()
