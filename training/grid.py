"""The grid of a sweep: which keys of the recipe take which values, and every point of it."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ddsp_core.errors import RecipeError

Grid = dict[str, list[Any]]

MOST_POINTS = 1000
WHOLE_GRID = {".yaml", ".yml"}


class Point(NamedTuple):
    """One setting of all swept keys; `name` is that of its folder."""

    name: str
    settings: dict[str, Any]

    @property
    def overrides(self) -> list[str]:
        """As `--set` takes them."""
        return [f"{key}={json.dumps(value)}" for key, value in self.settings.items()]


def read_grid(texts: Sequence[str]) -> Grid:
    """The grid of all `--sweep`: YAML files with lines of `key: [values]`, or `key=value,value`.

    >>> read_grid(["n_harmonics=50,100", "precision=32-true"])
    {'n_harmonics': [50, 100], 'precision': ['32-true']}

    Raises:
        RecipeError: a file or a text that is no grid, a key or value twice, too many points.
    """
    grid: Grid = {}
    for text in texts:
        is_file = Path(text).suffix in WHOLE_GRID
        for key, values in (_read_file(text) if is_file else _read_axis(text)).items():
            if key in grid:
                raise RecipeError("--sweep", f"{key} twice", "each key once")
            grid[key] = _check_axis(key, values)
    n_points = math.prod(len(values) for values in grid.values())
    if n_points > MOST_POINTS:
        raise RecipeError("--sweep", f"{n_points} points", f"at most {MOST_POINTS}")
    return grid


def points_of(grid: Mapping[str, Sequence[Any]]) -> list[Point]:
    """Every combination, the last key changing fastest.

    >>> [point.name for point in points_of({"n_harmonics": [50, 100], "synth": ["harmonic"]})]
    ['n_harmonics=50,synth=harmonic', 'n_harmonics=100,synth=harmonic']
    """
    combinations = (dict(zip(grid, values, strict=True)) for values in product(*grid.values()))
    return [Point(_name(settings), settings) for settings in combinations]


def shown(value: Any) -> str:
    """A value as it stands in names and tables.

    >>> shown([2048, 64]), shown(None)
    ('2048-64', 'null')
    """
    if isinstance(value, list):
        return "-".join(shown(entry) for entry in value)
    return value if isinstance(value, str) else json.dumps(value)


def _name(settings: Mapping[str, Any]) -> str:
    """Safe as the name of a folder on any system that trains."""
    name = ",".join(f"{key}={shown(value)}" for key, value in settings.items())
    return re.sub(r"[^\w.,=+-]+", "_", name)


def _read_axis(text: str) -> Grid:
    key, separator, values = text.partition("=")
    if not separator or not key.strip():
        allowed = "key=value,value or a YAML file, as in n_harmonics=50,100"
        raise RecipeError("--sweep", repr(text), allowed)
    return {key.strip(): _parse(f"[{values}]", f"--sweep {key}")}


def _read_file(text: str) -> Grid:
    try:
        values = _parse(Path(text).read_text(encoding="utf-8"), text)
    except (OSError, UnicodeDecodeError) as error:
        given = f"cannot be read ({type(error).__name__})"
        raise RecipeError(text, given, "a YAML file") from None
    if not isinstance(values, dict):
        raise RecipeError(text, f"a {type(values).__name__}", "lines of `key: [value, value]`")
    return {str(key): axis for key, axis in values.items()}


def _check_axis(key: str, values: Any) -> list[Any]:
    if not isinstance(values, list) or not values:
        raise RecipeError(f"--sweep {key}", repr(values), "a list with at least one value")
    names = [shown(value) for value in values]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RecipeError(f"--sweep {key}", f"{twice[0]} twice", "each value once")
    return values


def _parse(text: str, where: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RecipeError(where, f"not YAML ({str(error).splitlines()[0]})", "a list") from None
