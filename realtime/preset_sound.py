"""Whether a preset will play: beyond its YAML, its voices and rooms are read as on stage."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ddsp_core.checkpoint import load_voice
from ddsp_core.errors import ChanterelleError
from realtime.preset import Preset, load_preset, problems_of
from realtime.preset_check import PLUGIN
from realtime.preset_places import find_preset

if TYPE_CHECKING:
    from realtime.effects.spec import EffectSpec

CHECKED_AT_HZ = 48000


def everything_wrong(name_or_path: str) -> list[ChanterelleError]:
    """All that is wrong with a preset, as far as can be told at once; nothing if it will play."""
    try:
        path = find_preset(name_or_path)
    except ChanterelleError as error:
        return [error]
    problems: list[ChanterelleError] = [*problems_of(path)]
    return problems or unplayable(load_preset(str(path)))


def unplayable(preset: Preset) -> list[ChanterelleError]:
    """Which of its voices and rooms cannot be used. Plug-ins may be missing: the show goes on."""
    voices = dict.fromkeys([preset.voice_dir, *(part.voice_dir for part in preset.also)])
    attempts: list[Callable[[], object]] = [partial(load_voice, folder) for folder in voices]
    effects = [*preset.input_effects, *preset.output_effects]
    attempts += [partial(_make, spec) for spec in effects if spec.kind != PLUGIN]
    problems = []
    for attempt in attempts:
        try:
            attempt()
        except ChanterelleError as error:
            problems.append(error)
    return problems


def _make(spec: "EffectSpec") -> None:
    from realtime.effects.kinds import make_effect

    make_effect(spec, CHECKED_AT_HZ, 1).close()
