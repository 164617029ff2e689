"""A dataset prepared again, with the splits and levels of the one before.

Features change from release to release, and with them silence, loudness and so, a little, what is
held back. A voice that is trained on (`train --from`) must not be judged by what it has heard: what
was held out stays held out.
"""

from collections.abc import Sequence
from pathlib import Path

from ddsp_core.errors import RecipeError
from training.index import Entry, Index
from training.segments import Segment


def check_grid(old: Index, where: Path, sample_rate: int, hop_size: int) -> None:
    """Raises RecipeError where the old dataset counts other frames."""
    if (old.sample_rate, old.hop_size) != (sample_rate, hop_size):
        given = f"{where} has {old.sample_rate} Hz, hop {old.hop_size}"
        raise RecipeError("--splits-of", given, f"{sample_rate} Hz, hop {hop_size}, as asked for")


def as_before(entries: Sequence[Entry], old: Index, delay_samples: int) -> list[Entry]:
    """Segments and level of every recording that the old dataset has, by its content.

    Args:
        delay_samples: of the new features.
    """
    known = {entry.content_hash: entry for entry in old.recordings}
    later = delay_samples - old.delay_samples
    return [
        _as_it_was(entry, known[entry.content_hash], later, old.hop_size)
        if entry.content_hash in known
        else entry
        for entry in entries
    ]


def _as_it_was(entry: Entry, before: Entry, later: int, hop_size: int) -> Entry:
    segments = [moved(segment, later, hop_size) for segment in before.segments]
    kept = {"gain_db": before.gain_db, "left_out_s": before.left_out_s}
    return entry.model_copy(update={"segments": segments, **kept})


def moved(segment: Segment, samples: int, hop_size: int) -> Segment:
    """The frames that answer to the same sound, where features lag it by `samples` more.

    Frame n answers to the samples n * hop - delay <= t < (n + 1) * hop - delay; frames that would
    reach over an edge of the segment are left out.

    >>> moved(Segment(3, 600, 3, "train"), -168, 128)
    Segment(start=2, end=598, earliest=2, split='train')
    """

    def first(frame: int) -> int:
        return max(-(-(frame * hop_size + samples) // hop_size), 0)

    end = (segment.end * hop_size + samples) // hop_size
    return Segment(first(segment.start), end, first(segment.earliest), segment.split)
