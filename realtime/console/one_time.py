"""A key that opens once: for the address that a browser is started with.

What a program is started with, everybody on the machine can read; by then the key is spent.
"""

import secrets
import time
from collections.abc import Callable

LASTS_S = 120.0


class OneTimeKey:
    """It begins to last when it is made.

    Args:
        now: the time in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.text = secrets.token_urlsafe(16)
        self._now, self._until_s = now, now() + LASTS_S

    def opens(self, given: str) -> bool:
        """Whether that is the key; then it is none any more."""
        is_right = secrets.compare_digest(given.encode(), self.text.encode())
        is_in_time = self._now() < self._until_s
        if is_right:
            self._until_s = 0.0
        return is_right and is_in_time
