"""Presets of one's own as files: saved under a new name, renamed, deleted and brought back."""

import re
import shutil
import time
from pathlib import Path
from typing import NamedTuple

from ddsp_core.errors import PresetError
from realtime.places import user_presets_dir
from realtime.preset_edit import edited
from realtime.preset_edit_check import Turned
from realtime.preset_edit_text import text_literal, with_value
from realtime.preset_new import carried, check_new_name, title_of, write_folder
from realtime.preset_places import FILE_NAME, is_users, shown
from realtime.preset_text import replaced
from realtime.strict_yaml import read_text

TRASH = ".deleted"
"""In the folder of presets; hidden, so that nobody looks for presets there."""

MOST_KEPT = 20
"""Deleted presets; the oldest go."""

BEGUN = re.compile(r"\A# .*, begun from .*\n# What can be turned.*\n\n?")
"""What `presets new` writes above a preset; of a copy of it it would not be true."""


class Deleted(NamedTuple):
    """A preset in the trash."""

    name: str
    folder: Path


def save_as(path: Path, name: str, turned: Turned | None = None) -> Path:
    """Writes a preset of one's own that begins as another one stands; returns its file.

    Args:
        path: of the other one's file; its rooms are copied.
        name: that no preset has yet.
        turned: how the other one stands; as it is in its file where nothing is given.

    Raises:
        PresetError: a name that exists or cannot be one, what `preset_edit.edited` refuses.
    """
    check_new_name(name, "save as")
    text = edited(read_text(path, shown(path)), path, turned or Turned())
    values, rooms = carried(text, path, title_of(name))
    text = replaced(text, values)
    if not any(spot.key == "title" for spot in values):
        text = with_value(text, ["title"], text_literal(title_of(name)))
    folder = user_presets_dir() / name
    write_folder(folder, BEGUN.sub("", text).rstrip("\n") + "\n", rooms)
    return folder / FILE_NAME


def rename(path: Path, name: str) -> Path:
    """Calls a preset of one's own otherwise; returns where its file is now.

    Raises:
        PresetError: a name that exists or cannot be one, a preset that is not in one's own folder.
    """
    folder = _own_folder(path)
    check_new_name(name, "rename", but=folder.name)
    try:
        return folder.rename(folder.with_name(name)) / FILE_NAME
    except OSError as error:
        raise _refused(folder, "renamed", error) from None


def delete(path: Path) -> Deleted:
    """Puts a preset of one's own into the trash. Raises PresetError as `rename`."""
    folder = _own_folder(path)
    trash = folder.parent / TRASH
    try:
        trash.mkdir(exist_ok=True)
        # Sorted by name they are sorted by age.
        there = trash / f"{time.time_ns():020d}-{folder.name}"
        folder.rename(there)
    except OSError as error:
        raise _refused(folder, "deleted", error) from None
    for old in sorted(trash.iterdir())[:-MOST_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return Deleted(folder.name, there)


def restore(deleted: Deleted) -> Path:
    """Brings a deleted preset back; returns its file. Raises PresetError if its name is taken."""
    check_new_name(deleted.name, "undo")
    try:
        return deleted.folder.rename(user_presets_dir() / deleted.name) / FILE_NAME
    except OSError as error:
        raise _refused(deleted.folder, "brought back", error) from None


def is_in_own_folder(path: Path) -> bool:
    """Whether a preset can be renamed and deleted here: it is kept by its name."""
    return path.name == FILE_NAME and path.parent.parent == user_presets_dir()


def _own_folder(path: Path) -> Path:
    if not is_users(path):
        raise PresetError(shown(path), "it came along with the program", "presets of one's own")
    if not is_in_own_folder(path):
        given = "it lies outside of the folder of presets"
        raise PresetError(shown(path), given, str(user_presets_dir()), "move the file yourself")
    return path.parent


def _refused(folder: Path, what: str, error: OSError) -> PresetError:
    return PresetError(str(folder), f"cannot be {what} ({error.strerror})", "")
