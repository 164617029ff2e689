"""A preset's YAML as text: single values are replaced, and comments and layout stay as they are."""

import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import yaml

from realtime.strict_yaml import parse


class Spot(NamedTuple):
    """A value in the text."""

    key: str
    """"title", "voice" or "file"."""
    value: str
    kind: str
    """Of the effect that a file belongs to; else empty."""
    start: int
    end: int
    """Between these characters it stands."""


def spots(text: str) -> list[Spot]:
    """The title, every voice, and every file that an effect names.

    Args:
        text: of a preset that loads.
    """
    root = parse(text)
    found = [*_scalars(root, "title"), *_scalars(root, "voice")]
    for part in _items(_value(root, "also")):
        found += _scalars(part, "voice")
    for side in ("input", "output"):
        for effect in _items(_value(_value(root, "effects"), side)):
            kind = _value(effect, "kind")
            name = kind.value if isinstance(kind, yaml.ScalarNode) else ""
            found += _scalars(effect, "file", name)
    return found


def replaced(text: str, values: Mapping[Spot, str]) -> str:
    """The text with other values at these spots, each in quotes."""
    for spot in sorted(values, key=lambda spot: spot.start, reverse=True):
        quoted = json.dumps(values[spot], ensure_ascii=False)
        # A block (`title: >-` and lines below) reaches to where the next key begins.
        end = "\n" if text[spot.start : spot.end].endswith("\n") else ""
        text = text[: spot.start] + quoted + end + text[spot.end :]
    return text


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if isinstance(name, yaml.ScalarNode) and name.value == key:
                return value  # type: ignore[no-any-return]
    return None


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _scalars(node: yaml.Node | None, key: str, kind: str = "") -> Iterator[Spot]:
    found = _value(node, key)
    if isinstance(found, yaml.ScalarNode):
        yield Spot(key, found.value, kind, found.start_mark.index, found.end_mark.index)
