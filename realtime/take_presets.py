"""The presets of a take as they were, from the copies in take.yaml, with the voices of today."""

import dataclasses
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from ddsp_core.errors import PresetError
from realtime.preset import Preset, load_preset
from realtime.take_about import describe_voice
from realtime.take_reader import Take

PATH_KEYS = ("voice", "file")
"""In a preset: what may be a path that is relative to it."""


def recorded_presets(take: Take) -> list[Preset]:
    """All of the set. What has changed about a voice since is told on standard error.

    Raises PresetError if one cannot be loaded: a voice that is not here, a damaged copy.
    """
    return [_recorded(take, preset) for preset in take.presets]


def _recorded(take: Take, said: Mapping[str, Any]) -> Preset:
    path, text, name = Path(said["path"]), str(said["text"]), str(said["name"])
    try:
        preset = load_preset(str(path)) if _is_same(path, text) else _from_text(name, path, text)
    except PresetError as error:
        todo = "bring the voice here (`chanterelle presets import`), or choose one with --preset"
        raise PresetError(str(take.folder), f"preset {name!r}", str(error), todo) from None
    folders = (preset.voice_dir, *(part.voice_dir for part in preset.also))
    for voice, folder in zip(said["voices"], folders, strict=False):
        if describe_voice(folder)["sha256"] != voice.get("sha256"):
            print(
                f"warning: the voice {voice.get('name')} is not the one that was recorded with",
                file=sys.stderr,
            )
    return preset


def _is_same(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False


def _from_text(name: str, path: Path, text: str) -> Preset:
    """A preset whose file has been changed since, or is not here."""
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise PresetError(name, f"its copy is damaged ({error})", "as it was recorded") from None
    with tempfile.TemporaryDirectory(prefix="chanterelle-") as folder:
        copy = Path(folder) / f"{Path(name).name or 'preset'}.yaml"
        rooted = dict(_rooted(values, path.parent)) if isinstance(values, dict) else values
        copy.write_text(yaml.safe_dump(rooted, allow_unicode=True), encoding="utf-8")
        return dataclasses.replace(load_preset(str(copy)), name=name, path=path)


def _rooted(values: Mapping[str, Any], folder: Path) -> Iterable[tuple[str, Any]]:
    """Relative paths become absolute: the copy lies elsewhere."""
    for key, value in values.items():
        if key in PATH_KEYS and isinstance(value, str) and ("/" in value or key == "file"):
            yield key, str(folder / value)
        elif isinstance(value, dict):
            yield key, dict(_rooted(value, folder))
        elif isinstance(value, list):
            yield key, [dict(_rooted(v, folder)) if isinstance(v, dict) else v for v in value]
        else:
            yield key, value
