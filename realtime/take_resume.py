"""Going on with a take that was cut short: what is there is made whole, what is missing is silence.

How long nothing was played is told by the wall clock: the sound files' time is that of their last
sample (`SoundPair.stamp`), also after a crash.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ddsp_core.errors import AudioError
from realtime.take_layout import TakeLayout
from realtime.take_reader import Take, read_take
from realtime.take_sound import pieces
from realtime.take_writer import TakeWriter

LONGEST_GAP_S = 600.0
"""Longer ones are cut: nobody wants an hour of silence in a take."""


@dataclass
class Resumed:
    """A take that is being gone on with."""

    writer: TakeWriter
    layout: TakeLayout
    ended_s: float
    """When its last sample was played, by the wall clock."""
    sample_rate: int

    def fill(self, begins_s: float) -> tuple[int, Mapping[str, Any]]:
        """Silence from the last sample to the next one, played at this time; the event of it."""
        gap_s = max(begins_s - self.ended_s, 0.0)
        n_samples = round(min(gap_s, LONGEST_GAP_S) * self.sample_rate)
        sample = self.writer.n_samples
        self.writer.silence(n_samples)
        return sample, {"kind": "gap", "n_samples": n_samples, "lasted_s": round(gap_s, 3)}


def open_again(folder: Path, sample_rate: int, n_wet: int) -> Resumed:
    """A take, open at its end.

    Raises AudioError if it cannot be gone on with at this rate and with so many channels.
    """
    take = read_take(folder)
    for what, was, now in (
        ("Hz", take.sample_rate, sample_rate),
        ("channels", take.n_wet, n_wet),
    ):
        if was != now:
            raise AudioError(str(folder), f"recorded with {was} {what}", f"{now}", "a new take")
    ended_s = max(path.stat().st_mtime for path in pieces(folder, "wet", take.layout))
    piece, n_before = _place(take)
    about = {key: value for key, value in take.about.items() if key != "ended"}
    writer = TakeWriter(
        folder, sample_rate, n_wet, take.layout, about, n_before=n_before, piece=piece
    )
    return Resumed(writer, take.layout, ended_s, sample_rate)


def _place(take: Take) -> tuple[int, int]:
    """Number of the piece to write, and the samples in those before."""
    if take.layout.file == "wav":
        return 1, 0
    return len(pieces(take.folder, "wet", take.layout)) + 1, take.n_samples
