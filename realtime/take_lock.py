"""Who is recording a take holds its lock; the system lets go of it when the process ends.

So a take without an end in take.yaml is either being recorded now, or its recorder was killed.
"""

import fcntl
import os
from pathlib import Path

from realtime.take_notes import EVENTS


def lock_take(descriptor: int, folder: Path) -> None:
    """Holds the take of this descriptor (of events.jsonl) as long as that is open.

    Raises OSError if another process holds it.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OSError(error.errno, "another program is recording it", str(folder)) from None


def is_being_recorded(folder: Path) -> bool:
    """Whether somebody holds the take."""
    try:
        descriptor = os.open(folder / EVENTS, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
