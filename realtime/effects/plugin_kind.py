"""A plug-in as a preset names it: what can be checked before anything of it is loaded.

    - {kind: plugin, name: max, file: /usr/lib/vst3/ZaMaximX2.vst3, parameters: {threshold: -6}}

Its parameters are known only when it is loaded. Then they are checked, and only then: a plug-in
that is not on this computer is left out, and the show goes on.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from ddsp_core.errors import ControlError, PresetError, did_you_mean
from realtime.controls import Control

DOC = "a VST3 plug-in, in a process of its own (pip install 'chanterelle[plugins]')"
KEYS = ("file", "plugin_name", "parameters", "mix")
"""What a plug-in takes beside kind, name and the like, which all effects take."""
MAX_PARAMETERS = 256
MAX_TEXT = 1024

MIX = Control("mix", 0, 1, 1, "", 0.02, "0: the sound as it came in, 1: the plug-in's")

Value = str | float


class PluginOptions(NamedTuple):
    """What a preset says of a plug-in."""

    file: str
    """Path; one that is not absolute was meant from the preset's folder, and is absolute now."""
    plugin_name: str
    """Which of those in the file; empty where there is one."""
    parameters: Mapping[str, Value]
    """As written; not yet compared with those that the plug-in has."""
    mix: float


def check_plugin(values: Mapping[str, object], where: str, folder: Path) -> PluginOptions:
    """The options of `values`; raises PresetError for what is wrong without the plug-in, too.

    Args:
        values: the keys of KEYS, as read from YAML; others are refused.
        where: file and place, for the error.
        folder: of the preset.
    """
    for key in values:
        if key not in KEYS:
            raise PresetError(f"{where}.{key}", "unknown key", did_you_mean(str(key), KEYS))
    file = _text(values.get("file", ""), f"{where}.file")
    if not file:
        raise PresetError(f"{where}.file", "nothing", "the path of a VST3 plug-in")
    return PluginOptions(
        _absolute(file, folder, f"{where}.file"),
        _text(values.get("plugin_name", ""), f"{where}.plugin_name"),
        _parameters(values.get("parameters", {}), f"{where}.parameters"),
        _mix(values.get("mix", MIX.default), f"{where}.mix"),
    )


def _absolute(file: str, folder: Path, where: str) -> str:
    try:
        return str((folder / Path(file).expanduser()).absolute())
    except RuntimeError:  # ~nobody
        raise PresetError(where, repr(file), "the path of a VST3 plug-in") from None


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT or not value.isprintable():
        raise PresetError(where, f"{value!r:.60}", f"a text of at most {MAX_TEXT} characters")
    return value


def _mix(value: object, where: str) -> float:
    try:
        return MIX.check(value, where)
    except ControlError as error:
        raise PresetError("", str(error), "") from None


def _parameters(values: object, where: str) -> dict[str, Value]:
    allowed = "names of the plug-in's parameters with numbers, words or true and false"
    if not isinstance(values, dict) or len(values) > MAX_PARAMETERS:
        raise PresetError(where, f"{values!r:.60}", f"at most {MAX_PARAMETERS} {allowed}")
    for name, value in values.items():
        if not isinstance(name, str) or len(name) > MAX_TEXT:
            raise PresetError(where, f"the key {name!r:.60}", allowed)
        if not isinstance(value, str | int | float) or len(str(value)) > MAX_TEXT:
            raise PresetError(f"{where}.{name}", f"{value!r:.60}", allowed)
    return {name: float(v) if isinstance(v, bool) else v for name, v in values.items()}
