"""A preset's text with other values in it: comments, order and layout stay as a person wrote them.

Places are found in the tree of the YAML, which knows where its nodes stand; what is put there is
text. Whoever calls reads the result again and compares: see `preset_edit.edited`.
"""

import json
import re
from collections.abc import Sequence
from decimal import Decimal

import yaml

from realtime.strict_yaml import parse

Key = str | int
"""Of a mapping, or the place in a list, from 0."""

DIGITS = 6
"""Of a number, as many as a person can hear the last of."""

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_#/ -]*")
"""What may stand without quotes, unless it means something else (`on`)."""

HEAD_KEYS = ("voice", "title", "colour", "note", "pitch")
"""What stands at the top of a preset; new keys go below."""


def number_literal(value: float) -> str:
    """A number as a person would write it.

    >>> [number_literal(value) for value in (4.0, 0.1 + 0.2, -0.0, 1e-05, 1234567.0)]
    ['4', '0.3', '0', '0.00001', '1234570']
    """
    return f"{Decimal(f'{value + 0.0:.{DIGITS}g}'):f}"


def text_literal(text: str) -> str:
    """A text in quotes, as YAML reads it."""
    return json.dumps(text, ensure_ascii=False)


def word_literal(word: str) -> str:
    """A word, without quotes where YAML takes it for one.

    >>> word_literal("D#/Eb"), word_literal("on")
    ('D#/Eb', '"on"')
    """
    is_plain = PLAIN.fullmatch(word) and yaml.safe_load(word) == word
    return word if is_plain else text_literal(word)


def with_value(text: str, keys: Sequence[Key], literal: str) -> str:
    """The text with this value at these keys, replaced or added.

    Args:
        text: of a preset that loads.
        keys: from outside in; all but the last few exist, and lists are long enough.
        literal: the value as it stands in YAML, on one line.
    """
    node = parse(text)
    for depth, key in enumerate(keys):
        inner = _child(node, key)
        if inner is None:
            assert isinstance(node, yaml.MappingNode)
            return _added(text, node, [str(key) for key in keys[depth:]], literal)
        node = inner
    assert node is not None
    end = _end(text, node)
    return text[: node.start_mark.index] + literal + text[end:]


def with_order(text: str, keys: Sequence[Key], order: Sequence[int]) -> str:
    """The text with the items of a list in another order, each with the comments around it.

    Args:
        text: of a preset that loads.
        keys: of the list.
        order: places of its items as they stand now, from 0: [1, 0] exchanges two.
    """
    node = parse(text)
    for key in keys:
        node = _child(node, key)
    assert isinstance(node, yaml.SequenceNode)
    if node.flow_style:
        spans = [(item.start_mark.index, _end(text, item)) for item in node.value]
    else:
        spans = _lines_of_items(text, node)
    pieces = [text[start:end] for start, end in spans]
    for (start, end), place in reversed(list(zip(spans, order, strict=True))):
        text = text[:start] + pieces[place] + text[end:]
    return text


def _child(node: yaml.Node | None, key: Key) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int):
        return node.value[key]  # type: ignore[no-any-return]
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if isinstance(name, yaml.ScalarNode) and name.value == key:
                return value  # type: ignore[no-any-return]
    return None


def _end(text: str, node: yaml.Node) -> int:
    """Where its last character stands, and one more; what follows may be a comment."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(last, tuple) else last)
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        return start + len(text[start:end].rstrip())  # it reaches to where the next key begins
    return int(end)


def _line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end


def _added(text: str, node: yaml.MappingNode, keys: Sequence[str], literal: str) -> str:
    """The text with one more key, or with keys inside of one another."""
    if node.flow_style:
        for key in reversed(keys[1:]):
            literal = f"{{{word_literal(key)}: {literal}}}"
        entry = f"{word_literal(keys[0])}: {literal}"
        if not node.value:
            place = node.start_mark.index + 1
            return text[:place] + entry + text[place:]
        place = _end(text, node.value[-1][1])
        return f"{text[:place]}, {entry}{text[place:]}"
    column = node.start_mark.column
    indents = [" " * (column + 2 * depth) for depth in range(len(keys))]
    lines = [f"{indent}{word_literal(key)}:" for indent, key in zip(indents, keys, strict=True)]
    gap = "\n" if len(keys) > 1 and column == 0 else ""  # a part of its own
    place = _line_end(text, _end(text, _last_above(node)))
    entry = "\n".join(lines)
    return f"{text[:place]}\n{gap}{entry} {literal}{text[place:]}"


def _last_above(node: yaml.MappingNode) -> yaml.Node:
    """Below which value a new key goes: behind the last one, or at a preset's top."""
    tops = [value for key, value in node.value if key.value in HEAD_KEYS]
    is_root = node.start_mark.column == 0 and any(key.value == "voice" for key, _ in node.value)
    last: yaml.Node = (tops if is_root else [value for _, value in node.value])[-1]
    return last


def _lines_of_items(text: str, node: yaml.SequenceNode) -> list[tuple[int, int]]:
    """From the line's beginning, comments above among them, to its end; the spans touch."""
    spans: list[tuple[int, int]] = []
    for item in node.value:
        dash = text.rfind("-", 0, item.start_mark.index)
        start = spans[-1][1] + 1 if spans else _with_comments(text, dash)
        spans.append((start, _line_end(text, _end(text, item))))
    return spans


def _with_comments(text: str, place: int) -> int:
    """Where its line begins, or the comments above it."""
    start = text.rfind("\n", 0, place) + 1
    while start > 0:
        above = text.rfind("\n", 0, start - 1) + 1
        if text[above:start].strip() and not text[above:start].lstrip().startswith("#"):
            break
        start = above
    return start
