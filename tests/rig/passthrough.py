"""The simplest program that a sound card can have: what comes in goes out. Ends with Ctrl-C.

usage: passthrough.py [DELAY_SAMPLES [WORK_MS]]

It can be late by a known number of samples, and take a known time for each block.
"""

import signal
import sys
import threading
import time
from typing import Any

import numpy as np
import sounddevice


class Passthrough:
    """Gives back what it gets, `delay_samples` later, after `work_s` of work."""

    def __init__(self, delay_samples: int, work_s: float) -> None:
        self._held = np.zeros((delay_samples, 1), np.float32)
        self._work_s = work_s

    def callback(self, indata: Any, outdata: Any, n: int, _times: Any, _status: Any) -> None:
        """All output channels get the microphone."""
        done_s = time.perf_counter() + self._work_s
        joined = np.concatenate((self._held, indata))
        outdata[:], self._held = joined[:n], joined[n:]
        while time.perf_counter() < done_s:
            pass


def main() -> None:
    """Plays until it is told to stop."""
    delay_samples, work_ms = (int(word) for word in (*sys.argv[1:], "0", "0")[:2])
    stop = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    with sounddevice.Stream(
        device=("microphone", "speaker"),
        channels=(1, 2),
        blocksize=0,  # any other makes PortAudio's JACK code late by so much
        callback=Passthrough(delay_samples, work_ms / 1e3).callback,
    ):
        stop.wait()


if __name__ == "__main__":
    main()
