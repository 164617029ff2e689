"""The rows of effects that a preset plays through, before its voices and behind them; their order.

An order is said as "output: hall, echo": all effects of one side, as the sound goes through them.
Effects are made for mono or stereo sound, and what has gone through them rings on; so another order
is another chain, made beside the one that plays, with everything as it stands there.
"""

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ddsp_core.errors import ControlError, did_you_mean
from realtime.breaths import breaths

if TYPE_CHECKING:
    from realtime.effects.chain import Chain
    from realtime.effects.spec import EffectSpec
    from realtime.host_wanted import Wanted

SIDES = ("input", "output")
REHEARSED_SAMPLES = 240
"""A block; what was turned by hand has arrived some blocks later."""


class Rows(NamedTuple):
    """The chains of a preset; one without effects is None."""

    input: "Chain | None" = None
    output: "Chain | None" = None

    @property
    def chains(self) -> "tuple[Chain, ...]":
        """Those that there are, in the order of the sound."""
        return tuple(chain for chain in self if chain is not None)

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """Of the effects of each side that has some, in the order of the sound."""
        return {
            side: tuple(effect.name for effect in chain.effects)
            for side, chain in zip(SIDES, self, strict=True)
            if chain is not None
        }

    @property
    def orders(self) -> dict[str, str]:
        """The same as text, by side."""
        return {side: as_order(side, names) for side, names in self.names.items()}

    def turn_to(self, values: Mapping[str, float]) -> None:
        """Turns what stands elsewhere."""
        for chain in self.chains:
            for name, value in chain.values.items():
                if values[name] != value:
                    chain.set(name, values[name])

    def leave_out(self, names: Collection[str]) -> None:
        """These effects are bypassed, and no others."""
        for chain in self.chains:
            for effect in chain.effects:
                is_out = effect.name in names
                if chain.is_bypassed(effect.name) != is_out:
                    chain.bypass(effect.name, is_out)

    def go_on_from(self, before: "Rows") -> None:
        """They are heard from now on instead of others of the same preset (audio thread)."""
        for chain, other in zip(self, before, strict=True):
            if chain is not None and other is not None and chain is not other:
                chain.go_on_from(other)

    def differing(self, others: "Rows") -> Iterator[str]:
        """Orders of those sides that play another chain there."""
        orders = self.orders
        for side, chain, other in zip(SIDES, self, others, strict=True):
            if chain is not None and chain is not other:
                yield orders[side]


def as_order(side: str, names: Sequence[str]) -> str:
    """An order in full.

    >>> as_order("output", ["hall", "echo"])
    'output: hall, echo'
    """
    return f"{side}: {', '.join(names)}"


def read_order(order: str, rows: Rows) -> tuple[str, tuple[str, ...]]:
    """Which side it is of, and the names.

    Raises:
        ControlError: an effect that is not there, or is missing, or stands twice.
    """
    said, colon, rest = order.partition(":")
    names = [name.strip() for name in (rest if colon else order).split(",")]
    there = rows.names
    known = [name for side in there.values() for name in side]
    full = "; ".join(rows.orders.values())
    for name in names:
        if name not in known:
            allowed = did_you_mean(name, known) if known else "effects of the preset: it has none"
            raise ControlError("effect_order", f"no effect {name[:80]!r}", allowed)
    side = next(side for side in there if names[0] in there[side])
    if (colon and said.strip() != side) or any(name not in there[side] for name in names):
        given = "effects before and behind the voice keep their sides"
        raise ControlError("effect_order", given, full)
    if sorted(names) != sorted(there[side]):
        missing = [name for name in there[side] if name not in names]
        given = f"{missing[0]!r} is missing" if missing else "one of them stands twice"
        raise ControlError("effect_order", given, f"each once: {full}")
    return side, tuple(names)


def remade(
    chain: "Chain", specs: "Sequence[EffectSpec]", names: "Sequence[str]", wanted: "Wanted"
) -> "Chain":
    """The same effects in this order, made anew and rehearsed; everything stands as it does now.

    Args:
        chain: that plays.
        specs: of its effects, as the preset's file says.
        names: all of them.
        wanted: how everything stands.

    Raises:
        ControlError: in this order a plug-in would be another one (mono is stereo there).
        PresetError, AudioError: a file that was there once.
    """
    from realtime.effects.chain import Chain
    from realtime.effects.pace import paced

    now = {spec.name: _as_it_stands(spec, wanted) for spec in specs}
    is_live = not chain.pace.waits
    with paced(chain.pace), breaths() if is_live else contextlib.nullcontext():
        made = Chain([now[name] for name in names], chain.sample_rate, chain.n_inputs)
        try:
            _put(made, wanted)
            if (made.latency_samples, made.n_outputs) != (chain.latency_samples, chain.n_outputs):
                given = "a plug-in would change its delay or its channels in this order"
                raise ControlError("effect_order", given, "", "leave it where it is")
        except BaseException:
            made.close()
            raise
    return made


def _put(made: "Chain", wanted: "Wanted") -> None:
    """Where everything stands, and as if it had stood there for a while."""
    for name, value in made.values.items():
        if wanted.effects[name] != value:  # of plug-ins: only they know their own parameters
            made.set(name, wanted.effects[name])
    if wanted.tempo_bpm:
        made.set_tempo(wanted.tempo_bpm)
    made.rehearse(REHEARSED_SAMPLES)


def _as_it_stands(spec: "EffectSpec", wanted: "Wanted") -> "EffectSpec":
    from realtime.effects.kinds import find_kind

    own = find_kind(spec.kind, spec.name).by_name
    values = {control: wanted.effects[f"{spec.name}.{control}"] for control in own}
    return replace(spec, values=values, is_bypassed=spec.name in wanted.effects_out)
