"""Which recordings share a room (and so, in training, an impulse response and a level)."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Literal, NamedTuple

from ddsp_core.errors import RecipeError

NOTES_UP_TO_S = 10.0
"""A folder of several files with a median length below this holds single notes."""
SEVERAL = 4

Kind = Literal["phrases", "notes"]
RoomBy = Literal["auto", "parent", "file", "session"]


class Place(NamedTuple):
    """Where a recording belongs."""

    room: str
    kind: Kind
    level_group: str
    """Recordings of one group keep their levels relative to each other."""


def place_recordings(durations_s: Mapping[Path, float], room_by: RoomBy) -> dict[Path, Place]:
    """Room, kind and level group of every file.

    Args:
        durations_s: length of every recording.
        room_by: `parent`: a room a folder; `file`: a room a file; `auto`: a room a folder of notes
            and, in folders of phrases, a room a performer: the file's name up to the first `_`;
            `session`: a room and one level a folder, whatever it holds.
    Raises:
        RecipeError: two folders of one name would become one room.
    """
    folders = sorted({path.parent for path in durations_s})
    if len({folder.name for folder in folders}) < len(folders):
        names = ", ".join(str(folder) for folder in folders)
        raise RecipeError(
            "prepare", f"folders of the same name: {names}", "folders of unlike names"
        )
    kinds = {
        folder: _kind_of([s for path, s in durations_s.items() if path.parent == folder])
        for folder in folders
    }
    return {path: _place(path, kinds[path.parent], room_by) for path in durations_s}


def _kind_of(durations_s: Sequence[float]) -> Kind:
    return (
        "notes"
        if len(durations_s) >= SEVERAL and median(durations_s) < NOTES_UP_TO_S
        else "phrases"
    )


def _place(path: Path, kind: Kind, room_by: RoomBy) -> Place:
    folder = path.parent.name
    # Notes of one folder were played one after another into one microphone; phrases are mastered.
    one_level = room_by == "session" or kind == "notes"
    level_group = folder if one_level else f"{folder}/{path.name}"
    if room_by == "file":
        return Place(f"{folder}/{path.stem}", kind, level_group)
    performer = path.stem.split("_", maxsplit=1)[0]
    by_folder = room_by in ("parent", "session") or kind == "notes"
    return Place(folder if by_folder else performer, kind, level_group)
