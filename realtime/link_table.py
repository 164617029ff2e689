"""What the console is told once, when it connects: all that stays while this performance plays."""

import functools
from importlib.metadata import version
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from realtime.commands import COMMANDS, Command
from realtime.controls import CONTROLS, Control

if TYPE_CHECKING:
    from realtime.performance import Performance
    from realtime.preset import Preset
    from realtime.slot import Slot


class Row(BaseModel):
    """What all of them share."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class EffectRow(Row):
    """One of a preset's effects, in the order of the signal."""

    name: str
    kind: str
    side: str
    """"input" or "output"."""
    parameters: tuple[Control, ...]
    """With bare names; turned as `effect.parameter`."""


class PresetRow(Row):
    """A preset of the set."""

    name: str
    title: str
    colour: str
    note: str
    path: str
    voice_dirs: tuple[str, ...]
    """Of its voices, the first one first."""
    effects: tuple[EffectRow, ...]
    loudness_map: tuple[tuple[float, float], ...] = ()
    """Corners, sung and played in dB, of the singer's map for its first voice; none: as sung."""


class SongRow(Row):
    """A song of the set list."""

    title: str
    note: str
    presets: tuple[str, ...]


class About(Row):
    """What plays."""

    version: str
    set_title: str
    sample_rate: int
    hop_size: int
    n_outputs: int
    card: str
    """In words."""
    takes: str
    """Folder, absolute."""
    flags: dict[str, str]
    """Of the command line that can be changed from the console: preset, input, block_size..."""


class Table(Row):
    """All of it."""

    controls: tuple[Control, ...]
    commands: tuple[Command, ...]
    presets: tuple[PresetRow, ...]
    songs: tuple[SongRow, ...]
    about: About


@functools.cache
def _version() -> str:
    """It lies in a file."""
    return version("chanterelle")


def describe(performance: "Performance") -> Table:
    """Of this performance."""
    host, set_list = performance.host, performance.set_list
    return Table(
        controls=CONTROLS,
        commands=COMMANDS,
        presets=tuple(_preset_row(slot.preset, slot) for slot in host.slots),
        songs=tuple(
            SongRow(
                title=song.title,
                note=song.note,
                presets=tuple(preset.name for preset in song.presets),
            )
            for song in set_list.songs
        ),
        about=About(
            version=_version(),
            set_title=set_list.title,
            sample_rate=host.sample_rate,
            hop_size=host.hop_size,
            n_outputs=host.n_outputs,
            card=performance.card.description,
            takes=str(performance.takes_folder.absolute()),
            flags=dict(performance.wishes.flags),
        ),
    )


def _preset_row(preset: "Preset", slot: "Slot") -> PresetRow:
    corners = slot.parts[0].engine.loudness_map
    sides = (("input", slot.input_chain), ("output", slot.output_chain))
    effects = tuple(
        EffectRow(
            name=effect.name,
            kind=effect.kind,
            side=side,
            parameters=tuple(effect.parameters),
        )
        for side, chain in sides
        if chain is not None
        for effect in chain.effects
    )
    return PresetRow(
        name=preset.name,
        title=preset.title or preset.name,
        colour=preset.colour,
        note=preset.note,
        path=str(preset.path),
        voice_dirs=(str(preset.voice_dir), *(str(part.voice_dir) for part in preset.also)),
        effects=effects,
        loudness_map=tuple(zip(*(side.tolist() for side in corners), strict=True)),
    )
