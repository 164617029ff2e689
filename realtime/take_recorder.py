"""Records performances: wet and dry sound, what was heard and what was done, a folder each.

The audio thread copies blocks into a queue; a writer thread takes them out a few times a second.
After each of its turns all files are complete on disk: a killed process loses no more than one. The
writer always remembers the last seconds, and a take that is begun with a pedal begins that much
earlier. A disk that is full, slow or gone stops the recording, never the sound.
"""

import contextlib
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.session_partners import FinishedTake
from realtime.take_job import About, Job, ask
from realtime.take_layout import TakeLayout
from realtime.take_source import Applied, Event, Source
from realtime.take_state import State

Audio = NDArray[np.float32]

WRITE_EVERY_S = 0.2
"""Well below the second that may be lost, and seldom enough to leave the audio thread alone."""

QUEUE_S = 10.0
"""How long a disk may stall before sound is left out. Disks that wake up take some seconds."""

PREROLL_S = CLOSE_LIMIT_S = 10.0
HOP_SIZE = 128
"""Takes begin where a hop and a block do, and are played again on the same ones."""


class TakeRecorder:
    """Records any number of takes, one after the other.

    Args:
        folder: where takes are kept; made with the first one.
        sample_rate: of the blocks, in Hz.
        n_outputs: channels of the wet sound, 1 or 2.
        layout: kind of sound file and its bits.
        about: what take.yaml shall say (`take_about`), or a function that tells it, asked now and
            whenever a take begins. Presets may be given as they are, the latency as a function.
        preroll_s: how much of what came before a take belongs to it.
        queue_s: how much sound may wait for the disk.
        say: is told what the performer should know, in the writer's thread.
    """

    def __init__(
        self,
        folder: Path,
        sample_rate: int,
        n_outputs: int = 1,
        layout: TakeLayout | None = None,
        about: About = None,
        preroll_s: float = PREROLL_S,
        *,
        queue_s: float = QUEUE_S,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._parent, self._rate = folder, sample_rate
        self._layout, self._about, self._say = layout or TakeLayout(), about, say
        self._n_preroll = round(preroll_s * sample_rate)
        state = State(**ask(about).get("start", {}))
        self._source = Source(sample_rate, n_outputs, preroll_s, queue_s, state)
        self._jobs: list[Job] = []
        self._last: Job | None = None
        self._lock = threading.Lock()  # hands and writer; the audio thread never takes it
        self._problem = ""
        self.finished: list[FinishedTake] = []
        self._closing = False
        self._wake = threading.Event()
        # A daemon: a disk that hangs must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def start(self, *, wait: bool = False) -> None:
        """Begins a take, with what came before it; nothing if one is running (any thread).

        Args:
            wait: until its files are there.

        Raises AudioError, if it waits, where the folder or the files cannot be made.
        """
        self._begin(None, wait)

    def resume(self, folder: Path, *, wait: bool = False) -> None:
        """Goes on with a take that a crash or a lost sound server has cut short (any thread).

        What was not played meanwhile is silence in it. Raises AudioError like `start`.
        """
        self._begin(folder, wait)

    def stop(self) -> None:
        """Ends the take with the newest sample; nothing if none is running (any thread)."""
        self._end("stopped")

    @property
    def is_recording(self) -> bool:
        """Whether a take is running."""
        with self._lock:
            return bool(self._jobs) and self._jobs[-1].stop is None

    @property
    def failed(self) -> str | None:
        """Why the last take ended early, or None."""
        return self._last.failed if self._last else None

    @property
    def problem(self) -> str:
        """What the performer should know; empty if all is well."""
        return self._problem

    @property
    def folder(self) -> Path:
        """Of the last take; before the first one the folder of all."""
        return (self._last and self._last.folder) or self._parent

    @property
    def n_written(self) -> int:
        """Samples of the last take that are safe on disk."""
        return self._last.n_written if self._last else 0

    @property
    def seconds_written(self) -> float:
        """How much of the last take is safe on disk."""
        return self.n_written / self._rate

    @property
    def disk_free_s(self) -> float | None:
        """How much longer the disk takes what is being recorded; None if nothing is."""
        return self._last.disk_free_s if self._last and self.is_recording else None

    @property
    def n_dropped(self) -> int:
        """Samples that the disk was too slow for; silence stands in for them."""
        return self._source.n_dropped

    @property
    def seconds_dropped(self) -> float:
        """The same in seconds."""
        return self.n_dropped / self._rate

    def push(
        self,
        wet_block: Audio,
        dry_block: Audio,
        readings: Audio | None = None,
        applied: Sequence[Applied] = (),
    ) -> None:
        """Takes copies of a block and what belongs to it (audio thread; never waits).

        Args:
            wet_block: what was played. Shape: (T,) or (T, C).
            dry_block: what was sung. Shape: (T,).
            readings: f0_hz, confidence, loudness_db of the hops that it completed. Shape: (N, 3).
            applied: what took effect in it, with samples since the first block.
        """
        self._source.push(wet_block, dry_block, readings, applied)

    def note(self, event: Mapping[str, Any]) -> None:
        """Keeps something that happened just now (any thread).

        Its `kind` says what it was; without one it is "midi", or "asked" for by somebody.
        """
        kind = "midi" if event.get("what") == "midi" else "asked"
        self._source.notes.append(Event(self._source.clock, {"kind": kind, **event}))

    def close(self, how: str = "ended") -> None:
        """Ends the take that is running and writes what is left; a second time does nothing."""
        self._end(how)
        self._closing = True
        self._wake.set()
        self._thread.join(CLOSE_LIMIT_S)
        if self._thread.is_alive() and self._last:
            said = f"the disk did not answer for {CLOSE_LIMIT_S:g} s"
            self._last.failed = self._last.failed or said

    def _begin(self, resumed: Path | None, wait: bool) -> None:
        with self._lock:
            if self._closing or (self._jobs and self._jobs[-1].stop is None):
                return
            first = max(self._source.n_pushed - self._n_preroll, self._source.last_gap, 0)
            first += -(first + self._source.n_dropped) % self._grid()
            if resumed and self._last and self._last.stop:
                first = max(first, self._last.stop)
            job = Job(self._source, self._parent, self._layout, self._about, first, resumed)
            self._jobs.append(job)
            self._last = job
            self._problem = ""  # of the one before: the same again would be news
        self._wake.set()
        if wait:
            job.opened.wait(CLOSE_LIMIT_S)
            if job.error:
                raise job.error

    def _grid(self) -> int:
        """Samples from one such place to the next."""
        samples = math.lcm(HOP_SIZE, self._source.block_size or 1)
        return samples if samples <= self._n_preroll else HOP_SIZE

    def _end(self, how: str) -> None:
        with self._lock:
            if self._jobs and self._jobs[-1].stop is None:
                self._jobs[-1].how = how
                self._jobs[-1].stop = self._source.n_pushed
        self._wake.set()

    def _run(self) -> None:
        is_last = False
        while not is_last:
            self._wake.wait(WRITE_EVERY_S)
            self._wake.clear()
            is_last = self._closing
            self._turn()

    def _turn(self) -> None:
        """All that waits, of every take."""
        is_more = True
        while is_more:
            is_more = self._source.fetch()
            with self._lock:
                jobs = tuple(self._jobs)
            kept = self._source.dry.n
            for job in jobs:
                if job.turn():
                    self._finish(job)
                kept = min(kept, job.next)
                self._tell(job)
            self._source.forget(max(kept - self._n_preroll, 0))

    def _finish(self, job: Job) -> None:
        if job.writer:
            self.finished.append(FinishedTake(job.folder, job.n_written / self._rate))
        with self._lock:
            self._jobs.remove(job)

    def _tell(self, job: Job) -> None:
        news = [job.news] if job.news else []
        if job.problem != self._problem:
            self._problem = job.problem
            news += [job.problem] if job.problem else []
        job.news = ""
        for text in news:
            with contextlib.suppress(Exception):  # whoever listens, the recording goes on
                self._say(text)
