"""Whether a preset that was written anew is what it was and what was turned, and nothing else."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from realtime.preset import Preset
from realtime.preset_check import PLUGIN

if TYPE_CHECKING:
    from realtime.effects.spec import EffectSpec

AS_GOOD_AS = 1e-5
"""Relative: numbers are written with as many digits as matter."""

SIDES = ("input", "output")
MIX = "mix"
"""Of a plug-in: the one parameter that is ours, and stands beside its `parameters:`."""


class Turned(NamedTuple):
    """How a preset stands, as far as it differs from how it began."""

    values: Mapping[str, float] = {}
    """Of controls and of its effects' parameters (`echo.mix`)."""
    effects_out: frozenset[str] | None = None
    """Effects that are bypassed, all of them; None: as the file says."""
    order: Mapping[str, Sequence[str]] = {}
    """Names of all effects of a side ("input", "output"); a side that is missing stays."""


def chain_of(preset: Preset, side: str) -> "tuple[EffectSpec, ...]":
    """Its effects on that side of the voices."""
    return preset.input_effects if side == SIDES[0] else preset.output_effects


def is_as_turned(after: Preset, before: Preset, turned: Turned) -> bool:
    """Whether `after` is `before` with all that was turned."""
    return (
        _without_numbers(after) == _without_numbers(_expected(before, turned))
        and _are_close(after.controls, {**before.controls, **_inside(turned, "")})
        and all(_has_values(after, before, turned, side) for side in SIDES)
    )


def _expected(before: Preset, turned: Turned) -> Preset:
    """All but the numbers."""
    chains = []
    for side in SIDES:
        specs = {spec.name: spec for spec in chain_of(before, side)}
        if turned.effects_out is not None:
            specs = {
                name: replace(spec, is_bypassed=name in turned.effects_out)
                for name, spec in specs.items()
            }
        chains.append(tuple(specs[name] for name in turned.order.get(side, specs)))
    return replace(before, input_effects=chains[0], output_effects=chains[1])


def _without_numbers(preset: Preset) -> Preset:
    def bare(spec: "EffectSpec") -> "EffectSpec":
        options = dict(spec.options)
        if spec.kind == PLUGIN:
            options |= {MIX: 0.0, "parameters": {}}
        return replace(spec, values={}, options=options)

    return replace(
        preset,
        controls={},
        input_effects=tuple(bare(spec) for spec in preset.input_effects),
        output_effects=tuple(bare(spec) for spec in preset.output_effects),
    )


def _has_values(after: Preset, before: Preset, turned: Turned, side: str) -> bool:
    there = {spec.name: _numbers(spec) for spec in chain_of(after, side)}
    return all(
        _are_close(there[spec.name], {**_numbers(spec), **_inside(turned, spec.name)})
        for spec in chain_of(before, side)
    )


def _inside(turned: Turned, effect: str) -> dict[str, float]:
    """What was turned of one effect, by bare names; of the table, where it is empty."""
    parts = {name: name.rpartition(".") for name in turned.values}
    return {part[2]: turned.values[name] for name, part in parts.items() if part[0] == effect}


def _numbers(spec: "EffectSpec") -> Mapping[str, Any]:
    if spec.kind == PLUGIN:
        return {MIX: spec.options[MIX], **spec.options["parameters"]}
    return spec.values


def _are_close(given: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return given.keys() == wanted.keys() and all(
        _is_close(value, wanted[name]) for name, value in given.items()
    )


def _is_close(value: Any, wanted: Any) -> bool:
    if isinstance(value, str) or isinstance(wanted, str):  # a word of a plug-in's
        return bool(value == wanted)
    return math.isclose(value, wanted, rel_tol=AS_GOOD_AS, abs_tol=AS_GOOD_AS)
