"""How a performance ends: by a signal, in order; or at once, where tidying up would hang."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import NoReturn

from ddsp_core.errors import StreamError


@contextlib.contextmanager
def ended_by_signals(stop: threading.Event) -> Iterator[None]:
    """Ctrl-C and the like set `stop` instead of breaking in anywhere."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP"):  # the terminal's window was closed
        numbers.append(signal.SIGHUP)
    before = [signal.signal(number, lambda *_: stop.set()) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def say_last(text: str) -> None:
    """Prints it, unless whoever read it has gone: the terminal's window, or the rest of a pipe."""
    try:
        print(text, flush=True)
    except OSError:
        # What is left unsaid would be tried once more when the process ends, and fail aloud.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def leave_at_once(error: StreamError | None) -> NoReturn:
    """Ends the process without clean-up, in which PortAudio would hang for ever."""
    with contextlib.suppress(OSError, AttributeError):  # nobody reads it any more, or ever did
        if error is not None:
            print(f"error: {error}", file=sys.stderr)
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(error.exit_code if error is not None else 0)
