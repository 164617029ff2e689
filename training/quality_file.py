"""What `chanterelle-train evaluate --json` found out about a voice, for its card."""

import json
import math
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from ddsp_core.errors import RecipeError

MAX_BYTES = 1024 * 1024
SPLITS = "recordings"
"""Title of the table whose columns are the splits."""

Columns = dict[str, dict[str, float | None]]
"""Column (a split, a song), then row (a metric); null where there was nothing to measure."""


class Quality(BaseModel):
    """Tables of figures, and what they were measured on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    about: dict[str, str]
    """Dataset, room and the like."""
    tables: dict[str, Columns]


def read_quality(path: Path) -> Quality:
    """Takes evaluate's object apart: texts, figures of each split, and tables of more of them.

    Raises:
        RecipeError: no such file, too large, no JSON, or no figures in it.
    """
    found = _read(path)
    tables: dict[str, Columns] = {}
    for key, value in found.items():
        if isinstance(value, dict):
            inner = {name: _numbers(figures) for name, figures in value.items()}
            if any(inner.values()):
                tables[key] = {name: figures for name, figures in inner.items() if figures}
            elif figures := _numbers(value):
                tables.setdefault(SPLITS, {})[key] = figures
    if not tables:
        raise _no_quality(path, "no figures in it")
    about = {key: value for key, value in found.items() if isinstance(value, str)}
    return Quality(about=about, tables=tables)


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _no_quality(path, f"{path.stat().st_size} bytes")
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _no_quality(path, f"cannot be read ({error.strerror})") from None
    except ValueError as error:  # neither UTF-8 nor JSON
        raise _no_quality(path, f"not JSON ({error})") from None
    if not isinstance(found, dict):
        raise _no_quality(path, f"a {type(found).__name__}")
    return found


def _numbers(value: Any) -> dict[str, float | None]:
    """The figures of an object; empty where it is none or holds none."""
    if not isinstance(value, dict):
        return {}
    figures = {key: number for key, number in value.items() if _is_figure(number)}
    return figures if any(number is not None for number in figures.values()) else {}


def _is_figure(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value is None or (is_number and math.isfinite(value))


def _no_quality(path: Path, given: str) -> RecipeError:
    todo = "chanterelle-train evaluate VOICE --dataset DATASET --json > quality.json"
    return RecipeError(f"--quality {path}", given, "what evaluate --json prints", todo)
