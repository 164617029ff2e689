"""How the console's process keeps out of the way of the music, and ends with it."""

import contextlib
import logging
import os
import shutil
import signal
import sys
import threading
import webbrowser
from logging.handlers import RotatingFileHandler
from pathlib import Path

NICENESS = 10
"""The music comes first."""

LOG = "console.log"
MOST_LOGGED = 1 << 20


def be_modest() -> None:
    """An ordinary program, and of the less urgent ones, whoever has started it."""
    with contextlib.suppress(OSError, AttributeError):  # not on this system
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    os.nice(max(NICENESS - os.nice(0), 0))


def log_into(folder: Path) -> None:
    """What went wrong, of bounded length; the terminal is the performer's."""
    handler = RotatingFileHandler(folder / LOG, maxBytes=MOST_LOGGED, backupCount=1)
    logging.basicConfig(handlers=[handler], level=logging.WARNING)


def end_with_keeper(folder: Path) -> None:
    """Ends this process when its keeper does, who holds the other end of its standard input.

    Args:
        folder: of the keeper, which goes too.
    """

    def wait() -> None:
        os.read(0, 1)
        for _ in range(2):  # somebody may have been writing there
            shutil.rmtree(folder, ignore_errors=True)
        os.killpg(0, signal.SIGKILL)  # and what it has started

    threading.Thread(target=wait, name="lifeline", daemon=True).start()


def open_browser(address: str) -> None:
    """If this machine has a display; one that would draw into the terminal is not meant."""
    if sys.platform != "darwin" and not {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ):
        return

    def find_and_open() -> None:
        with contextlib.suppress(webbrowser.Error, OSError):
            browser = webbrowser.get()
            if type(browser) is not webbrowser.GenericBrowser:
                browser.open(address)

    threading.Thread(target=find_and_open, name="browser", daemon=True).start()
