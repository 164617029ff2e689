"""The takes of a folder, as the list shows them: read a little at a time, again when they change.

Nothing here mends a take whose recorder was killed: that recorder's next life may want to go on
with it. Links are left out: they may lead outside the folder.
"""

import os
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from nicegui import run

from ddsp_core.errors import AudioError, ChanterelleError
from realtime.take_about import FILE_NAME
from realtime.take_list import how_it_ended
from realtime.take_reader import Take, read_take

AT_ONCE_S = 0.06
"""Of reading, before the pages are served again."""

OFTEN_ENOUGH_S = 1.5

Signature = tuple[int, ...]


class Row(NamedTuple):
    """A take, or why a folder that looks like one holds none."""

    name: str
    """Of its folder."""
    title: str = ""
    started: str = ""
    day: str = ""
    """When it began, for people."""
    duration_s: float = 0.0
    presets: str = ""
    how: str = ""
    """How it ended, where a person would like to know."""
    is_running: bool = False
    n_bytes: int = 0
    note: str = ""
    problem: str = ""


class Shelf:
    """One folder.

    Args:
        folder: holds the takes; it may not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.version = 0
        """Grows with each change; 0: nobody has looked yet."""
        self.is_reading = False
        self._rows: dict[str, tuple[Signature, Row]] = {}
        self._is_busy = False
        self._looked_s = -OFTEN_ENOUGH_S

    @property
    def rows(self) -> list[Row]:
        """The newest first."""
        rows = [row for _, row in self._rows.values()]
        return sorted(rows, key=lambda row: (row.started[:19] or row.name, row.name), reverse=True)

    def row(self, name: str) -> Row | None:
        """Of the take of this name; None if there is none."""
        found = self._rows.get(name)
        return found[1] if found else None

    def take(self, name: str) -> Take:
        """For hearing it.

        Raises:
            AudioError: there is none, it is damaged, or it is being recorded.
        """
        if name not in self._rows:
            raise AudioError(name, "no such take", "one of the list")
        take = read_take(self.folder / name)
        if take.how == "running":
            raise AudioError(name, "is being recorded", "a take that has ended", "end it first")
        return take

    async def follow(self) -> None:
        """`refresh`, unless somebody else has just done it."""
        if time.monotonic() - self._looked_s > OFTEN_ENOUGH_S:
            await self.refresh()

    async def refresh(self) -> None:
        """Reads what is new or has changed; whoever comes meanwhile does not wait for it."""
        if self._is_busy:
            return
        self._is_busy = True
        self._looked_s = time.monotonic()
        try:
            there = await run.io_bound(_signatures, self.folder) or {}
            self._forget(there)
            changed = [name for name in there if self._is_stale(name, there[name])]
            changed.sort(reverse=True)
            self.is_reading = len(changed) > 1
            while changed:
                read = await run.io_bound(_read_some, self.folder, changed, there) or {}
                self._rows.update(read)
                self.version += 1
                changed = changed[len(read) :]
                self.is_reading = bool(changed)
        finally:
            self._is_busy = self.is_reading = False
            self.version = max(self.version, 1)

    def _is_stale(self, name: str, signature: Signature) -> bool:
        """One that is recorded has to be asked whether it still is."""
        if name not in self._rows:
            return True
        known, row = self._rows[name]
        return known != signature or row.is_running

    def _forget(self, there: Mapping[str, Signature]) -> None:
        gone = self._rows.keys() - there.keys()
        for name in gone:
            del self._rows[name]
        self.version += bool(gone)


def row_of(take: Take) -> Row:
    """For the list."""
    return Row(
        name=take.folder.name,
        title=take.title,
        started=take.started,
        day=_day(take.started),
        duration_s=take.duration_s,
        presets=_presets(take),
        how=how_it_ended(take),
        is_running=take.how == "running",
        n_bytes=folder_bytes(take.folder),
        note=str(take.about.get("note") or ""),
    )


def folder_bytes(folder: Path) -> int:
    """Of all files in it."""
    with os.scandir(folder) as entries:
        return sum(one.stat(follow_symlinks=False).st_size for one in entries)


def _presets(take: Take) -> str:
    """The one it begins with, and how many more its set has."""
    n_others = len(take.presets) - 1
    more = f" and {n_others} more" if n_others > 0 else ""
    return f"{take.preset_name}{more}" if take.preset_name else ""


def _signatures(folder: Path) -> dict[str, Signature]:
    """What changes when a take does, by its name."""
    found = {}
    try:
        with os.scandir(folder) as entries:
            for one in entries:
                is_folder = not one.name.startswith(".") and one.is_dir(follow_symlinks=False)
                if is_folder and (signature := _signature(Path(one.path))):
                    found[one.name] = signature
    except OSError:
        return {}
    return found


def _signature(folder: Path) -> Signature:
    """Empty where there is no take."""
    about = folder / FILE_NAME
    try:
        if about.is_symlink():
            return ()
        inside, outside = about.stat(), folder.stat()
    except OSError:
        return ()
    return (inside.st_mtime_ns, inside.st_size, outside.st_mtime_ns)


def _read_some(
    folder: Path, names: list[str], there: Mapping[str, Signature]
) -> dict[str, tuple[Signature, Row]]:
    """The first of these, as many as fit into a moment, at least one."""
    read: dict[str, tuple[Signature, Row]] = {}
    end_s = time.monotonic() + AT_ONCE_S
    for name in names:
        try:
            row = row_of(read_take(folder / name))
        except (ChanterelleError, OSError) as error:
            row = Row(name, day=name, how="cannot be read", problem=str(error))
        read[name] = (there[name], row)
        if time.monotonic() > end_s:
            break
    return read


def _day(started: str) -> str:
    try:
        at = datetime.fromisoformat(started)
    except ValueError:
        return started[:40]
    return f"{at.day} {at:%b %Y, %H:%M}"
