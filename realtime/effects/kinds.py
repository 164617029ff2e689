"""The table of kinds of effects: YAML is checked by it, effects are made by it."""

import re
import reprlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ddsp_core.errors import ControlError, PresetError, did_you_mean
from realtime.effects.chorus import CHORUS
from realtime.effects.compressor import COMPRESSOR
from realtime.effects.delay import DELAY
from realtime.effects.effect import Effect
from realtime.effects.eq import EQ
from realtime.effects.gate import GATE
from realtime.effects.high_pass import HIGH_PASS
from realtime.effects.kind import Kind
from realtime.effects.limiting import LIMITER
from realtime.effects.plugin_entry import PLUGIN
from realtime.effects.room import ROOM
from realtime.effects.spec import EffectSpec

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (GATE, HIGH_PASS, EQ, COMPRESSOR, CHORUS, DELAY, ROOM, LIMITER, PLUGIN)
}

MOST_EFFECTS = 16
"""In one chain."""
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}")
KEYS = ("kind", "name", "bypassed")
"""What every effect may say beside its parameters and options."""


def check_effects(
    values: object, where: str, folder: Path, taken: Iterable[str] = ()
) -> tuple[EffectSpec, ...]:
    """A chain as it stands in YAML; its effects have different names, none of them `taken`.

    An effect without a name is called as its kind; the second one `delay-2`.

    Raises:
        PresetError: as `check_effect`; a name that stands twice.
    """
    if not isinstance(values, list | tuple):
        raise PresetError(where, reprlib.repr(values), "a list of lines such as `- {kind: delay}`")
    if len(values) > MOST_EFFECTS:
        raise PresetError(where, f"{len(values)} effects", f"at most {MOST_EFFECTS}")
    names, specs = set(taken), []
    for number, value in enumerate(values):
        is_named = isinstance(value, Mapping) and "name" in value
        spec = check_effect(value, f"{where}[{number}]", folder)
        specs.append(_with_own_name(spec, is_named, names, f"{where}[{number}]"))
        names.add(specs[-1].name)
    return tuple(specs)


def check_effect(values: object, where: str, folder: Path) -> EffectSpec:
    """One effect as it stands in YAML.

    Args:
        values: `{kind: delay, name: echo, beats: 0.75}`, parsed.
        where: file and key, for messages: "preset.yaml: effects.output[0]".
        folder: of the preset: paths count from there.

    Raises:
        PresetError: an unknown kind or key, a value out of its range, a file that is missing.
    """
    if not isinstance(values, Mapping):
        raise PresetError(where, reprlib.repr(values), "keys, such as {kind: delay, mix: 0.2}")
    kind = find_kind(values.get("kind"), where)
    keys = (*KEYS, *(option.name for option in kind.options), *kind.by_name)
    for key in values:
        if key not in keys:
            known = did_you_mean(str(key)[:80], keys)
            raise PresetError(where, f"unknown key {reprlib.repr(key)} for {kind.name}", known)
    return EffectSpec(
        kind.name,
        _name(values.get("name", kind.name), f"{where}.name"),
        _bypassed(values.get("bypassed", False), f"{where}.bypassed"),
        _parameters(kind, values, where),
        kind.check_options(values, where, folder),
    )


def find_kind(name: object, where: str) -> Kind:
    """The kind of that name; else raises PresetError with what exists."""
    if isinstance(name, str) and name in KINDS:
        return KINDS[name]
    if name is None:
        raise PresetError(f"{where}.kind", "it is missing", did_you_mean("", KINDS))
    given = f"unknown kind {reprlib.repr(name)}"
    raise PresetError(f"{where}.kind", given, did_you_mean(str(name)[:80], KINDS))


def make_effect(spec: EffectSpec, sample_rate: int, n_inputs: int) -> Effect:
    """The effect, ready to play; reads what files it needs, so not for the audio thread.

    Args:
        spec: checked.
        sample_rate: in Hz.
        n_inputs: channels that it is given, 1 or 2.
    """
    return find_kind(spec.kind, spec.name).make(spec, sample_rate, n_inputs)


def _name(name: object, where: str) -> str:
    if isinstance(name, str) and NAME.fullmatch(name):
        return name
    allowed = "a letter, then letters, digits, - and _; at most 32"
    raise PresetError(where, reprlib.repr(name), allowed)


def _bypassed(value: object, where: str) -> bool:
    if isinstance(value, bool):
        return value
    raise PresetError(where, reprlib.repr(value), "true or false")


def _parameters(kind: Kind, values: Mapping[str, Any], where: str) -> dict[str, float]:
    try:
        return {
            name: control.check(values[name], f"{where}.{name}")
            for name, control in kind.by_name.items()
            if name in values
        }
    except ControlError as error:
        raise PresetError(" ".join(str(error).split()), "", "") from None


def _with_own_name(spec: EffectSpec, is_named: bool, taken: set[str], where: str) -> EffectSpec:
    if spec.name not in taken:
        return spec
    if is_named:
        raise PresetError(f"{where}.name", f"{spec.name!r} stands twice", "a name of its own")
    numbers = (f"{spec.name}-{number}" for number in range(2, 2 + len(taken) + 1))
    name = next(name for name in numbers if name not in taken)
    return EffectSpec(spec.kind, name, spec.is_bypassed, spec.values, spec.options)
