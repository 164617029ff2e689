"""Waiting in tests: for what another thread or process does soon, and never for ever."""

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], limit_s: float = 10.0) -> None:
    end_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end_s, "it did not happen"
        time.sleep(0.01)
