"""Whether the names and values in a preset exist and fit. A mistake is noted, and the rest read on.

So `presets check` can show everything that is wrong with a file at once.
"""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddsp_core.errors import ChanterelleError, ControlError, PresetError, did_you_mean
from realtime.controls import BY_NAME, Control, find_control
from realtime.preset_file import EffectEntries
from realtime.strict_schema import key_shown

if TYPE_CHECKING:
    from realtime.effects.spec import EffectSpec

Problems = dict[str, PresetError]
"""By the place of the mistake, in the order in which they were found."""

LONGEST_TEXT = 1500
"""Of a message. Lists of all that exists are long, too."""

PLUGIN = "plugin"
"""The kind of effect whose parameters are known only when it is loaded."""


@contextlib.contextmanager
def noted(problems: Problems, place: str, where: str = "") -> Iterator[None]:
    """Keeps the error that is raised inside, if there is one, and goes on.

    Args:
        problems: takes it up.
        place: of what is checked, in the file.
        where: file and place, if the error does not say.
    """
    try:
        yield
    except ChanterelleError as error:
        # On one line of bounded length, whatever characters a value is made of.
        text = " ".join(str(error).split())
        text = text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]} ..."
        problems.setdefault(place, PresetError(where, text, ""))


def check_controls(
    values: Mapping[str, Any], where: str, key: str, problems: Problems
) -> dict[str, float]:
    """The values, each checked; those that do not fit are left out."""
    checked = {}
    for name, value in values.items():
        place = f"{key}.{key_shown(name)}"
        with noted(problems, place):
            control = find_control(name, f"{where}: {place}")
            checked[name] = control.check(value, f"{where}: {place}")
    return checked


def check_effects(
    entries: EffectEntries, where: str, folder: Path, problems: Problems
) -> tuple[tuple["EffectSpec", ...], tuple["EffectSpec", ...]]:
    """The chains before and after the voices; no name stands twice."""
    if not entries.input and not entries.output:
        return (), ()  # and nothing of effects is imported
    from realtime.effects import kinds

    before: tuple[EffectSpec, ...] = ()
    after: tuple[EffectSpec, ...] = ()
    with _each_noted(entries.input, where, "effects.input", folder, problems) as place:
        before = kinds.check_effects(entries.input, place, folder)
    with _each_noted(entries.output, where, "effects.output", folder, problems) as place:
        taken = [spec.name for spec in before]
        after = kinds.check_effects(entries.output, place, folder, taken)
    return before, after


@contextlib.contextmanager
def _each_noted(
    values: tuple[Any, ...], where: str, key: str, folder: Path, problems: Problems
) -> Iterator[str]:
    """Where the check of a chain fails, each of its effects is checked for itself."""
    first: Problems = {}
    with noted(first, key):
        yield f"{where}: {key}"
    if not first:
        return
    from realtime.effects.kinds import check_effect

    n_before = len(problems)
    for number, value in enumerate(values):
        with noted(problems, f"{key}[{number}]"):
            check_effect(value, f"{where}: {key}[{number}]", folder)
    if len(problems) == n_before:  # each alone is well
        problems.update(first)


def find_target(effects: tuple["EffectSpec", ...], name: str, where: str) -> Control | None:
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
