"""Memory that a step gives back is kept for the next one.

A training step asks for and frees hundreds of megabytes. glibc returns large blocks to the system
at once, which clears them anew for the next step, page by page: about a tenth of a step. Its
defaults are for programs that need much memory once.
"""

import ctypes
import sys

M_TRIM_THRESHOLD = -1
M_MMAP_MAX = -4
"""Numbers of `mallopt`'s options, malloc.h."""
NEVER = 2**31 - 1


def keep_memory() -> bool:
    """Tells glibc's malloc to keep what it has; returns whether there is one that listens."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # musl
        return False
    return bool(mallopt(M_MMAP_MAX, 0) == 1 and mallopt(M_TRIM_THRESHOLD, NEVER) == 1)
