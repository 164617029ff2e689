"""A recipe's mistakes in the house's words: where, what was given, what is allowed."""

import reprlib
from collections.abc import Iterator, Mapping
from typing import Any

from ddsp_core.errors import RecipeError, did_you_mean

Schema = Mapping[str, Any]


def explained(error: Any, where: Mapping[str, str], path: str, schema: Schema) -> RecipeError:
    """One of pydantic's errors as ours.

    Args:
        error: from ValidationError.errors().
        where: key to the place that its value came from, `--set` or the file.
        path: of the file.
        schema: JSON schema of the model.
    """
    key = ".".join(str(part) for part in error["loc"] if isinstance(part, str))
    # An override of los.distance is about that, though already `los` is unknown.
    key = next((said for said in where if said.startswith(f"{key}.") and key not in where), key)
    place = where.get(key, where.get(key.partition(".")[0], path))
    if error["type"] == "extra_forbidden":
        return RecipeError(place, f"unknown key {key!r}", did_you_mean(key, _keys(schema, schema)))
    if error["type"] == "missing":
        return RecipeError(f"{place}: {key}", "it is missing", _allowed(error, schema))
    return RecipeError(f"{place}: {key}", reprlib.repr(error["input"]), _allowed(error, schema))


def _allowed(error: Any, schema: Schema) -> str:
    """The range of a number, where there is one, or what pydantic says."""
    for option in _options(_node(error["loc"], schema), schema):
        if option.get("type") in ("number", "integer"):
            kind = "a whole number" if option["type"] == "integer" else "a number"
            null = "or null" if "anyOf" in _node(error["loc"], schema) else ""
            return ", ".join(part for part in (kind, _range(option), null) if part)
        if "properties" in option:
            return f"keys of its own: {', '.join(option['properties'])}"
    return str(error["msg"]).removeprefix("Input should be ")


def _range(node: Schema) -> str:
    """What is said of a number's size.

    >>> _range({"minimum": 8, "maximum": 2048}), _range({"exclusiveMinimum": 0, "maximum": 1})
    ('8 to 2048', 'above 0, up to 1')
    """
    low, above = node.get("minimum"), node.get("exclusiveMinimum")
    high, below = node.get("maximum"), node.get("exclusiveMaximum")
    multiple = node.get("multipleOf")
    parts = [
        f"{low} to {high}" if low is not None and high is not None else "",
        f"{low} or more" if low is not None and high is None else "",
        f"above {above}" if above is not None else "",
        f"up to {high}" if high is not None and low is None else "",
        f"below {below}" if below is not None else "",
        f"a multiple of {multiple}" if multiple is not None else "",
    ]
    return ", ".join(part for part in parts if part)


def _node(place: tuple[int | str, ...], schema: Schema) -> Schema:
    """The schema of the value at `place`; {} where there is none."""
    node: Schema = schema
    for part in place:
        inside = next(_options(node, schema), {})
        if isinstance(part, str):
            node = inside.get("properties", {}).get(part, {})
        else:
            listed = inside.get("prefixItems", [])
            node = listed[part] if part < len(listed) else inside.get("items", {})
    return node


def _options(node: Schema, schema: Schema) -> Iterator[Schema]:
    """The kinds of value that a node allows, references followed."""
    for option in node.get("anyOf", [node]):
        reference = option.get("$ref", "").removeprefix("#/$defs/")
        yield schema["$defs"][reference] if reference else option


def _keys(node: Schema, schema: Schema) -> list[str]:
    """Every key, those inside another as `outer.inner`."""
    keys = []
    for name, value in node.get("properties", {}).items():
        inside = _keys(next(_options(value, schema)), schema)
        keys += [f"{name}.{key}" for key in inside] or [name]
    return keys
