"""After a sound server went away: waiting for it, and going on where the performance stood."""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from ddsp_core.errors import DeviceError
from realtime.quiet import quiet_stderr

LOOK_EVERY_S = 0.1
"""A server that is back is found so soon: two seconds are what a performer is promised."""

Found = TypeVar("Found")


def wait_for(find: Callable[[], Found], rescan: Callable[[], None], stop: threading.Event) -> Found:
    """What `find` returns once it does so without a DeviceError.

    Args:
        rescan: makes the sound system look for cards anew.
        stop: ends the wait.

    Raises:
        KeyboardInterrupt: somebody asked to end.
    """
    begun_s = time.monotonic()
    is_said = False
    while not stop.is_set():
        rescan()
        with contextlib.suppress(DeviceError):
            found = find()
            _say(f"the sound card is back after {time.monotonic() - begun_s:.1f} s")
            return found
        if not is_said:
            _say("the sound card is gone: waiting for it (Ctrl-C ends)")
            is_said = True
        stop.wait(LOOK_EVERY_S)
    raise KeyboardInterrupt


def scan_again(portaudio: Any) -> None:
    """PortAudio looks for cards only when it starts; all streams must be closed.

    A JACK server that is not there is not started by this: who died shall be started by whoever
    owns it, with the settings that it had.
    """
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    with quiet_stderr():
        with contextlib.suppress(portaudio.PortAudioError):
            portaudio._terminate()
        with contextlib.suppress(portaudio.PortAudioError):
            portaudio._initialize()


def _say(text: str) -> None:
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)
