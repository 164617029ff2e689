"""A first start compiles, which takes half a minute and 200 MB that are never given back.

So the process that compiled is not the one that plays: once all kernels lie on disk, it starts
itself again, which takes a second.
"""

import contextlib
import os
import sys
from pathlib import Path
from typing import NoReturn

from realtime.doctor_kernels import count_kernels
from realtime.supervisor import supervised

MARK = "CHANTERELLE_HAS_COMPILED"
"""Set in the second process: where nothing can be kept on disk, there would be no end."""

LAST_STANDARD_FILE = 2
"""Its descriptor: standard error's."""


def has_compiled() -> bool:
    """Whether this is a first start. Ask when all kernels have been used."""
    return MARK not in os.environ and count_kernels()[1] > 0


def start_again() -> NoReturn:
    """Replaces this process by a fresh one with the same words; what is open is closed by that."""
    sys.stdout.flush()
    sys.stderr.flush()
    _close_files_when_replaced()
    os.environ[MARK] = "1"
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _close_files_when_replaced(folder: Path = Path("/dev/fd")) -> None:
    """All but the standard ones and the supervisor's.

    Libraries open some for good: a JACK server would take the client that PortAudio made for alive
    as long as its socket is open, and wait for it.
    """
    parent = supervised()
    kept = {parent.standing_file, parent.lifeline} if parent else set()
    for descriptor in [int(path.name) for path in folder.glob("[0-9]*")]:
        if descriptor > LAST_STANDARD_FILE and descriptor not in kept:
            with contextlib.suppress(OSError):  # the folder's own is closed already
                os.set_inheritable(descriptor, False)
