"""Pydantic's findings in this project's words: file, key, value, and what is allowed there.

Each field of a model says by its `description` what it takes: "a whole number, 0 to 127".
"""

import reprlib
import typing
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from ddsp_core.errors import PresetError, did_you_mean

LONGEST_KEY = 40

M = TypeVar("M", bound=BaseModel)


def check_all(
    model: type[M], values: Any, where: str, least: str
) -> tuple[M | None, dict[str, PresetError]]:
    """The model, or everything that is wrong, by the place of the mistake (`midi[0].cc`).

    Args:
        model: what may stand in the file.
        values: what stands there.
        where: the file, as a person would write its path.
        least: the line that cannot be missing.
    """
    if not isinstance(values, dict):
        given = "empty" if values is None else f"{reprlib.repr(values)} alone"
        return None, {"": PresetError(where, given, f"lines of `key: value`, at least {least}")}
    try:
        return model.model_validate(values), {}
    except ValidationError as error:
        problems = error.errors(include_url=False)
        # An unknown key first: where another is missing, it is likely a typo of it.
        problems.sort(key=lambda problem: problem["type"] != "extra_forbidden")
        return None, {dotted(_keys(p, model)): _in_words(p, model, where) for p in problems}


def dotted(keys: list[Any]) -> str:
    """The place of a value: `["midi", 0, "cc"]` as `midi[0].cc`."""
    parts = (f"[{key}]" if isinstance(key, int) else f".{key_shown(key)}" for key in keys)
    return "".join(parts).removeprefix(".")


def key_shown(key: str) -> str:
    """A key as it stands in a message: as it is, if that is short and harmless."""
    return key if len(key) <= LONGEST_KEY and key.isprintable() else reprlib.repr(key)


def _keys(problem: Any, model: type[BaseModel]) -> list[Any]:
    """The place, without what pydantic adds: the types in `float | str`, and "[key]"."""
    keys = [key for key in problem["loc"] if key != "[key]"]
    last = list(_walk(model, keys))[-1:]
    if not last or last[0].within or typing.get_origin(last[0].field.annotation) is dict:
        return keys
    end = keys.index(last[0].name) + 1
    return keys[:end] + [key for key in keys[end:] if isinstance(key, int)]


def _in_words(problem: Any, model: type[BaseModel], where: str) -> PresetError:
    keys = _keys(problem, model)
    steps = list(_walk(model, keys))
    if problem["type"] == "extra_forbidden":
        inner = (steps[-1].within if steps else None) or model
        unknown = f"unknown key {reprlib.repr(keys[-1])}"
        known = did_you_mean(str(keys[-1]), inner.model_fields)
        return PresetError(_place(where, keys[:-1]), unknown, known)
    if problem["type"] == "value_error":  # a model's own check, which says what is allowed
        return PresetError(_place(where, keys), str(problem["ctx"]["error"]), "")
    is_missing = problem["type"] == "missing" and bool(steps) and keys[-1] == steps[-1].name
    given = "it is missing" if is_missing else reprlib.repr(problem["input"])
    allowed = "keys that are words"
    if steps:
        allowed = f"{steps[-1].name} takes {steps[-1].field.description}"
    return PresetError(_place(where, keys), given, allowed)


class _Step(NamedTuple):
    name: str
    field: FieldInfo
    within: type[BaseModel] | None


def _walk(model: type[BaseModel], keys: list[Any]) -> Iterator[_Step]:
    """From outside in: each field that a place names, and the model in it, if there is one."""
    for key in keys:
        if isinstance(key, int):
            continue
        if key not in model.model_fields:
            return
        field = model.model_fields[key]
        within = next(_models(field.annotation), None)
        yield _Step(key, field, within)
        if within is None:
            return
        model = within


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in a type such as `tuple[MidiEntry, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _models(part)


def _place(where: str, keys: list[Any]) -> str:
    place = dotted(keys)
    return f"{where}: {place}" if place else where
