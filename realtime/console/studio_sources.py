"""What the studio can open without an upload: takes, and the clip that comes along."""

from pathlib import Path
from typing import NamedTuple

from ddsp_core.errors import ChanterelleError
from realtime.take_list import list_takes
from realtime.take_words import clock

DEMO = "tests/clips/nit_song070_004.flac"
"""In a checkout; a wheel has no clips."""
MOST_TAKES = 50


class Found(NamedTuple):
    """A recording that can be opened."""

    path: Path
    title: str


def demo_clip() -> Found | None:
    """A sung clip, if there is one on this machine."""
    path = Path(__file__).resolve().parents[2] / DEMO
    return Found(path, "sung clip.flac") if path.is_file() else None


def takes_of(folder: Path) -> list[Found]:
    """The newest takes of a folder, the newest first; none, if there is no such folder."""
    try:
        listed = list_takes(folder)
    except ChanterelleError:
        return []
    found = []
    for one in reversed(listed):
        if one.take is not None and one.take.how != "running":
            name = one.take.title or one.folder.name
            found.append(Found(one.folder, f"{name}, {clock(one.take.duration_s)}"))
    return found[:MOST_TAKES]
