"""A preset or a voice into one file, `.chanterelle`: the same bytes for the same preset."""

import json
from pathlib import Path

from ddsp_core.checkpoint import FILE_NAME as VOICE_FILE
from ddsp_core.checkpoint import load_voice
from ddsp_core.errors import PresetError
from realtime.bundle_format import (
    FORMAT,
    MANIFEST,
    ROOM_SUFFIXES,
    ROOMS,
    TEXTS,
    VERSION,
    VOICES,
    Kind,
    Manifest,
    most_bytes,
)
from realtime.bundle_zip import write_zip
from realtime.preset import load_preset
from realtime.preset_check import PLUGIN
from realtime.preset_places import FILE_NAME as PRESET_FILE
from realtime.preset_places import find_voice, shown
from realtime.preset_text import Spot, replaced, spots
from realtime.safe_names import check_name, is_safe
from realtime.strict_yaml import read_text

Members = dict[str, bytes]


def export_preset(name_or_path: str, file: Path, name: str = "") -> None:
    """Writes a preset with its voices and the rooms that it names.

    Args:
        name_or_path: of the preset.
        file: to write.
        name: under which it travels; else its own.

    Raises:
        PresetError: the preset, a voice or a room has a mistake; a name that cannot travel.
    """
    preset = load_preset(name_or_path)
    where = shown(preset.path)
    text = read_text(preset.path, where)
    travelling = check_name(name or preset.name, f"{where}: its name")
    members: Members = {}
    names: dict[Path, str] = {}  # of what is packed already
    values: dict[Spot, str] = {}
    for spot in spots(text):
        if spot.key == "voice":
            folder = find_voice(spot.value, preset.path.parent, where)
            if folder not in names:
                names[folder] = _free_name(folder.name, set(names.values()), "voice")
                members |= _voice_members(folder, names[folder])
            values[spot] = f"./{VOICES}/{names[folder]}"
        elif spot.key == "file" and spot.kind == PLUGIN:
            values[spot] = str((preset.path.parent / Path(spot.value).expanduser()).absolute())
        elif spot.key == "file":
            room = (preset.path.parent / spot.value).resolve()
            if room not in names:
                names[room] = _free_name(room.stem, set(names.values()), "room") + _suffix(room)
                members[f"{ROOMS}/{names[room]}"] = _read(room, f"{ROOMS}/{names[room]}")
            values[spot] = f"{ROOMS}/{names[room]}"
    members[PRESET_FILE] = replaced(text, values).encode()
    _write(file, "preset", travelling, members)


def export_voice(voice: str, file: Path, name: str = "") -> None:
    """Writes a voice alone, likewise."""
    folder = find_voice(voice, Path(), "voice")
    travelling = check_name(name or folder.name, f"{shown(folder)}: its name")
    _write(file, "voice", travelling, _voice_members(folder, travelling))


def _voice_members(folder: Path, name: str) -> Members:
    load_voice(folder)  # whole, or it does not travel
    files = [VOICE_FILE, *(text for text in TEXTS if (folder / text).is_file())]
    members = {f"{VOICES}/{name}/{file}": folder / file for file in files}
    return {member: _read(path, member) for member, path in members.items()}


def _read(path: Path, member: str) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        given = f"cannot be read ({error.strerror})"
        raise PresetError(shown(path), given, "a file that can") from None
    if len(data) > most_bytes(member):
        raise PresetError(shown(path), f"{len(data)} bytes", f"at most {most_bytes(member)}")
    return data


def _suffix(room: Path) -> str:
    if room.suffix.lower() not in ROOM_SUFFIXES:
        raise PresetError(shown(room), "does not travel", f"a room as {' or '.join(ROOM_SUFFIXES)}")
    return room.suffix.lower()


def _free_name(wanted: str, taken: set[str], otherwise: str) -> str:
    """The name if it can travel and no other has it, else one with a number."""
    stem = wanted if is_safe(wanted) else otherwise
    used = {name.partition(".")[0].casefold() for name in taken}
    numbered = (stem, *(f"{stem[:56]}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in numbered if name.casefold() not in used)


def _write(file: Path, kind: Kind, name: str, members: Members) -> None:
    manifest = Manifest(format=FORMAT, version=VERSION, kind=kind, name=name)
    text = json.dumps(manifest.model_dump(), indent=2) + "\n"
    try:
        write_zip(file, {MANIFEST: text.encode(), **dict(sorted(members.items()))})
    except OSError as error:
        given = f"cannot be written ({error.strerror})"
        raise PresetError(shown(file), given, "a folder that exists, a disk with room") from None
