"""Hosted plug-ins in the table of kinds. What hosts them is imported when one is to be played."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from realtime.effects.effect import Effect
from realtime.effects.kind import Kind, Option
from realtime.effects.plugin_kind import DOC, check_plugin
from realtime.effects.spec import EffectSpec

OPTIONS = (
    Option("file", "the path of a VST3 plug-in", is_required=True),
    Option("plugin_name", "which of those in the file"),
    Option("parameters", "values by the names that the plug-in gives them"),
    Option("mix", "0: the sound as it came in, 1: the plug-in's"),
)


def _check(values: Mapping[str, object], where: str, folder: Path) -> Mapping[str, Any]:
    return check_plugin(values, where, folder)._asdict()


def _make(spec: EffectSpec, sample_rate: int, n_inputs: int) -> Effect:
    from realtime.effects.plugin import make_plugin

    return make_plugin(spec, sample_rate, n_inputs)


PLUGIN = Kind("plugin", DOC, (), _make, OPTIONS, _check)
