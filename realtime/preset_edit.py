"""Writing what is turned into a preset's own YAML; comments and layout stay. Whole or not at all.

Only what somebody has turned is written: what a singer's profile or the command line brought, and
what has been changed in the file meanwhile, is left alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ddsp_core.errors import PresetError, did_you_mean
from realtime.controls import find_control
from realtime.places import write_whole
from realtime.preset import Preset, parse_preset
from realtime.preset_check import PLUGIN
from realtime.preset_edit_check import MIX, SIDES, Turned, chain_of, is_as_turned
from realtime.preset_edit_text import (
    Key,
    number_literal,
    text_literal,
    with_order,
    with_value,
    word_literal,
)
from realtime.preset_places import is_users, shown
from realtime.strict_yaml import MAX_BYTES, read_text

if TYPE_CHECKING:
    from realtime.effects.spec import EffectSpec


class Words(NamedTuple):
    """What is said of a preset."""

    title: str
    note: str
    colour: str
    """As in "#b5442e"; empty: none."""


def save(path: Path, turned: Turned) -> Preset:
    """Writes what was turned into a preset's file; returns the preset as it is now.

    Raises:
        PresetError: it came along with the program, it has been changed so that this does not fit
            any more, the disk refuses.
    """
    return _rewritten(path, edited(_text(path), path, turned))


def describe(path: Path, words: Words) -> Preset:
    """Writes title, note and colour into a preset's file. Raises PresetError."""
    return _rewritten(path, worded(_text(path), path, words))


def worded(text: str, path: Path, words: Words) -> str:
    """The text of a preset with these words. Raises PresetError for those that do not fit."""
    before = parse_preset(text, path)
    for key, value in words._asdict().items():
        if value != getattr(before, key):
            text = with_value(text, [key], text_literal(value)) if value else _without(text, key)
    after = parse_preset(text, path)
    _check(replace(before, **words._asdict()) == after, path)
    return text


def _without(text: str, key: str) -> str:
    """Without one of the words. A colour is allowed no empty text, so that its line goes."""
    if key != "colour":
        return with_value(text, [key], '""')
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("colour:"))


def edited(text: str, path: Path, turned: Turned) -> str:
    """The text of a preset with what was turned.

    Args:
        text: of the preset's file.
        path: of that file.
        turned: how it stands.

    Raises:
        PresetError: an effect that is not in the text, a value that does not fit.
    """
    before = parse_preset(text, path)
    places = _places(before)
    for name, value in turned.values.items():
        keys, literal = _entry(name, value, places, path)
        text = with_value(text, keys, literal)
    if turned.effects_out is not None:
        for name, (place, spec) in places.items():
            if spec.is_bypassed != (name in turned.effects_out):
                text = with_value(text, [*place, "bypassed"], str(not spec.is_bypassed).lower())
    for side, names in turned.order.items():
        text = _with_order(text, side, chain_of(before, side), names, path)
    _check(is_as_turned(parse_preset(text, path), before, turned), path)
    return text


Places = Mapping[str, tuple[tuple[Key, ...], "EffectSpec"]]
"""Where each effect stands in the YAML, by name."""


def _places(preset: Preset) -> Places:
    return {
        spec.name: (("effects", side, number), spec)
        for side in SIDES
        for number, spec in enumerate(chain_of(preset, side))
    }


def _entry(name: str, value: float, places: Places, path: Path) -> tuple[list[Key], str]:
    """Where a value stands, and how it is written."""
    if "." not in name:
        control = find_control(name, shown(path))
        checked = control.check(value, f"{shown(path)}: {name}")
        word = control.shown(checked) if control.choices else ""
        return ["controls", name], word_literal(word) if word else number_literal(checked)
    effect, _, parameter = name.partition(".")
    if effect not in places:
        raise PresetError(shown(path), f"no effect {effect!r} in it", did_you_mean(effect, places))
    place, spec = places[effect]
    inner = ["parameters"] if spec.kind == PLUGIN and parameter != MIX else []
    return [*place, *inner, parameter], number_literal(value)


def _with_order(
    text: str, side: str, chain: "Sequence[EffectSpec]", names: Sequence[str], path: Path
) -> str:
    there = [spec.name for spec in chain]
    if sorted(names) != sorted(there):
        given = f"the effects {', '.join(names)} in order"
        raise PresetError(f"{shown(path)}: effects.{side}", given, f"all of {', '.join(there)}")
    order = [there.index(name) for name in names]
    if order == sorted(order):
        return text
    if any("-" in name for name in there):
        text = _with_names(text, side, there)
    return with_order(text, ["effects", side], order)


def _with_names(text: str, side: str, names: Sequence[str]) -> str:
    """Each effect says its name: the second of two delays would be the first one elsewhere."""
    for number, name in enumerate(names):
        text = with_value(text, ["effects", side, number, "name"], word_literal(name))
    return text


def _check(is_right: bool, path: Path) -> None:
    if not is_right:
        given = "is written in a way that cannot be changed here"
        raise PresetError(shown(path), given, "", "change it in an editor")


def _text(path: Path) -> str:
    """Of a file that may be written."""
    if not is_users(path):
        raise PresetError(
            shown(path), "it came along with the program", "presets of one's own", "Save as"
        )
    return read_text(path, shown(path))


def _rewritten(path: Path, text: str) -> Preset:
    if len(text.encode()) > MAX_BYTES:
        raise PresetError(shown(path), f"larger than {MAX_BYTES // 1024} KiB", "a short YAML file")
    write_whole(path, text)
    return parse_preset(text, path)
