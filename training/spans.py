"""Which parts of which recordings may be used: a CSV table of spans, or all."""

import csv
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from ddsp_core.errors import RecipeError

COLUMNS = ("file", "start_s", "end_s")


class Span(NamedTuple):
    """A stretch of a recording, in seconds of the recording."""

    start_s: float
    end_s: float


def read_spans(path: Path) -> dict[str, list[Span]]:
    """File name to its spans, in order of time.

    Raises:
        RecipeError: no such table, a missing column, a number that is none, or overlapping spans.
    """
    if not path.is_file():
        raise RecipeError(
            str(path), "no such file", f"a CSV table with columns {', '.join(COLUMNS)}"
        )
    spans: dict[str, list[Span]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if not set(COLUMNS) <= set(reader.fieldnames or ()):
            given = f"columns {', '.join(reader.fieldnames or ()) or 'none'}"
            raise RecipeError(str(path), given, f"columns {', '.join(COLUMNS)}")
        for row in reader:
            where = f"{path}: line {reader.line_num}"
            spans.setdefault(row["file"], []).append(_span(row, where))
    return {name: _in_order(name, listed, path) for name, listed in spans.items()}


def choose_spans(
    files: Iterable[Path], listed: Mapping[str, list[Span]]
) -> dict[Path, list[Span] | None]:
    """What is used of every file: its spans, None for the whole file, [] for nothing.

    A folder that has a file named in the table is described by the table: its other files are
    left out. Files of folders that the table does not speak of are taken whole.

    Raises:
        RecipeError: the table names a file that is not among `files`.
    """
    files = list(files)
    unknown = sorted(set(listed) - {file.name for file in files})
    if unknown:
        raise RecipeError(
            "spans", f"they name {', '.join(unknown)}", "files among the given recordings"
        )
    described = {file.parent for file in files if file.name in listed}
    return {file: listed.get(file.name, []) if file.parent in described else None for file in files}


def _span(row: Mapping[str, str], where: str) -> Span:
    try:
        span = Span(float(row["start_s"]), float(row["end_s"]))
    except (TypeError, ValueError):
        given = f"{row['start_s']!r}, {row['end_s']!r}"
        raise RecipeError(where, given, "start_s and end_s are numbers of seconds") from None
    if not 0.0 <= span.start_s < span.end_s:
        given = f"{span.start_s:g} to {span.end_s:g} s"
        raise RecipeError(where, given, "0 <= start_s < end_s")
    return span


def _in_order(name: str, spans: list[Span], path: Path) -> list[Span]:
    ordered = sorted(spans)
    for before, after in pairwise(ordered):
        if after.start_s < before.end_s:
            given = f"{name}: {before} and {after} overlap"
            raise RecipeError(str(path), given, "spans that do not overlap")
    return ordered
