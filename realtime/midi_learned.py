"""The knobs that were learned by moving them, in `midi.yaml` among the user's own files.

    midi:
      - {cc: 20, channel: 1, control: room_mix}

They work in every preset that does not use the same knob itself.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from realtime.controls import Control, find_control
from realtime.mapping import MidiEntry, check_entry
from realtime.places import midi_file, write_whole
from realtime.strict_schema import check_all
from realtime.strict_yaml import read_yaml

HEAD = (
    "# Learned by moving knobs; `chanterelle midi` shows it, `chanterelle midi forget` forgets.\n"
)


class _LearnedFile(BaseModel):
    """What may stand in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    midi: tuple[MidiEntry, ...] = Field(
        strict=False, description="a list with lines such as `- {cc: 20, control: NAME}`"
    )


def load_learned(path: Path | None = None) -> tuple[MidiEntry, ...]:
    """All lines; none if nothing was learned yet.

    Raises PresetError or ControlError naming file, key and value.
    """
    path = path or midi_file()
    if not path.exists():
        return ()
    where = str(path)
    values, problems = check_all(_LearnedFile, read_yaml(path, where), where, "`midi:`")
    if values is None:
        raise next(iter(problems.values()))
    for number, entry in enumerate(values.midi):
        check_entry(entry, f"{where}: midi[{number}]", _find)
    return values.midi


def save_learned(entries: Iterable[MidiEntry], path: Path | None = None) -> None:
    """Writes the file anew, whole or not at all.

    Raises PresetError if it cannot be written.
    """
    path = path or midi_file()
    lines: list[dict[str, Any]] = [entry.model_dump(exclude_defaults=True) for entry in entries]
    for line in lines:
        line.update({"range": list(line["range"])} if "range" in line else {})
    text = HEAD + yaml.safe_dump({"midi": lines}, default_flow_style=None, sort_keys=False)
    write_whole(path, text)


def with_entry(entries: Sequence[MidiEntry], new: MidiEntry) -> tuple[MidiEntry, ...]:
    """One knob more; what the same knob turned before, or turned the same control, is forgotten."""
    kept = (
        entry
        for entry in entries
        if entry.target != new.target
        and (entry.source, entry.number, entry.channel) != (new.source, new.number, new.channel)
    )
    return (*kept, new)


def without(entries: Sequence[MidiEntry], target: str) -> tuple[MidiEntry, ...]:
    """All but those of one control or command."""
    return tuple(entry for entry in entries if entry.target != target)


def _find(name: str, where: str) -> Control | None:
    """Effects belong to presets: which of them will be loaded, nobody knows here."""
    return None if "." in name else find_control(name, where)
