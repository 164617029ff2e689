"""The studio's rendering process: one job at a time, at low priority, warm between them.

    python -m realtime.console.transfer_job_process

It reads one request a line from its standard input and answers in lines on its standard output;
both are JSON. Turning one knob and rendering again takes no start. It ends when nobody wants
anything for a while, and at once when its server is gone.

    {"number": 3, "do": "transfer", "words": ["render", ...], "folder": "..."}
    {"number": 3, "doing": "rendering", "share": 0.4}
    {"number": 3, "done": {...}} or {"number": 3, "error": "..."}
    {"stop": 3} ends what is being done with {"number": 3, "error": ""}
"""

import contextlib
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

NICENESS = 10
IDLE_S = 300.0
"""After that it costs more to be kept than to be started again."""
TELL_EVERY_S = 0.1


class Stopped(Exception):  # noqa: N818 (nothing is wrong)
    """Nobody wants the result any more."""


class Requests:
    """Lines from the server, read in a thread of their own: a stop must be heard meanwhile."""

    def __init__(self, lines: TextIO, leave: Callable[[], None]) -> None:
        self._lines, self._leave = lines, leave
        self._wanted: queue.Queue[dict[str, Any]] = queue.Queue()
        self._stopped = -1
        threading.Thread(target=self._read, daemon=True).start()

    def next(self, limit_s: float) -> dict[str, Any] | None:
        """What is to be done; None if nobody wants anything for so long."""
        with contextlib.suppress(queue.Empty):
            return self._wanted.get(timeout=limit_s)
        return None

    def check(self, number: int) -> None:
        """Raises Stopped if this request is not wanted any more."""
        if number <= self._stopped:
            raise Stopped

    def _read(self) -> None:
        for line in self._lines:
            request = json.loads(line)
            if "stop" in request:
                self._stopped = max(self._stopped, int(request["stop"]))
            else:
                self._wanted.put(request)
        self._leave()


class Answers:
    """Lines to the server."""

    def __init__(self, lines: TextIO) -> None:
        self._lines = lines
        self._told_s = 0.0
        self._doing = ""

    def say(self, **words: Any) -> None:
        """One line."""
        self._lines.write(json.dumps(words) + "\n")
        self._lines.flush()

    def tell(self, number: int, doing: str, share: float) -> None:
        """How far it is; not more often than somebody can read."""
        now_s = time.monotonic()
        if doing != self._doing or now_s - self._told_s >= TELL_EVERY_S:
            self._doing, self._told_s = doing, now_s
            self.say(number=number, doing=doing, share=round(share, 3))


def serve(requests: Requests, answers: Answers) -> None:
    """Until nobody wants anything any more."""
    from ddsp_core.errors import ChanterelleError

    while (request := requests.next(IDLE_S)) is not None:
        number = int(request["number"])
        try:
            requests.check(number)
            answers.say(number=number, done=_do(request, requests, answers))
        except Stopped:
            answers.say(number=number, error="")
        except ChanterelleError as error:
            answers.say(number=number, error=str(error))
        except MemoryError:
            answers.say(number=number, error="it takes more memory than there is: a shorter file")
        except OSError as error:
            answers.say(number=number, error=f"the disk refuses ({error.strerror})")


def _do(request: dict[str, Any], requests: Requests, answers: Answers) -> dict[str, Any]:
    from realtime.console.transfer_job_work import look, transfer

    number, folder = int(request["number"]), Path(request["folder"])

    def tell(doing: str, share: float) -> None:
        requests.check(number)
        answers.tell(number, doing, share)

    if request["do"] == "look":
        return look(Path(request["source"]), folder, tell)
    return transfer(request["words"], folder, tell)


def main() -> int:
    """Serves; standard output is for answers alone, whatever else may print."""
    from realtime.cli import ONE_THREAD
    from realtime.lean import leave_out

    for name in ONE_THREAD:  # before numpy and numba are imported
        os.environ[name] = "1"
    leave_out()
    os.nice(NICENESS)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    requests = Requests(sys.stdin, leave=lambda: os._exit(0))
    serve(requests, Answers(answers))
    return 0


if __name__ == "__main__":
    sys.exit(main())
