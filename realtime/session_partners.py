"""What a session plays with: whoever records, shows or advises, and what it tells them."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from realtime.host_applied import Applied
from realtime.processor import Audio

NO_READINGS: Audio = np.zeros((0, 3), np.float32)


class FinishedTake(NamedTuple):
    """A take that has ended."""

    folder: Path
    duration_s: float


class Tape(Protocol):
    """What a session asks of a recorder."""

    @property
    def finished(self) -> Sequence[FinishedTake]:
        """The takes of this session that have ended."""

    @property
    def failed(self) -> str | None:
        """Why recording ended early, or None."""

    @property
    def folder(self) -> Path:
        """Where this take lies."""

    @property
    def seconds_written(self) -> float:
        """How much of it is safe on disk."""

    @property
    def seconds_dropped(self) -> float:
        """How much was left out because the disk was too slow."""

    def push(
        self,
        wet_block: Audio,
        dry_block: Audio,
        readings: Audio = NO_READINGS,
        applied: Sequence[Applied] = (),
    ) -> None:
        """Takes copies; never waits.

        Args:
            wet_block, dry_block: (T,), or (T, 2) for a wet one in stereo.
            readings: f0_hz, confidence, loudness_db of the hops that were completed; (N, 3).
            applied: what took effect, with its sample since the start.
        """

    def close(self) -> None:
        """Writes what is left and closes the files."""


class Advisor(Protocol):
    """What a session asks of a process that gives advice while it plays."""

    n_asked: int
    n_late: int

    @property
    def problem(self) -> str:
        """What the performer should know; empty if all is well."""


class Status(NamedTuple):
    """What the live line shows of a session besides the engine's meters."""

    load_p50: float
    load_p99: float
    late_blocks: int
    xruns: int
    latency_ms: float
    problem: str
    late_words: str = ""
    """Why blocks were late."""
    load_mean: float = 0.0
    """Since the counters were last reset, as late blocks, xruns and the greatest load are."""
    load_max: float = 0.0
    input_peak_db: float = -100.0
    """dBFS, falling slowly: see `peaks`."""
    output_peak_db: float = -100.0


class View(Protocol):
    """Shows a session while it plays."""

    def show(self, status: Status) -> None:
        """Called about ten times a second from the main thread."""
