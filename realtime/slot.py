"""A slot: a preset that is loaded, with its engines and chains ready to play.

Slots whose presets have the same voice and tracker in the same place share the engine: a change
between them only turns controls, and what the engine remembers goes on.
"""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ddsp_core.errors import ControlError, PresetError, did_you_mean
from realtime.controls import BY_NAME, CONTROLS, Control
from realtime.hearing import ALONE, Ears, tracker_of
from realtime.host_engine import HostEngine
from realtime.host_rows import Rows
from realtime.meters import Aim
from realtime.preset import Preset
from realtime.smoothing import as_vector

if TYPE_CHECKING:
    from realtime.effects.chain import Chain
    from realtime.effects.spec import EffectSpec
    from realtime.host_wanted import Wanted

WARM_UP_S = 0.3
"""Of sound: every kernel is loaded and every table has been in memory."""


@dataclass(frozen=True)
class SlotPart:
    """One voice of a slot."""

    engine: HostEngine
    own: Mapping[str, float]
    """Controls that stay as the preset says."""

    def aim(self, controls: Mapping[str, float]) -> Aim:
        """Where its engine's controls go while the table's stand like this."""
        values = {**controls, **self.own}
        return Aim(values, as_vector(values))


@dataclass(frozen=True)
class Slot:
    """A preset ready to play. A chain without effects is None."""

    preset: Preset
    controls: Mapping[str, float]
    """Values of the whole table that it begins with."""
    parts: tuple[SlotPart, ...]
    input_chain: "Chain | None" = None
    output_chain: "Chain | None" = None
    effects: Mapping[str, float] = field(default_factory=dict)
    """Parameters of all effects by full name, as the preset begins."""
    kept_out: frozenset[str] | None = None
    """Effects that are left out when it begins, if somebody has decided so since it was loaded."""
    kept_rows: Rows | None = None
    """Likewise its effects in another order."""

    def kept(self, wanted: "Wanted") -> "Slot":
        """The same that begins as everything stands now."""
        return replace(
            self,
            controls=wanted.controls,
            effects=wanted.effects,
            kept_out=wanted.effects_out,
            kept_rows=wanted.rows,
        )

    def aims(self, controls: Mapping[str, float]) -> tuple[Aim, ...]:
        """Where the controls of all parts go."""
        return tuple(part.aim(controls) for part in self.parts)

    @property
    def effects_out(self) -> frozenset[str]:
        """Effects that are left out when the preset begins."""
        if self.kept_out is not None:
            return self.kept_out
        specs = (*self.preset.input_effects, *self.preset.output_effects)
        return frozenset(spec.name for spec in specs if spec.is_bypassed)

    @property
    def own_rows(self) -> Rows:
        """Its chains, as its file orders them."""
        return Rows(self.input_chain, self.output_chain)

    @property
    def rows(self) -> Rows:
        """The chains that it begins with."""
        return self.kept_rows or self.own_rows

    @property
    def chains(self) -> "tuple[Chain, ...]":
        """Those that there are, in the order of the sound."""
        return tuple(chain for chain in (self.input_chain, self.output_chain) if chain is not None)

    def specs_of(self, side: str) -> "tuple[EffectSpec, ...]":
        """Its effects of that side, as its file says."""
        return self.preset.input_effects if side == "input" else self.preset.output_effects

    @property
    def n_outputs(self) -> int:
        """Channels that come out."""
        return self.output_chain.n_outputs if self.output_chain is not None else 1

    def find_control(self, name: str, where: str = "") -> Control:
        """Of the table or of an effect; an unknown name raises ControlError with what exists."""
        for chain in self.chains:
            if name in chain.parameters:
                return chain.parameters[name]
        if name in BY_NAME:
            return BY_NAME[name]
        known = [*BY_NAME, *(name for chain in self.chains for name in chain.parameters)]
        given = f"unknown control {name!r}"
        raise ControlError(where or name, given, did_you_mean(name, known))

    def chain_of(self, name: str) -> "Chain":
        """The chain that holds the effect of that name, or the parameter `effect.parameter`."""
        effect = name.partition(".")[0]
        sides = (
            (self.input_chain, self.preset.input_effects),
            (self.output_chain, self.preset.output_effects),
        )
        for chain, specs in sides:
            if chain is not None and any(spec.name == effect for spec in specs):
                return chain
        names = [spec.name for _, specs in sides for spec in specs]
        allowed = did_you_mean(effect, names) if names else "effects of the preset: it has none"
        raise ControlError("effect", f"no effect {effect!r}", allowed)


def load_slots(
    presets: Sequence[Preset],
    overrides: Mapping[str, float] | None = None,
    *,
    seed: int = 0,
    ears: Ears = ALONE,
    warm_up_s: float = WARM_UP_S,
) -> list[Slot]:
    """Every preset loaded and warmed up; compiling may take a while: see `patience.preparing`.

    Args:
        presets: of the set, in its order.
        overrides: control values that go before every preset's own.
        seed: of the noise.
        ears: who advises the trackers, who sings, and who plays notes instead.

    Raises:
        PresetError: voices of different rates or hops, or a voice or effect that cannot be loaded.
    """
    engines: dict[tuple[Path, str, int], HostEngine] = {}
    slots: list[Slot] = []
    with contextlib.ExitStack() as undo:
        for preset in presets:
            slots.append(_load_slot(preset, dict(overrides or {}), engines, seed, ears))
            for chain in slots[-1].chains:
                undo.callback(chain.close)
            _check_alike(slots)
        for engine in engines.values():
            engine.prepare(warm_up_s)
        for slot in slots:
            for chain in slot.chains:
                chain.rehearse(slot.parts[0].engine.hop_size)
        undo.pop_all()
    return slots


def _load_slot(
    preset: Preset,
    overrides: dict[str, float],
    engines: "dict[tuple[Path, str, int], HostEngine]",
    seed: int,
    ears: Ears,
) -> Slot:
    controls = {**ears.controls_of(preset), **overrides}
    wanted = [(preset.voice_dir, {}), *((part.voice_dir, part.controls) for part in preset.also)]
    parts = []
    for place, (voice_dir, own) in enumerate(wanted):
        key = (voice_dir, preset.pitch, place)
        if key not in engines:
            engines[key] = _load_engine(voice_dir, preset, seed + place, ears)
        parts.append(SlotPart(engines[key], own))
    rate = parts[0].engine.sample_rate
    chains = [_load_chain(specs, rate) for specs in (preset.input_effects, preset.output_effects)]
    return Slot(
        preset,
        {control.name: controls[control.name] for control in CONTROLS},
        tuple(parts),
        chains[0],
        chains[1],
        {name: value for chain in chains if chain for name, value in chain.values.items()},
    )


def _load_engine(voice_dir: Path, preset: Preset, seed: int, ears: Ears) -> HostEngine:
    from ddsp_core.checkpoint import load_voice

    voice = load_voice(voice_dir)
    return HostEngine(
        voice,
        preset.controls,
        seed,
        block_size=voice.config.hop_size,
        tracker=tracker_of(preset, voice, ears.listener),
        loudness_map=ears.singer.map_for(voice.statistics) if ears.singer else None,
        notes=ears.notes_for(voice),
    )


def _load_chain(specs: "Sequence[EffectSpec]", sample_rate: int) -> "Chain | None":
    if not specs:
        return None
    from realtime.effects.chain import Chain

    return Chain(specs, sample_rate)


def _check_alike(slots: Sequence[Slot]) -> None:
    first = slots[0].parts[0].engine
    slot = slots[-1]
    for part in slot.parts:
        given = (part.engine.sample_rate, part.engine.hop_size)
        allowed = (first.sample_rate, first.hop_size)
        if given != allowed:
            raise PresetError(
                str(slot.preset.path),
                "a voice of {} Hz and hops of {} samples".format(*given),
                "voices of {} Hz and hops of {}, as others of the set".format(*allowed),
            )
