"""The neural guide while playing: questions to another process, answers that nobody waits for."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ddsp_core.crepe_reading import NO_READING, CrepeReader, Reading
from realtime.guide_pages import GuidePages, new_file

START_LIMIT_S = 10.0
END_LIMIT_S = 1.0
LOOK_EVERY_S = 0.01
SHARE_TO_MENTION = 0.05

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class GuideProcess:
    """A listener (`ddsp_core/guide.py`) in a process of its own; a context manager.

    An answer that is not there when it is due is not waited for: it counts as late, and the pitch
    tracker goes on without it. The process may die; then all are.

    Args:
        sample_rate: of the audio, Hz.
        every_s: how often a question is asked.
        priority: SCHED_FIFO priority of the process, below the audio thread's; 0: none.
    """

    def __init__(self, sample_rate: int, every_s: float, priority: int = 0) -> None:
        n_past = CrepeReader(sample_rate).n_past
        self.n_asked = 0
        self.n_late = 0
        self._number = 0
        with new_file(n_past) as file:
            self._pages = GuidePages(file.fileno(), n_past)
            arguments = (file.fileno(), sample_rate, every_s, os.getpid(), priority)
            self._process = subprocess.Popen(
                [sys.executable, "-m", "realtime.guide_worker", *map(str, arguments)],
                pass_fds=(file.fileno(),),
                stdin=subprocess.DEVNULL,
                cwd=Path(__file__).resolve().parent.parent,
                env={**os.environ, **ONE_THREAD},
            )

    def ask(self, past: NDArray[np.float32]) -> int:
        """Puts the question onto the page (audio thread; never waits)."""
        self.n_asked += 1
        self._number += 1
        self._pages.ask(self._number, past)
        return self._number

    def answer(self, number: int, past: NDArray[np.float32]) -> Reading:
        """What lies on the page (audio thread; never waits)."""
        found = self._pages.answer(number)
        if found is None:
            self.n_late += 1
            return NO_READING
        return found

    def wait_until_ready(self) -> bool:
        """Waits while the process starts, some tenths of a second; False if it did not."""
        end_s = time.monotonic() + START_LIMIT_S
        while not self._pages.is_ready and self.is_alive and time.monotonic() < end_s:
            time.sleep(LOOK_EVERY_S)
        return self._pages.is_ready

    def forget_late(self) -> None:
        """Counts from now on."""
        self.n_asked = self.n_late = 0

    @property
    def is_alive(self) -> bool:
        """Whether anybody listens (not for the audio thread)."""
        return self._process.poll() is None

    @property
    def problem(self) -> str:
        """What the performer should know; empty if all is well (not for the audio thread)."""
        if not self.is_alive:
            return "pitch guide gone"
        share = self.n_late / max(self.n_asked, 1)
        return f"pitch guide late ({100 * share:.0f} %)" if share > SHARE_TO_MENTION else ""

    def close(self) -> None:
        """Ends the process; a second time does nothing."""
        self._pages.set_over()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_LIMIT_S)
            return
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
