"""Work in Python beside the audio thread, in small pieces.

Python lets one thread compute at a time. The audio thread asks for its turn some dozen times a
block, behind each kernel, and waits up to 50 us each time while another thread computes. So whoever
has some milliseconds of work to do beside it rests again and again: no block waits for long.
"""

import contextlib
import sys
import time
from collections.abc import Iterator
from types import FrameType

WORK_S = 0.0002
REST_S = 0.001
"""The longer, the fewer of a block's turns have to be waited for."""


@contextlib.contextmanager
def breaths() -> Iterator[None]:
    """What this thread does inside rests for `REST_S` after each `WORK_S`, between two calls."""
    until_s = time.perf_counter() + WORK_S

    def rest(_frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal until_s
        if time.perf_counter() > until_s:
            time.sleep(REST_S)
            until_s = time.perf_counter() + WORK_S

    before = sys.getprofile()
    sys.setprofile(rest)
    try:
        yield
    finally:
        sys.setprofile(before)
