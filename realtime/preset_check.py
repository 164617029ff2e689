"""Whether the names and values in a preset exist and fit. A mistake is noted, and the rest read on.

So `presets check` can show everything that is wrong with a file at once.
"""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddsp_core.errors import ChanterelleError, ControlError, PresetError, did_you_mean
from realtime.commands import find_command
from realtime.controls import BY_NAME, Control, find_control
from realtime.mapping import MidiEntry
from realtime.preset_file import EffectEntries

if TYPE_CHECKING:
    from realtime.effects.spec import EffectSpec

Problems = dict[str, PresetError]
"""By the place of the mistake, in the order in which they were found."""

PLUGIN = "plugin"
"""The kind of effect whose parameters are known only when it is loaded."""


@contextlib.contextmanager
def noted(problems: Problems, place: str) -> Iterator[None]:
    """Keeps the error that is raised inside, if there is one, and goes on."""
    try:
        yield
    except ChanterelleError as error:
        # On one line, whatever characters a key is made of.
        problems.setdefault(place, PresetError(" ".join(str(error).split()), "", ""))


def check_controls(
    values: Mapping[str, Any], where: str, key: str, problems: Problems
) -> dict[str, float]:
    """The values, each checked; those that do not fit are left out."""
    checked = {}
    for name, value in values.items():
        place = f"{where}: {key}.{name}"
        with noted(problems, f"{key}.{name}"):
            checked[name] = find_control(name, place).check(value, place)
    return checked


def check_effects(
    entries: EffectEntries, where: str, folder: Path, problems: Problems
) -> tuple[tuple["EffectSpec", ...], tuple["EffectSpec", ...]]:
    """The chains before and after the voices; no name stands twice."""
    sides: dict[str, list[EffectSpec]] = {"input": [], "output": []}
    if not entries.input and not entries.output:
        return (), ()
    from realtime.effects.kinds import check_effect

    names: set[str] = set()
    for side, specs in sides.items():
        for number, values in enumerate(getattr(entries, side)):
            key = f"effects.{side}[{number}]"
            with noted(problems, key):
                spec = check_effect(values, f"{where}: {key}", folder)
                if spec.name in names:
                    given = f"another effect is called {spec.name!r} already"
                    raise PresetError(f"{where}: {key}.name", given, "a name of its own")
                names.add(spec.name)
                specs.append(spec)
    return tuple(sides["input"]), tuple(sides["output"])


def check_knob(
    entry: MidiEntry, where: str, effects: tuple["EffectSpec", ...], problems: Problems, key: str
) -> None:
    """What a knob or switch turns or asks for exists, and its range lies within the control's."""
    place = f"{where}: {key}"
    with noted(problems, key):
        if command := getattr(entry, "command", None):
            find_command(command, f"{place}.command")
            return
        control = find_target(str(entry.control), effects, f"{place}.control")
        if entry.range is None or control is None:
            return
        first, last = (control.check(end, f"{place}.range") for end in entry.range)
        if first == last:
            raise PresetError(f"{place}.range", f"{first:g} at both ends", "two different values")


def find_target(name: str, effects: tuple["EffectSpec", ...], where: str) -> Control | None:
    """The control of that name, of the table or of an effect (`echo.mix`).

    None: a parameter of a plug-in, which is not loaded for a check.
    """
    if "." not in name:
        return find_control(name, where)
    from realtime.effects.kinds import KINDS

    plugins = {spec.name for spec in effects if spec.kind == PLUGIN}
    if name.partition(".")[0] in plugins:
        return None
    known = {
        f"{spec.name}.{control.name}": control
        for spec in effects
        if spec.kind != PLUGIN
        for control in KINDS[spec.kind].parameters
    }
    if name in known:
        return known[name]
    raise ControlError(where, f"unknown control {name!r}", did_you_mean(name, [*known, *BY_NAME]))
