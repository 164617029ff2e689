"""A first start compiles, which takes half a minute and 200 MB that are never given back.

So the process that compiled is not the one that plays: once all kernels lie on disk, it starts
itself again, which takes a second.
"""

import os
import sys
from typing import NoReturn

from realtime.doctor_kernels import count_kernels

MARK = "CHANTERELLE_HAS_COMPILED"
"""Set in the second process: where nothing can be kept on disk, there would be no end."""


def has_compiled() -> bool:
    """Whether this is a first start. Ask when all kernels have been used."""
    return MARK not in os.environ and count_kernels()[1] > 0


def start_again() -> NoReturn:
    """Replaces this process by a fresh one with the same words; nothing may be open any more."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.environ[MARK] = "1"
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
