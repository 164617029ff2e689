"""What the studio can open without an upload: takes, and the clip that comes along."""

from pathlib import Path
from typing import NamedTuple

from realtime.console.takes_shelf import Shelf
from realtime.take_words import clock

HOME = Path(__file__).resolve().parents[2]
DEMO = HOME / "tests/clips/nit_song070_004.flac"
"""In a checkout; a wheel has no clips."""
MOST_TAKES = 50


class Found(NamedTuple):
    """A recording that can be opened.

    Args:
        path: a sound file, or the folder of a take.
        title: for people.
        file: the sound, as somebody would write it in a terminal.
        length: for people.
    """

    path: Path
    title: str
    file: str
    length: str = ""


def demo_clip() -> Found | None:
    """A sung clip, if there is one on this machine."""
    return Found(DEMO, "Sung clip", str(DEMO)) if DEMO.is_file() else None


async def takes_of(shelf: Shelf) -> list[Found]:
    """Those that have ended, the newest first."""
    await shelf.follow()
    ended = [row for row in shelf.rows if not row.problem and not row.is_running]
    return [
        Found(
            shelf.folder / row.name,
            row.title or row.name,
            str(next(iter((shelf.folder / row.name).glob("dry*")), shelf.folder / row.name)),
            clock(row.duration_s),
        )
        for row in ended[:MOST_TAKES]
    ]
