"""What is seen of a run: a bar in a terminal, else a line a validation."""

import time
from collections import deque
from collections.abc import Callable
from types import TracebackType

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

LOSSES = 100
"""The loss shown is the mean over this many steps."""
TIMES = 50
"""Speed is measured over this many."""


class Display:
    """Shows loss, validation loss, speed and time left.

    Args:
        console: where to; a bar where it is a terminal, plain lines where it is a file or pipe.
        n_steps: of the whole run.
        first_step: where it goes on.
        audio_s: seconds of sound a step, over all processes.
        clock: seconds.
    """

    def __init__(
        self,
        console: Console,
        n_steps: int,
        first_step: int,
        audio_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = console
        self._n_steps, self._step, self._audio_s = n_steps, first_step, audio_s
        self._clock = clock
        self._times: deque[float] = deque([clock()], maxlen=TIMES + 1)
        self._losses: deque[float] = deque(maxlen=LOSSES)
        self._held_out = "held out –"
        columns = (BarColumn(), TextColumn("{task.completed}/{task.total}"))
        self._bar = Progress(
            *columns,
            TextColumn("{task.description}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=n_steps, completed=first_step)

    def __enter__(self) -> "Display":
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def trained(self, step: int, loss: float) -> None:
        """A step is done; `step` counts from 1."""
        self._step = step
        self._losses.append(loss)
        self._times.append(self._clock())
        self._bar.update(self._task, completed=step, description=self._state())

    def validated(self, held_out: float, best: float) -> None:
        """A validation is done."""
        self._held_out = f"held out {held_out:.3f} (best {best:.3f})"
        self._bar.update(self._task, description=self._state())
        if not self._console.is_terminal:
            self.say(f"step {self._step}/{self._n_steps}  {self._state()}")

    def say(self, text: str) -> None:
        """A line of its own, above the bar."""
        self._bar.console.print(text, soft_wrap=True, highlight=False, markup=False)

    def _state(self) -> str:
        seconds = self._times[-1] - self._times[0]
        steps_a_second = (len(self._times) - 1) / seconds if seconds > 0.0 else 0.0
        left = "–"
        if steps_a_second > 0.0:
            left = clock_time((self._n_steps - self._step) / steps_a_second)
        return "  ".join(
            [
                f"loss {np.mean(self._losses or [np.nan]):.3f}",
                self._held_out,
                f"{steps_a_second:.2f} steps/s",
                f"{steps_a_second * self._audio_s:.1f} s of sound/s",
                f"left {left}",
            ]
        )


def clock_time(seconds: float) -> str:
    """Hours, minutes and seconds.

    >>> clock_time(3725.4)
    '1:02:05'
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
