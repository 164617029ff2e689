"""Set lists: the songs of a show in their order, and the presets of each song.

    title: Saturday
    songs:
      - title: Summertime
        presets: [cello, violin]      # by name, or a path relative to this file
        note: cello until the second verse
        tempo_bpm: 84
      - {title: Encore, presets: [duet]}

A preset may stand in many songs and is loaded once.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, Field

from ddsp_core.errors import PresetError
from realtime.preset import Preset, load_preset
from realtime.preset_check import Problems, noted
from realtime.preset_file import LINE, LINES, STRICT
from realtime.preset_places import shown
from realtime.strict_schema import check_all
from realtime.strict_yaml import read_yaml

TEMPO_BPM = (20.0, 400.0)
MOST_SONGS = 500
MOST_PRESETS = 100
"""In one song."""


@dataclass(frozen=True)
class Song:
    """What is played between two applauses."""

    title: str
    """Empty: the presets stand alone, without a set list."""
    presets: tuple[Preset, ...]
    note: str = ""
    tempo_bpm: float = 0.0
    """0: the song has none of its own."""


@dataclass(frozen=True)
class SetList:
    """A show: one song or more, each with one preset or more."""

    songs: tuple[Song, ...]
    title: str = ""

    @cached_property
    def presets(self) -> list[Preset]:
        """Each once, in the order in which they come first: what a host loads."""
        places = [preset for song in self.songs for preset in song.presets]
        return list({preset.path: preset for preset in places}.values())

    def number_of(self, preset: Preset) -> int:
        """The place of a preset in `presets`."""
        return [known.path for known in self.presets].index(preset.path)


class _SongEntry(BaseModel):
    model_config = STRICT

    title: str = Field(min_length=1, max_length=100, pattern=LINE, description="a text")
    presets: tuple[str, ...] = Field(
        strict=False,
        min_length=1,
        max_length=MOST_PRESETS,
        description=f"a list of 1 to {MOST_PRESETS} presets such as `[violin, cello]`",
    )
    note: str = Field(default="", max_length=2000, pattern=LINES, description="a text")
    tempo_bpm: float = Field(
        default=0.0,
        ge=TEMPO_BPM[0],
        le=TEMPO_BPM[1],
        description=f"beats a minute, {TEMPO_BPM[0]:g} to {TEMPO_BPM[1]:g}",
    )


class _SetListFile(BaseModel):
    model_config = STRICT

    title: str = Field(default="", max_length=100, pattern=LINE, description="a text")
    songs: tuple[_SongEntry, ...] = Field(
        strict=False,
        min_length=1,
        max_length=MOST_SONGS,
        description=f"a list of 1 to {MOST_SONGS} songs, each with `title:` and `presets:`",
    )


def load_set_list(path: Path) -> SetList:
    """The show in a YAML file, its presets loaded and checked.

    Raises:
        PresetError: names file, song and key, or what is wrong with a preset.
    """
    set_list, problems = _read(path)
    if set_list is None:
        raise next(iter(problems.values()))
    return set_list


def problems_of_set_list(path: Path) -> list[PresetError]:
    """All that is wrong with a set list and its presets, as far as can be told at once."""
    try:
        return list(_read(path)[1].values())
    except PresetError as error:  # not YAML at all
        return [error]


def set_of(words: str) -> SetList:
    """The presets of `violin,cello,flute`: one song without a title.

    Raises:
        PresetError: one of them does not exist or has a mistake in it.
    """
    names = [name.strip() for name in words.split(",")]
    return SetList((Song("", tuple(load_preset(name) for name in names)),))


def _read(path: Path) -> tuple[SetList | None, Problems]:
    where = shown(path.absolute())
    given, problems = check_all(_SetListFile, read_yaml(path, where), where, "`songs:`")
    if given is None:
        return None, problems
    known: dict[str, Preset | None] = {}  # one reading each, and one complaint
    songs = []
    for number, song in enumerate(given.songs):
        for at, name in enumerate(song.presets):
            if name not in known:
                known[name] = None
                key = f"songs[{number}].presets[{at}]"
                with noted(problems, key, f"{where}: {key} of {song.title!r}"):
                    known[name] = load_preset(name, path.parent)
        found = tuple(preset for name in song.presets if (preset := known[name]))
        songs.append(Song(song.title, found, song.note, song.tempo_bpm))
    return (None if problems else SetList(tuple(songs), given.title)), problems
