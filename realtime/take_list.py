"""All takes of a folder; those whose recorder was killed are put in order on the way."""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import soundfile

from ddsp_core.errors import AudioError
from realtime.long_flac import count_samples, cut_flac
from realtime.take_about import FILE_NAME, iso_time, write_about
from realtime.take_lock import lock_take
from realtime.take_notes import EVENTS, LineFile
from realtime.take_reader import Take, read_take
from realtime.take_sound import SIDES, SoundPair, pieces

CRASH = "crash"
HOW = {
    "stopped": "",
    "ended": "",
    "running": "is being recorded",
    CRASH: "ended by a crash",
    "disk full": "ended as the disk was nearly full",
}
"""In words, where a person would like to know it."""


class Listed(NamedTuple):
    """A take, or why there is none in a folder that looks like one."""

    folder: Path
    take: Take | None
    problem: str = ""


def list_takes(folder: Path) -> list[Listed]:
    """All takes in a folder, oldest first, mended where that was needed.

    Raises AudioError if there is no such folder.
    """
    if not folder.is_dir():
        raise AudioError(str(folder), "no such folder", "one that --record was given")
    found = []
    for path in sorted(folder.glob(f"*/{FILE_NAME}")):
        try:
            found.append(Listed(path.parent, open_take(path.parent)))
        except AudioError as error:
            found.append(Listed(path.parent, None, str(error)))
    return found


def open_take(folder: Path) -> Take:
    """The take in this folder, or that this file belongs to; mended if its recorder was killed.

    Raises AudioError if it is none, or damaged.
    """
    folder = folder.parent if folder.is_file() else folder
    take = read_take(folder)
    if take.how == CRASH and "ended" not in take.about:
        with contextlib.suppress(OSError, soundfile.SoundFileError):  # a folder of somebody else's
            _mend(take)
            return read_take(folder)
    return take


def how_it_ended(take: Take) -> str:
    """For people; empty where somebody ended it."""
    return HOW.get(take.how, f"ended early: {take.how}")


def _mend(take: Take) -> None:
    """Both files as long as each other, with headers that say so; take.yaml says how it ended."""
    events = LineFile(take.folder / EVENTS)
    try:
        lock_take(events.fileno(), take.folder)
        last = [pieces(take.folder, side, take.layout)[-1] for side in SIDES]
        ended_s = max(path.stat().st_mtime for path in last)
        if take.layout.file == "flac":
            _even(*last)
        else:
            SoundPair(take.folder, take.sample_rate, take.n_wet, take.layout).close()
        for path in last:
            os.utime(path, (ended_s, ended_s))
        n_samples = read_take(take.folder).n_samples
        write_about(take.folder, {**take.about, "ended": _ended(n_samples, take, ended_s)})
    finally:
        events.close()


def _even(wet: Path, dry: Path) -> None:
    """A killed recorder may have left one file a frame longer."""
    n_samples = min(count_samples(wet), count_samples(dry))
    for path in (wet, dry):
        cut_flac(path, n_samples)


def _ended(n_samples: int, take: Take, ended_s: float) -> Mapping[str, Any]:
    return {
        "how": CRASH,
        "duration_s": round(n_samples / take.sample_rate, 6),
        "n_samples": n_samples,
        "dropped_s": 0.0,
        "at": iso_time(ended_s),
    }
