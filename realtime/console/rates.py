"""How often something may happen: a bucket that fills at a constant pace."""

import time
from collections.abc import Callable


class Bucket:
    """What is taken must have come in before.

    Args:
        a_second: how much comes in.
        most: how much it holds; it begins full.
        now: the time in seconds.
    """

    def __init__(
        self, a_second: float, most: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._a_second, self._most, self._now = a_second, most, now
        self._held, self._at_s = most, now()

    def take(self, amount: float = 1.0) -> bool:
        """Whether there is so much; then it is gone.

        >>> times = iter([0.0, 0.0, 0.0, 0.5])
        >>> bucket = Bucket(2.0, 1.0, lambda: next(times))
        >>> bucket.take(), bucket.take(), bucket.take()
        (True, False, True)
        """
        if self._filled() < amount:
            return False
        self._held -= amount
        return True

    @property
    def wait_s(self) -> float:
        """Until there is one."""
        return max(1.0 - self._filled(), 0.0) / self._a_second

    def _filled(self) -> float:
        now_s = self._now()
        self._held = min(self._held + (now_s - self._at_s) * self._a_second, self._most)
        self._at_s = now_s
        return self._held
