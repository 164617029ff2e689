"""What all pages of runs share."""

from dataclasses import dataclass
from pathlib import Path

from realtime.console.runs_shelf import RunsShelf


@dataclass(frozen=True)
class RunsRoom:
    """Of one console.

    Args:
        shelf: the runs.
        work: where sounds and pictures are laid out to be served.
    """

    shelf: RunsShelf
    work: Path
