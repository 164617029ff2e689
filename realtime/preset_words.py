"""A preset for people, and as JSON."""

from pathlib import Path
from typing import Any

from ddsp_core.errors import ChanterelleError
from realtime.controls import BY_NAME, default_values
from realtime.preset import Preset, list_presets, load_preset
from realtime.preset_places import find_preset, is_users


def summary(name: str) -> dict[str, Any]:
    """What the list shows of a preset; one with a mistake says so, and hides no other."""
    path = find_preset(name)
    known = {"name": name, "is_yours": is_users(path), "path": str(path)}
    try:
        preset = load_preset(name)
    except ChanterelleError as error:
        return {**known, "title": "", "colour": "", "voices": [], "note": "", "problem": str(error)}
    return {
        **known,
        "title": preset.title,
        "colour": preset.colour,
        "voices": [folder.name for folder in voice_dirs(preset)],
        "note": preset.note,
        "problem": "",
    }


def voice_dirs(preset: Preset) -> list[Path]:
    """Folders of all its voices, the first one first."""
    return [preset.voice_dir, *(part.voice_dir for part in preset.also)]


def table() -> list[str]:
    """One line a preset: name, title, voices, and whose it is."""
    rows = [summary(name) for name in list_presets()]
    cells = [
        (row["name"], row["title"], " + ".join(row["voices"]) or row["problem"], _whose(row))
        for row in rows
    ]
    widths = [max(len(row[column]) for row in cells) for column in range(2)]
    return [
        f"{name:{widths[0]}}  {title:{widths[1]}}  {voices}{whose}"
        for name, title, voices, whose in cells
    ]


def _whose(row: dict[str, Any]) -> str:
    return "  (yours)" if row["is_yours"] else ""


def lines(preset: Preset) -> list[str]:
    """Everything about a preset that differs from the usual."""
    also = [f"also      {part.voice_dir.name}{_controls(part.controls)}" for part in preset.also]
    chains = {"before": preset.input_effects, "after": preset.output_effects}
    effects = [
        f"{side:9} {spec.kind} {spec.name!r}{_numbers(dict(spec.values))}"
        for side, chain in chains.items()
        for spec in chain
    ]
    usual = default_values()
    turned = {name: value for name, value in preset.controls.items() if value != usual[name]}
    midi = [f"midi      {line.spoken}: {line.target}" for line in preset.midi]
    head = [f"{preset.title or preset.name} {preset.colour}".rstrip(), *preset.note.splitlines()]
    own = "yours" if is_users(preset.path) else "comes along"
    return [
        *head,
        f"file      {preset.path} ({own})",
        f"voice     {preset.voice_dir.name}{_controls(turned)}",
        *also,
        *effects,
        *midi,
    ]


def as_json(preset: Preset) -> dict[str, Any]:
    """All of it."""
    return {
        **summary(str(preset.path)),
        "name": preset.name,
        "pitch": preset.pitch,
        "controls": preset.controls,
        "also": [{"voice": part.voice_dir.name, "controls": part.controls} for part in preset.also],
        "effects": {
            side: [
                {"kind": spec.kind, "name": spec.name, "values": dict(spec.values)}
                for spec in chain
            ]
            for side, chain in (("input", preset.input_effects), ("output", preset.output_effects))
        },
        "midi": [line.model_dump(exclude_defaults=True) for line in preset.midi],
    }


def _controls(values: dict[str, float]) -> str:
    parts = [
        f"{name} {BY_NAME[name].shown(value)} {BY_NAME[name].unit}".rstrip()
        for name, value in values.items()
    ]
    return f": {', '.join(parts)}" if parts else ""


def _numbers(values: dict[str, float]) -> str:
    parts = [f"{name} {value:g}" for name, value in values.items()]
    return f": {', '.join(parts)}" if parts else ""
