"""Presets: voices, control values, effects and MIDI knobs, in `presets/NAME/preset.yaml`.

    voice: violin           # a voice by its name, or a path relative to this file
    title: Duet             # optional, like all that follows
    colour: "#b5442e"       # of the stage view
    note: for small halls
    pitch: nsdf             # or another tracker: ddsp_core/trackers.py
    controls: {room_mix: 0.5}
    also:                   # further voices; the controls that they name are theirs
      - {voice: cello, controls: {octave_shift: -1}}
    effects:
      input:
        - {kind: high_pass, frequency_hz: 80}
      output:
        - {kind: delay, name: echo, beats: 0.75, mix: 0.2}
    midi:
      - {cc: 20, control: octave_shift, range: [-1, 1], channel: 1}
      - {cc: 22, control: echo.mix}

Loading one runs no code, and every mistake is a `PresetError` that names file, key and value.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddsp_core.errors import PresetError
from ddsp_core.trackers import TRAINED_WITH, check_name
from realtime.controls import default_values
from realtime.mapping import MidiEntry, check_entry
from realtime.preset_check import Problems, check_controls, check_effects, find_target, noted
from realtime.preset_file import PartEntry, PresetFile
from realtime.preset_places import (
    FILE_NAME,
    find_preset,
    find_voice,
    list_presets,
    list_voices,
    presets_dir,
    shown,
)
from realtime.strict_schema import check_all
from realtime.strict_yaml import read_yaml, values_of

if TYPE_CHECKING:
    from realtime.effects.spec import EffectSpec

__all__ = [
    "Part",
    "Preset",
    "list_presets",
    "list_voices",
    "load_preset",
    "parse_preset",
    "presets_dir",
    "problems_of",
]


@dataclass(frozen=True)
class Part:
    """A further voice of a preset. `controls` are its own and stay; it shares all others."""

    voice_dir: Path
    controls: dict[str, float]


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
    colour: str = ""
    """As in "#b5442e"; empty: none was chosen."""
    also: tuple[Part, ...] = ()
    input_effects: tuple["EffectSpec", ...] = ()
    output_effects: tuple["EffectSpec", ...] = ()


def load_preset(name_or_path: str, folder: Path | None = None) -> Preset:
    """The preset of that name, or of that folder or YAML file.

    Args:
        name_or_path: as a person wrote it.
        folder: what a path is relative to; else the current one.

    Raises:
        PresetError: an unknown preset, key, control, effect or voice; a value that does not fit;
            bad YAML.
    """
    path = find_preset(name_or_path, folder)
    return _without_problems(*_read(path, read_yaml(path, shown(path))))


def parse_preset(text: str, path: Path) -> Preset:
    """The preset that a file would hold if this were its text. Raises PresetError likewise."""
    return _without_problems(*_read(path, values_of(text, shown(path))))


def _without_problems(preset: Preset | None, problems: Problems) -> Preset:
    if preset is None:
        raise next(iter(problems.values()))
    return preset


def problems_of(path: Path) -> list[PresetError]:
    """All that is wrong with a preset's file, as far as can be told at once."""
    try:
        return list(_read(path, read_yaml(path, shown(path)))[1].values())
    except PresetError as error:  # not YAML at all
        return [error]


def _read(path: Path, values: Any) -> tuple[Preset | None, Problems]:
    where = shown(path)
    given, problems = check_all(PresetFile, values, where, "`voice: NAME`")
    if given is not None:
        return _built(given, path, where, problems)
    # The keys that are in order are read on, for what else may be wrong with them.
    faulty = {place.partition(".")[0].partition("[")[0] for place in problems}
    is_readable = isinstance(values, dict) and "" not in faulty
    rest = {k: v for k, v in values.items() if k not in faulty} if is_readable else {}
    rest_given, _ = check_all(PresetFile, {"voice": ".", **rest}, where, "")
    if rest_given is not None:
        _built(rest_given, path, where, problems)
    return None, problems


def _built(
    given: PresetFile, path: Path, where: str, problems: Problems
) -> tuple[Preset | None, Problems]:
    """The preset, if nothing is wrong with it."""
    controls = check_controls(given.controls, where, "controls", problems)
    pitch, voice_dir = TRAINED_WITH, path.parent
    with noted(problems, "pitch"):
        pitch = check_name(given.pitch, f"{where}: pitch")
    with noted(problems, "voice"):
        voice_dir = find_voice(given.voice, path.parent, f"{where}: voice")
    also = tuple(
        _part(entry, path, where, f"also[{number}]", problems)
        for number, entry in enumerate(given.also)
    )
    input_effects, output_effects = check_effects(given.effects, where, path.parent, problems)
    find = partial(find_target, input_effects + output_effects)
    for number, line in enumerate(given.midi):
        with noted(problems, f"midi[{number}]"):
            check_entry(line, f"{where}: midi[{number}]", find)
    preset = Preset(
        name=path.parent.name if path.name == FILE_NAME else path.stem,
        voice_dir=voice_dir,
        controls=default_values() | controls,
        midi=given.midi,
        path=path,
        title=given.title,
        note=given.note,
        pitch=pitch,
        colour=given.colour,
        also=also,
        input_effects=input_effects,
        output_effects=output_effects,
    )
    return (None if problems else preset), problems


def _part(entry: PartEntry, path: Path, where: str, key: str, problems: Problems) -> Part:
    voice_dir = path.parent
    with noted(problems, f"{key}.voice"):
        voice_dir = find_voice(entry.voice, path.parent, f"{where}: {key}.voice")
    return Part(voice_dir, check_controls(entry.controls, where, f"{key}.controls", problems))
