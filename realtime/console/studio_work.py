"""A recording on the studio's desk, and a rendering of it: files, and what is known of them."""

import itertools
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from realtime.console.studio_wishes import Wishes


@dataclass
class Work:
    """Files of ours in a folder of their own.

    Args:
        key: of its address.
        title: for people.
        folder: where its files lie.
        facts: that the rendering process found.
        names: what its files are called when they are saved.
    """

    key: str
    title: str
    folder: Path
    facts: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    @property
    def n_bytes(self) -> int:
        """On the disk."""
        return sum(path.stat().st_size for path in self.folder.iterdir() if path.is_file())


@dataclass
class Result(Work):
    """A rendering."""

    number: int = 0
    colour: str = ""
    wishes: Wishes = field(default_factory=Wishes)
    command: str = ""


@dataclass
class Source(Work):
    """A recording, with what was made of it."""

    file: str = ""
    """What it is called in a terminal."""
    results: list[Result] = field(default_factory=list)
    chosen: Result | None = None
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def next_number(self) -> int:
        """Of a new rendering."""
        return next(self._numbers)


def stem_of(title: str) -> str:
    """A file's name that reads like the title, for any disk.

    >>> stem_of("../My song (3).mp3"), stem_of("")
    ('My song (3)', 'recording')
    """
    last = re.split(r"[/\\]", title)[-1]
    stem = re.sub(r"\.[A-Za-z0-9]{1,4}$", "", last)
    return re.sub(r"[^\w .()+,=-]", "_", stem).strip(" .")[:80] or "recording"
