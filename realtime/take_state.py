"""Where everything stands: preset, controls, bypasses, tempo; and what an event makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class State:
    """As take.yaml has it for the take's first sample."""

    preset: int = 0
    """Its place in the set, from 0."""
    controls: Mapping[str, float] = field(default_factory=dict)
    """Of the table, and of the preset's effects (`echo.mix`)."""
    effects_out: tuple[str, ...] = ()
    """Effects that are bypassed."""
    effect_order: tuple[str, ...] = ()
    """How the sound goes through the effects of each side: "output: hall, echo"."""
    is_bypassed: bool = False
    tempo_bpm: float = 0.0
    """0: nobody has set one."""


def turned(state: State, what: Mapping[str, Any]) -> State:
    """The state after something took effect; events of other kinds change nothing."""
    kind, name, value = (what.get(key) for key in ("kind", "name", "value"))
    if kind == "control":
        return replace(state, controls={**state.controls, str(name): float(value or 0.0)})
    if kind == "preset":
        return replace(state, preset=int(value or 0), effect_order=())
    if kind == "bypass":
        return replace(state, is_bypassed=bool(value))
    if kind == "tempo":
        return replace(state, tempo_bpm=float(value or 0.0))
    if kind == "bypass_effect":
        others = {effect for effect in state.effects_out if effect != name}
        return replace(state, effects_out=tuple(sorted(others | ({str(name)} if value else set()))))
    if kind == "effect_order":
        side = str(name).partition(":")[0]
        kept = [order for order in state.effect_order if order.partition(":")[0] != side]
        return replace(state, effect_order=(*kept, str(name)))
    return state
