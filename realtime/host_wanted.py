"""What the hands want of the host, as one immutable value, and what became of it.

Whoever turns something makes a new `Wanted` from the last one; the audio thread takes the newest at
the beginning of a block. So any number of turns between two blocks cost it one comparison.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from realtime.host_applied import Applied
from realtime.host_rows import Rows

if TYPE_CHECKING:
    from realtime.meters import Aim
    from realtime.slot import Slot


class Wanted(NamedTuple):
    """How everything shall stand."""

    number: int
    """Of the preset."""
    n_choices: int
    """Presets chosen so far: choosing the same one again is a choice, too."""
    controls: Mapping[str, float]
    """Of the table, by name."""
    aims: "tuple[Aim, ...]"
    """The same for the engine of each part."""
    effects: Mapping[str, float]
    """Parameters of the preset's effects, by full name."""
    effects_out: frozenset[str]
    """Effects that are bypassed."""
    rows: Rows
    """The effects, in their order."""
    is_bypassed: bool
    n_panics: int
    tempo_bpm: float
    """0: nobody has set one."""


def changes(sample: int, before: Wanted, now: Wanted, slot: "Slot") -> Iterator[Applied]:
    """What differs; the values that come with a preset are told with it.

    Args:
        slot: the one that is wanted now.
    """
    is_chosen = now.n_choices != before.n_choices
    if is_chosen:
        yield Applied(sample, "preset", slot.preset.name, float(now.number))
    if now.rows is not before.rows:
        for order in now.rows.differing(slot.own_rows if is_chosen else before.rows):
            yield Applied(sample, "effect_order", order, 0.0)
    for old, new in ((before.controls, now.controls), (before.effects, now.effects)):
        if old is not new:
            for name, value in new.items():
                if old.get(name) != value:
                    yield Applied(sample, "control", name, value)
    for name in before.effects_out ^ now.effects_out:
        yield Applied(sample, "bypass_effect", name, float(name in now.effects_out))
    if now.is_bypassed != before.is_bypassed:
        yield Applied(sample, "bypass", "", float(now.is_bypassed))
    if now.tempo_bpm != before.tempo_bpm:
        yield Applied(sample, "tempo", "", now.tempo_bpm)
    if now.n_panics != before.n_panics:
        yield Applied(sample, "panic", "", 0.0)


def beginning(slots: "Sequence[Slot]", number: int) -> Wanted:
    """With this preset, before anybody has turned anything."""
    nothing = Wanted(number, -1, {}, (), {}, frozenset(), Rows(), False, 0, 0.0)
    return chosen(slots, number, nothing)


def chosen(slots: "Sequence[Slot]", number: int, before: Wanted) -> Wanted:
    """What is wanted once a preset is chosen: everything as its file says."""
    slot = slots[number]
    return before._replace(
        number=number % len(slots),
        n_choices=before.n_choices + 1,
        controls=slot.controls,
        aims=slot.aims(slot.controls),
        effects=slot.effects,
        effects_out=slot.effects_out,
        rows=slot.rows,
    )
