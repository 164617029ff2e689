"""Where presets and voices are found: those that come along, and a person's own, which go first."""

import reprlib
from pathlib import Path

from ddsp_core.errors import PresetError, did_you_mean
from realtime.places import user_presets_dir, user_voices_dir

FILE_NAME = "preset.yaml"


def presets_dir() -> Path:
    """The folder of presets that come along, beside this package in a checkout and in a wheel."""
    return Path(__file__).resolve().parent.parent / "presets"


def list_presets() -> list[str]:
    """Names that `load_preset` knows."""
    folders = (presets_dir(), user_presets_dir())
    return sorted({path.parent.name for folder in folders for path in _files(folder)})


def list_voices() -> list[str]:
    """Names of the voices that come along and of the person's own."""
    folders = (presets_dir() / "voices", user_voices_dir())
    return sorted({path.name for folder in folders for path in _folders(folder)})


def is_users(path: Path) -> bool:
    """Whether a preset's file or a voice's folder is a person's own, not one that came along."""
    return not path.is_relative_to(presets_dir())


def find_preset(name_or_path: str, folder: Path | None = None) -> Path:
    """The file of the preset of that name, or of that folder or YAML file.

    Args:
        name_or_path: as a person wrote it.
        folder: what a path is relative to; else the current one.

    Raises:
        PresetError: there is none; it lists what there is.
    """
    if name_or_path in list_presets():
        own = user_presets_dir() / name_or_path / FILE_NAME
        return own if own.is_file() else presets_dir() / name_or_path / FILE_NAME
    try:
        path = (folder or Path()) / Path(name_or_path)
        for candidate in (path, path / FILE_NAME):
            if candidate.suffix in {".yaml", ".yml"} and candidate.is_file():
                return candidate.resolve()
    except (OSError, ValueError):  # a name that is too long, a folder that is closed
        pass
    known = did_you_mean(name_or_path, list_presets())
    given = f"no preset {reprlib.repr(name_or_path)}"
    raise PresetError("preset", given, "a name, a folder or a .yaml file", known)


def find_voice(voice: str, folder: Path, where: str) -> Path:
    """The folder of the voice of that name, or at that path.

    Args:
        voice: as it stands in a preset.
        folder: what a path is relative to: the preset's.
        where: the place in the file.

    Raises:
        PresetError: there is none; it lists what there is.
    """
    is_name = "/" not in voice and voice not in {".", ".."}
    named = (user_voices_dir() / voice, presets_dir() / "voices" / voice)
    try:
        for found in named if is_name else (folder / voice,):
            if found.is_dir():
                return found.resolve()
    except (OSError, ValueError):
        pass
    known = did_you_mean(voice, list_voices())
    given = f"no voice {reprlib.repr(voice)}"
    raise PresetError(where, given, "a name, or the path of a folder from here", known)


def shown(path: Path) -> str:
    """The path as a person in this folder would write it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _files(folder: Path) -> list[Path]:
    """Presets in a folder that may not exist or be closed."""
    return [path / FILE_NAME for path in _folders(folder) if (path / FILE_NAME).is_file()]


def _folders(folder: Path) -> list[Path]:
    """Folders in it; not the hidden ones, which are being written."""
    try:
        return [p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")]
    except OSError:
        return []
