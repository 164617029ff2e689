"""Presets: a voice, the values of its controls and the MIDI knobs, in `presets/NAME/preset.yaml`.

    voice: violin           # a folder in presets/voices, or a path relative to this file
    title: Violin           # optional, like all that follows
    note: for small halls
    pitch: nsdf             # or another tracker: ddsp_core/trackers.py
    controls: {room_mix: 0.5}
    midi:
      - {cc: 20, control: octave_shift, range: [-1, 1], channel: 1}

Loading one runs no code, and every mistake is a `PresetError` that names file, key and value.
"""

import reprlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ddsp_core.errors import ControlError, PresetError, did_you_mean
from ddsp_core.trackers import TRAINED_WITH, check_name
from realtime.controls import check_values, find_control
from realtime.mapping import MidiEntry
from realtime.strict_yaml import read_yaml

FILE_NAME = "preset.yaml"


@dataclass(frozen=True)
class Preset:
    """A checked preset. `controls` holds every control, `midi` only names that exist."""

    name: str
    voice_dir: Path
    controls: dict[str, float]
    midi: tuple[MidiEntry, ...]
    path: Path
    title: str = ""
    note: str = ""
    pitch: str = TRAINED_WITH


class _PresetFile(BaseModel):
    """What may stand in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    voice: str = Field(min_length=1, description="the name of a voice or the path of its folder")
    title: str = Field(default="", description="a text")
    note: str = Field(default="", description="a text")
    pitch: str = Field(default=TRAINED_WITH, description="the name of a pitch tracker")
    controls: dict[str, Any] = Field(default_factory=dict, description="lines of `NAME: value`")
    midi: tuple[MidiEntry, ...] = Field(
        default=(),
        strict=False,
        description="a list with lines such as `- {cc: 20, control: NAME}`",
    )


def presets_dir() -> Path:
    """The folder of presets that come along, beside this package in a checkout and in a wheel."""
    return Path(__file__).resolve().parent.parent / "presets"


def list_presets() -> list[str]:
    """Names that `load_preset` knows."""
    return sorted(path.parent.name for path in presets_dir().glob(f"*/{FILE_NAME}"))


def list_voices() -> list[str]:
    """Names of the voices that come along."""
    return sorted(path.name for path in (presets_dir() / "voices").glob("*") if path.is_dir())


def load_preset(name_or_path: str) -> Preset:
    """The preset of that name, or of that folder or YAML file.

    Raises:
        PresetError: an unknown preset, key, control or voice; a value that does not fit; bad YAML.
    """
    path = _find(name_or_path)
    where = _shown(path)
    values = _check(read_yaml(path, where), where)
    try:
        controls = check_values(values.controls, f"{where}: controls")
        for number, entry in enumerate(values.midi):
            _check_knob(entry, f"{where}: midi[{number}]")
    except ControlError as error:
        # On one line, whatever characters a key is made of.
        raise PresetError(" ".join(str(error).split()), "", "") from None
    return Preset(
        name=path.parent.name if path.name == FILE_NAME else path.stem,
        voice_dir=_find_voice(values.voice, path, f"{where}: voice"),
        controls=controls,
        midi=values.midi,
        path=path,
        title=values.title,
        note=values.note,
        pitch=check_name(values.pitch, f"{where}: pitch"),
    )


def _find(name_or_path: str) -> Path:
    if name_or_path in list_presets():
        return presets_dir() / name_or_path / FILE_NAME
    path = Path(name_or_path)
    try:
        for candidate in (path, path / FILE_NAME):
            if candidate.suffix in {".yaml", ".yml"} and candidate.is_file():
                return candidate.resolve()
    except OSError:  # a name that is too long, a folder that is closed
        pass
    known = did_you_mean(name_or_path, list_presets())
    given = f"no preset {reprlib.repr(name_or_path)}"
    raise PresetError("preset", given, "a name, a folder or a .yaml file", known)


def _shown(path: Path) -> str:
    """The path as a person in this folder would write it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _check(values: Any, where: str) -> _PresetFile:
    if not isinstance(values, dict):
        given = "empty" if values is None else f"{reprlib.repr(values)} alone"
        raise PresetError(where, given, "lines of `key: value`, at least `voice: NAME`")
    try:
        return _PresetFile.model_validate(values)
    except ValidationError as error:
        # An unknown key is the likelier cause where one is also missing: it is a typo of it.
        problems = error.errors(include_url=False)
        first = min(problems, key=lambda problem: problem["type"] != "extra_forbidden")
        raise _as_preset_error(first, where) from None


def _as_preset_error(problem: Any, where: str) -> PresetError:
    """Pydantic's finding in this project's words."""
    keys = [key for key in problem["loc"] if key != "[key]"]
    model = MidiEntry if keys[0] == "midi" and len(keys) > 2 else _PresetFile
    if problem["type"] == "extra_forbidden":
        place = _dotted(where, keys[:-1])
        unknown = f"unknown key {reprlib.repr(keys[-1])}"
        return PresetError(place, unknown, did_you_mean(str(keys[-1]), model.model_fields))
    field = keys[2] if model is MidiEntry else keys[0]
    known = model.model_fields.get(field)
    allowed = f"{field} takes {known.description}" if known else "keys that are words"
    is_missing = problem["type"] == "missing" and keys[-1] == field
    given = "it is missing" if is_missing else reprlib.repr(problem["input"])
    return PresetError(_dotted(where, keys), given, allowed)


def _dotted(where: str, keys: list[Any]) -> str:
    """The place of a value: `["midi", 0, "cc"]` as `midi[0].cc`."""
    parts = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    place = "".join(parts).removeprefix(".")
    return f"{where}: {place}" if place else where


def _check_knob(entry: MidiEntry, where: str) -> None:
    control = find_control(entry.control, f"{where}.control")
    if entry.range is None:
        return
    first, last = (control.check(end, f"{where}.range") for end in entry.range)
    if first == last:
        raise PresetError(f"{where}.range", f"{first:g} at both ends", "two different values")


def _find_voice(voice: str, path: Path, where: str) -> Path:
    is_name = "/" not in voice and voice not in {".", ".."}
    folder = presets_dir() / "voices" / voice if is_name else path.parent / voice
    try:
        if folder.is_dir():
            return folder.resolve()
    except (OSError, ValueError):
        pass
    known = did_you_mean(voice, list_voices())
    given = f"no voice {reprlib.repr(voice)}"
    raise PresetError(where, given, "a name, or the path of a folder from here", known)
