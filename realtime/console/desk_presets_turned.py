"""What differs between how the preset that plays begins and how it stands."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from realtime.console.mirror import Mirror
from realtime.controls import Control
from realtime.link_table import PresetRow, Table
from realtime.preset_edit_check import AS_GOOD_AS, Turned


class Own(NamedTuple):
    """How a preset begins: what the engine answers to "own"."""

    number: int
    controls: Mapping[str, float]
    """Values of the table and of the effects (`echo.mix`)."""
    effects_out: frozenset[str]
    orders: Mapping[str, str]
    """By side, as "output: hall, echo"."""


def read_own(answer: Mapping[str, Any]) -> Own:
    """Out of that answer."""
    return Own(
        int(answer["preset_number"]),
        answer["controls"],
        frozenset(answer["effects_out"]),
        answer.get("effect_order", {}),
    )


def turned_of(own: Own, mirror: Mirror) -> Turned:
    """What has been turned since the preset began; nothing while another one plays."""
    state = mirror.state
    if state.get("preset_number") != own.number:
        return Turned()
    values = {
        name: value
        for name, value in mirror.values.items()
        if name in own.controls and not _is_same(value, own.controls[name])
    }
    out = frozenset(state.get("effects_out", ()))
    orders = {
        side: names_of(order)
        for side, order in state.get("effect_order", {}).items()
        if order != own.orders.get(side, order)
    }
    return Turned(values, None if out == own.effects_out else out, orders)


def names_of(order: str) -> tuple[str, ...]:
    """The effects of an order.

    >>> names_of("output: hall, echo")
    ('hall', 'echo')
    """
    return tuple(name.strip() for name in order.partition(":")[2].split(","))


def in_words(turned: Turned, own: Own, table: Table, preset: PresetRow) -> list[str]:
    """A line for each difference: "room mix 0.4 → 0.6"."""
    known = {row.name: row for row in table.controls}
    for effect in preset.effects:
        known |= {f"{effect.name}.{row.name}": row for row in effect.parameters}
    said = [
        f"{spoken(name)} {_shown(known, name, own.controls[name])} → {_shown(known, name, value)}"
        for name, value in turned.values.items()
    ]
    if turned.effects_out is not None:
        said += [f"{name} out" for name in sorted(turned.effects_out - own.effects_out)]
        said += [f"{name} in" for name in sorted(own.effects_out - turned.effects_out)]
    return said + [f"order: {', '.join(names)}" for names in turned.order.values()]


def spoken(name: str) -> str:
    """A control's name as people say it.

    >>> spoken("echo.damping_hz"), spoken("room_mix")
    ('echo damping', 'room mix')
    """
    for unit in ("_db", "_hz", "_s", "_semitones"):
        name = name.removesuffix(unit)
    return name.replace(".", " ").replace("_", " ")


def _shown(known: Mapping[str, Control], name: str, value: float) -> str:
    control = known.get(name)
    if control is None or control.choices:
        return control.shown(value) if control else f"{value:.3g}"
    return f"{value:.3g} {control.unit}".rstrip()


def _is_same(value: float, own: float) -> bool:
    return math.isclose(value, own, rel_tol=AS_GOOD_AS, abs_tol=AS_GOOD_AS)
