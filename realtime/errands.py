"""What takes too long for the hand that asks for it: done in a thread of its own, in turn."""

import threading
from collections.abc import Callable

from ddsp_core.errors import ChanterelleError
from realtime.scheduling import raise_this_thread, thread_priority

Task = Callable[[], None]


class Errands:
    """Runs tasks one after the other; its thread is there only as long as there are some.

    Args:
        say: what became of a task that failed, for the performer.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._lock = threading.Lock()  # never held while a task runs
        self._waiting: dict[str, Task] = {}
        self._thread: threading.Thread | None = None

    def run(self, key: str, task: Task) -> None:
        """Soon; one of the same key that has not begun yet is dropped."""
        with self._lock:
            self._waiting.pop(key, None)
            self._waiting[key] = task
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, args=(thread_priority(),), name="errands", daemon=True
                )
                self._thread.start()

    def wait(self, limit_s: float = 30.0) -> None:
        """Until all are done."""
        thread = self._thread
        if thread is not None:
            thread.join(limit_s)

    def _work(self, priority: int) -> None:
        if priority:  # of whoever asked: see `scheduling.raise_companions`
            raise_this_thread(priority)
        while (task := self._next()) is not None:
            try:
                task()
            except ChanterelleError as error:
                self._say(str(error))

    def _next(self) -> Task | None:
        with self._lock:
            if not self._waiting:
                self._thread = None
                return None
            return self._waiting.pop(next(iter(self._waiting)))
