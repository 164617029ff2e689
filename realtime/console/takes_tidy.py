"""Takes get a title and a note, go into the folder's trash, and come back from there."""

import os
import shutil
from pathlib import Path

from ddsp_core.errors import AudioError
from realtime.console.takes_shelf import folder_bytes
from realtime.take_about import write_about
from realtime.take_lock import is_being_recorded
from realtime.take_reader import read_take

TRASH = ".trash"
LONGEST_TITLE, LONGEST_NOTE = 200, 1000


def rename(folder: Path, title: str, note: str) -> None:
    """A take says what it is called from now on.

    Raises:
        AudioError: it has not ended, or the disk refuses.
    """
    take = read_take(folder)
    if "ended" not in take.about:
        raise _busy(folder)
    plain = {key: value for key, value in take.about.items() if key != "note"}
    noted = {"note": _line(note, LONGEST_NOTE)} if note.strip() else {}
    try:
        write_about(folder, {**plain, "title": _line(title, LONGEST_TITLE), **noted})
    except OSError as error:
        raise _refused(folder, error) from None


def put_away(folder: Path) -> str:
    """A take into the trash; returns its name there.

    Raises:
        AudioError: it is being recorded, or the disk refuses.
    """
    if is_being_recorded(folder):
        raise _busy(folder)
    trash = folder.parent / TRASH
    try:
        trash.mkdir(exist_ok=True)
        return _moved(folder, trash)
    except OSError as error:
        raise _refused(folder, error) from None


def bring_back(takes: Path, name: str) -> str:
    """A take from the trash; returns its name.

    Raises:
        AudioError: it is not there any more, or the disk refuses.
    """
    if name not in in_trash(takes):
        raise AudioError(name, "is not in the trash", "a take that was deleted")
    try:
        return _moved(takes / TRASH / name, takes)
    except OSError as error:
        raise _refused(takes / TRASH / name, error) from None


def in_trash(takes: Path) -> dict[str, int]:
    """Names and bytes of what lies there, the oldest deletion first."""
    trash = takes / TRASH
    try:
        if trash.is_symlink():
            return {}
        with os.scandir(trash) as entries:
            found = [Path(one.path) for one in entries if one.is_dir(follow_symlinks=False)]
        found.sort(key=lambda path: (path.stat().st_ctime_ns, path.name))
        return {path.name: folder_bytes(path) for path in found}
    except OSError:
        return {}


def empty_trash(takes: Path) -> None:
    """What lies there is gone for good.

    Raises:
        AudioError: the disk refuses.
    """
    for name in in_trash(takes):
        try:
            shutil.rmtree(takes / TRASH / name)
        except OSError as error:
            raise _refused(takes / TRASH / name, error) from None


def _moved(folder: Path, to: Path) -> str:
    number = 1
    while True:
        name = folder.name if number == 1 else f"{folder.name}-{number}"
        if not (to / name).exists():
            folder.rename(to / name)
            return name
        number += 1


def _line(text: str, longest: int) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:longest]


def _busy(folder: Path) -> AudioError:
    return AudioError(folder.name, "is being recorded", "a take that has ended", "end it first")


def _refused(path: Path, error: OSError) -> AudioError:
    given = f"cannot be changed ({error.strerror})"
    return AudioError(str(path), given, "a folder that may be written")
