"""Wrong YAML of many kinds, made from right one: what people mistype, and what nobody should."""

import json
import random
from collections.abc import Sequence
from typing import Any

import yaml

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 1.5, 128, 10**30, 10**400, -0.0, 1e308, float("nan"),
    float("inf"), "", " ", "\0", "\x1b[2J", "a\nb", "ä", "\U0001f3bb", "../..", "/", "/dev/zero",
    "x" * 300, "violin", "echo.mix", "room_mix", "plugin", "#ffffff", "D", "major", [], {}, [[]],
    [None], {"kind": "room", "file": "/dev/zero"}, {"kind": "plugin", "file": "x.vst3"}, [1, 2, 3],
)  # fmt: skip

SNIPPETS = (
    "&a ", "*a ", "<<: ", "!!python/object/apply:os.system ['true']", "!!binary ", "!!set {}", "? ",
    "- ", ": ", "{", "}", "[", "]", "|\n", ">-\n", "'", '"', "#", "%YAML 9.9\n", "---\n", "...\n",
    "\t", "\0", "\r", "\x85", "\u2028", "\ufeff", "\x1b", "2026-02-30", "0x10", "0o9", "1_000",
    "1:30:00", ".nan", ".inf", "~", "yes", "=", "@", "`", "\\", '"\\x00"', '"\\ud800"', "9" * 500,
    "[" * 500, "{a: " * 500, "- " * 500, "\n" * 50, "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
)  # fmt: skip


def mutated(text: str, chance: random.Random) -> bytes:
    """The text with some of its characters, lines, values or bytes changed."""
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        text = chance.choice((_snipped, _inserted, _swapped_line, _other_value))(text, chance)
    data = text.encode("utf-8", "surrogatepass")
    if chance.random() < 0.1 and data:
        at = chance.randrange(len(data))
        data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
    return data


def structured(known: Sequence[str], chance: random.Random, depth: int = 0) -> Any:
    """Any values under keys that mostly exist."""
    kind = chance.random()
    if depth > 5 or kind < 0.4:
        return chance.choice(ODD)
    if kind < 0.6:
        return [structured(known, chance, depth + 1) for _ in range(chance.randrange(4))]
    keys = [chance.choice(known) for _ in range(chance.randrange(1, 6))]
    return {key: structured(known, chance, depth + 1) for key in keys}


def dumped(values: Any, chance: random.Random) -> bytes:
    """As YAML in one of its two styles, or as JSON."""
    if chance.random() < 0.2:
        return json.dumps(values).encode("utf-8", "surrogatepass")
    text = yaml.safe_dump(values, allow_unicode=True, default_flow_style=chance.random() < 0.5)
    return text.encode("utf-8", "surrogatepass")


def with_other_values(values: Any, chance: random.Random) -> Any:
    """The same structure, with one of its values changed, lost, or moved elsewhere."""
    if isinstance(values, dict) and values and chance.random() < 0.85:
        key = chance.choice(list(values))
        if chance.random() < 0.05:
            odd = chance.choice([one for one in ODD if isinstance(one, str | int | float)])
            return {odd if each == key else each: value for each, value in values.items()}
        return {**values, key: with_other_values(values[key], chance)}
    if isinstance(values, list) and values and chance.random() < 0.85:
        at = chance.randrange(len(values))
        return [*values[:at], with_other_values(values[at], chance), *values[at + 1 :]]
    if isinstance(values, dict) and values:
        return {key: value for key, value in values.items() if chance.random() < 0.7}
    return chance.choice((*ODD, [values] * 3, [values] * 40, {"kind": values}, str(values)))


def _snipped(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + text[at + chance.choice((1, 1, 2, 5, 40)) :]


def _inserted(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(SNIPPETS) + text[at:]


def _swapped_line(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[first] = chance.choice((lines[second], "  " + lines[first], lines[first].lstrip()))
    return "\n".join(lines)


def _other_value(text: str, chance: random.Random) -> str:
    """Behind one of the colons."""
    colons = [at for at, character in enumerate(text) if character == ":"]
    if not colons:
        return text
    at = chance.choice(colons) + 1
    end = next((n for n in range(at, len(text)) if text[n] in ",}]\n"), len(text))
    return f"{text[:at]} {chance.choice((*SNIPPETS, *map(str, ODD)))}{text[end:]}"
