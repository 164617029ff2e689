"""What is said of a kind of effect in the table of kinds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ddsp_core.errors import PresetError
from realtime.controls import Control
from realtime.effects.effect import Effect
from realtime.effects.spec import EffectSpec

Check = Callable[[object, str, Path], Any]
"""(what stands in the YAML, where, the file's folder) -> what is kept; else raises PresetError."""
CheckAll = Callable[[Mapping[str, object], str, Path], Mapping[str, Any]]
"""Likewise for all options of an effect together."""


@dataclass(frozen=True)
class Option:
    """What is chosen once, before playing."""

    name: str
    doc: str
    """What it takes."""
    check: Check = lambda value, _where, _folder: value
    is_required: bool = False


@dataclass(frozen=True)
class Kind:
    """One kind of effect: what can be turned, what can be chosen, how one is made.

    Args:
        name: as in a preset's YAML.
        parameters: with bare names; without those that only a plug-in itself knows.
        make: (spec, sample_rate, n_inputs) -> the effect.
        options: keys beside the parameters'.
        check_all: where options cannot be checked one by one.
    """

    name: str
    doc: str
    parameters: tuple[Control, ...]
    make: Callable[[EffectSpec, int, int], Effect]
    options: tuple[Option, ...] = ()
    check_all: CheckAll | None = None

    @property
    def by_name(self) -> Mapping[str, Control]:
        """Parameters by bare name."""
        return {control.name: control for control in self.parameters}

    def check_options(
        self, values: Mapping[str, object], where: str, folder: Path
    ) -> Mapping[str, Any]:
        """The options among `values`; raises PresetError for what does not fit or is missing."""
        given = {
            option.name: values[option.name] for option in self.options if option.name in values
        }
        for option in self.options:
            if option.is_required and option.name not in given:
                raise PresetError(f"{where}.{option.name}", "it is missing", option.doc)
        if self.check_all is not None:
            return self.check_all(given, where, folder)
        checks = {option.name: option.check for option in self.options}
        return {
            name: checks[name](value, f"{where}.{name}", folder) for name, value in given.items()
        }
