"""The process of the MIDI ports: brings their messages, and keeps looking which ports there are.

    python -m realtime.midi_worker NAME [NAME ...]

`midi_ports.py` starts it. Frames go to its standard output, from RtMidi's own threads; it ends when
its standard input does. Whatever a MIDI system does, hang or hold Python's lock, it does it here.
"""

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Sequence

from realtime.midi_frames import write_frame, write_report
from realtime.midi_watch import PortWatch
from realtime.scheduling import COMPANION_PRIORITY, raise_this_thread

LOOK_EVERY_S = 0.4
LEAVE_WITHIN_S = 0.5
"""Closing ports of a sound server that is gone never comes back."""

STDIN, STDOUT = 0, 1


def main(wanted: Sequence[str]) -> None:
    """Serves until nobody reads any more."""
    import rtmidi

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C means the instrument, which tells us
    raise_this_thread(COMPANION_PRIORITY)  # where it is allowed; RtMidi's threads inherit it
    pipe = _take_stdout()
    watch = PortWatch(
        wanted,
        lambda port, data: write_frame(pipe, time.monotonic(), port, data),
        lambda report: write_report(pipe, time.monotonic(), report),
        rtmidi,
    )
    try:
        while True:
            watch.look()
            if select.select([STDIN], [], [], LOOK_EVERY_S)[0]:
                break
    except BrokenPipeError:  # the other process was killed
        pass
    threading.Timer(LEAVE_WITHIN_S, os._exit, [0]).start()
    watch.close()
    os._exit(0)


def _take_stdout() -> int:
    """The pipe to the instrument; what libraries in C print goes nowhere from now on."""
    pipe = os.dup(STDOUT)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, STDOUT)
    os.set_blocking(pipe, False)
    return pipe


if __name__ == "__main__":
    main(sys.argv[1:])
