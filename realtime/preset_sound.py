"""Whether a preset will play: beyond its YAML, its voices and rooms are read as on stage."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ddsp_core.checkpoint import load_voice
from ddsp_core.errors import ChanterelleError, PresetError
from realtime.preset import Preset, load_preset, problems_of
from realtime.preset_check import PLUGIN
from realtime.preset_places import find_preset, shown

if TYPE_CHECKING:
    from realtime.effects.spec import EffectSpec

CHECKED_AT_HZ = 48000


class Pace(NamedTuple):
    """Of a voice: all that play in one set share it."""

    sample_rate: int
    hop_size: int


def everything_wrong(name_or_path: str) -> list[ChanterelleError]:
    """All that is wrong with a preset, as far as can be told at once; nothing if it will play."""
    try:
        path = find_preset(name_or_path)
    except ChanterelleError as error:
        return [error]
    problems: list[ChanterelleError] = [*problems_of(path)]
    return problems or unplayable([load_preset(str(path))])


def unplayable(presets: Sequence[Preset]) -> list[ChanterelleError]:
    """Which voices and rooms of a set cannot be used, or not together.

    Plug-ins may be missing: the show goes on.
    """
    problems: list[ChanterelleError] = []
    paces: dict[Pace, Path] = {}
    for folder in dict.fromkeys(folder for preset in presets for folder in _voices(preset)):
        with _kept(problems):
            config = load_voice(folder).config
            paces.setdefault(Pace(config.sample_rate, config.hop_size), folder)
    for preset in presets:
        for spec in (*preset.input_effects, *preset.output_effects):
            if spec.kind != PLUGIN:
                with _kept(problems):
                    _make(spec)
    if len(paces) > 1:
        given = " and ".join(
            f"{shown(folder)} with {pace.sample_rate} Hz and hops of {pace.hop_size} samples"
            for pace, folder in paces.items()
        )
        problems.append(PresetError("voices", given, "voices of one set are alike in both"))
    return problems


def _voices(preset: Preset) -> list[Path]:
    return [preset.voice_dir, *(part.voice_dir for part in preset.also)]


@contextlib.contextmanager
def _kept(problems: list[ChanterelleError]) -> Iterator[None]:
    try:
        yield
    except ChanterelleError as error:
        problems.append(error)


def _make(spec: "EffectSpec") -> None:
    from realtime.effects.kinds import make_effect

    make_effect(spec, CHECKED_AT_HZ, 1).close()
