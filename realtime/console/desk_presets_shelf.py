"""All presets that there are, as the preset browser shows them; one shelf for all pages."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple
from weakref import WeakKeyDictionary

from ddsp_core.errors import ChanterelleError
from realtime.console.mirror import Mirror, Stop
from realtime.preset import list_presets
from realtime.preset_edit_files import is_in_own_folder
from realtime.preset_places import find_preset
from realtime.preset_words import summary

USUAL_SET = "violin"
"""What plays if nobody has said."""


class Row(NamedTuple):
    """A preset on the shelf."""

    name: str
    title: str
    """Never empty."""
    colour: str
    """Empty: none was chosen."""
    voices: str
    """With commas."""
    note: str
    path: str
    number: int | None = None
    """Its place in the set that is loaded, from 0; None: it is not in it."""
    is_yours: bool = False
    """It can be written."""
    is_movable: bool = False
    """It can be renamed and deleted: it is kept in the person's own folder."""
    problem: str = ""
    """Why it does not load; empty: it does."""

    def fits(self, query: str) -> bool:
        """Whether all words of a search stand in what is shown of it."""
        shown = f"{self.name} {self.title} {self.voices} {self.note}".casefold()
        return all(word in shown for word in query.casefold().split())


class Shelf:
    """Reads what there is, outside of the event loop, and tells the pages.

    Args:
        mirror: of the performance, for what is loaded.
    """

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self.rows: tuple[Row, ...] = ()
        self._listeners: list[Callable[[], None]] = []

    async def read(self) -> None:
        """Looks again; whoever listens is told."""
        found = await asyncio.to_thread(_found)
        self.rows = _with_set(found, self._mirror)
        for listener in tuple(self._listeners):
            with contextlib.suppress(Exception):
                listener()

    def listen(self, listener: Callable[[], None]) -> Stop:
        """From now on it is called when something has changed; until what is returned is."""
        self._listeners.append(listener)

        def stop() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return stop


_SHELVES: WeakKeyDictionary[Mirror, Shelf] = WeakKeyDictionary()


def shelf_of(mirror: Mirror) -> Shelf:
    """The one shelf of this performance."""
    if mirror not in _SHELVES:
        _SHELVES[mirror] = Shelf(mirror)
    return _SHELVES[mirror]


def _found() -> list[Row]:
    rows = []
    for name in list_presets():
        with contextlib.suppress(ChanterelleError):  # deleted at this very moment
            said = summary(name)
            rows.append(
                Row(
                    name,
                    said["title"] or name,
                    said["colour"],
                    ", ".join(said["voices"]),
                    said["note"],
                    said["path"],
                    is_yours=said["is_yours"],
                    is_movable=is_in_own_folder(Path(said["path"])),
                    problem=said["problem"],
                )
            )
    return rows


def _with_set(found: Sequence[Row], mirror: Mirror) -> tuple[Row, ...]:
    """Those of the set first, in its order, even if their files have gone."""
    by_path = {row.path: row for row in found}
    loaded = []
    for number, preset in enumerate(mirror.table.presets if mirror.table else ()):
        voices = ", ".join(Path(folder).name for folder in preset.voice_dirs)
        row = Row(preset.name, preset.title, preset.colour, voices, preset.note, preset.path)
        if preset.path in by_path:
            row = by_path.pop(preset.path)
        elif Path(preset.path).is_file():  # outside of the folders of presets
            row = row._replace(is_yours=True)
        else:
            row = row._replace(problem="its file has gone; what was loaded plays on")
        loaded.append(row._replace(number=number))
    return (*loaded, *by_path.values())


def set_with(words: str, name: str) -> str:
    """The set with one preset more, as `--preset` takes it.

    >>> set_with("violin,echo", "duet")
    'violin,echo,duet'
    """
    return ",".join((words or USUAL_SET, name))


def set_without(words: str, path: str) -> str:
    """The set without the preset of that file; it reads the disk. Raises PresetError."""
    names = [name.strip() for name in (words or USUAL_SET).split(",")]
    return ",".join(name for name in names if str(find_preset(name)) != path)
