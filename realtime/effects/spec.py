"""An effect as a preset names it: checked, but not yet made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class EffectSpec:
    """One line of a preset's chain; `kinds.check_effect` makes it from YAML."""

    kind: str
    """As in the table of kinds: "delay"."""
    name: str
    """Unique in its preset: controls address parameters as `name.parameter`."""
    is_bypassed: bool = False
    """Whether it starts left out."""
    values: Mapping[str, float] = field(default_factory=dict)
    """Parameters by bare name; those that are not there stand at their defaults."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What cannot be turned while playing, such as the path of an impulse response."""
