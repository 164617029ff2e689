"""What a run was made with, and how good its voices are: small JSON files, as flat tables."""

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

MOST_BYTES = 1 << 20
MOST_ENTRIES = 2000
DEEPEST = 8
RECIPE = "recipe.json"


def read_flat(path: Path) -> dict[str, str]:
    """Values of a JSON file by dotted name; empty where it is missing, large or damaged."""
    try:
        if path.is_symlink() or path.stat().st_size > MOST_BYTES:
            return {}
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    pairs = _pairs(found, (), 0) if isinstance(found, Mapping) else iter(())
    return dict(pair for pair, _ in zip(pairs, range(MOST_ENTRIES), strict=False))


def rows_of(tables: Mapping[str, Mapping[str, str]], *, all_of_them: bool) -> list[list[str]]:
    """A name and each table's value a row.

    Args:
        tables: by title.
        all_of_them: also rows whose values are all the same.

    >>> rows_of({"a": {"seed": "1", "steps": "9"}, "b": {"seed": "2", "steps": "9"}},
    ...         all_of_them=False)
    [['seed', '1', '2']]
    """
    names = dict.fromkeys(name for table in tables.values() for name in table)
    rows = [[name, *(table.get(name, "–") for table in tables.values())] for name in names]
    return [row for row in rows if all_of_them or len(set(row[1:])) > 1]


def quality_files(run: Path) -> list[Path]:
    """What `evaluate --json` printed, as far as it lies in the run or beside a voice."""
    places = [run, *(path for path in sorted(run.glob("voice/*")) if path.is_dir())]
    found = [path for place in places for path in sorted(place.glob("quality*.json"))]
    return [path for path in found if path.resolve().is_relative_to(run.resolve())][:20]


def _pairs(value: Any, way: tuple[str, ...], depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and depth < DEEPEST:
        for key, inner in value.items():
            yield from _pairs(inner, (*way, str(key)), depth + 1)
    else:
        yield ".".join(way), _shown(value)


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else "–"
    if isinstance(value, list):
        return ", ".join(_shown(one) for one in value[:50])[:300]
    return str(value)[:300]
