"""What a host tells of itself: which change took effect at which sample."""

from typing import NamedTuple


class Applied(NamedTuple):
    """Something that took effect, and at which sample since the start."""

    sample: int
    what: str
    """"control", "preset", "bypass", "bypass_effect", "effect_order", "tempo" or "panic"."""
    name: str
    """Of what was turned; of an order, the order itself."""
    value: float
