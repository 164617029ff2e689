"""What a sweep found: a table, `sweep.csv`, `sweep.json`, `losses.png` and `curves.png`."""

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from training.charts import heat_map, line_chart
from training.grid import Grid, shown
from training.plots import png
from training.sweep_point import Outcome, read_losses
from training.whole_files import write_whole

LOSS = "validation loss"
HEADINGS = ("status", "best_loss", "best_step", "steps", "error")


def write_report(out: Path, grid: Grid, outcomes: Sequence[Outcome], console: Console) -> None:
    """Prints the table and writes it, with the plots, into the sweep's folder.

    Args:
        outcomes: of all points, in the grid's order.
    Raises:
        RecipeError: the disk is full.
    """
    write_whole(out / "sweep.csv", _csv(grid, outcomes).encode())
    write_whole(out / "sweep.json", json.dumps(_plain(grid, outcomes), indent=1).encode())
    write_whole(out / "losses.png", png(losses_figure(grid, outcomes)))
    curves = {one.name: read_losses(out / one.name) for one in outcomes}
    lines = {name: (list(c), list(c.values())) for name, c in curves.items() if c}
    write_whole(out / "curves.png", png(line_chart(lines, "step", LOSS)))
    console.print(_table(grid, outcomes))
    console.print(f"written to {out}: sweep.csv, sweep.json, losses.png, curves.png")
    if any(key.partition(".")[0] == "loss" for key in grid):
        console.print("these losses are measured by different yardsticks: compare by `evaluate`")


def outcome_line(outcome: Outcome) -> str:
    """How a point ended, in a line."""
    if outcome.status == "failed":
        return f"{outcome.name}: failed: {outcome.error}"
    best = f"{LOSS} {outcome.best_loss:.3f} at step {outcome.best_step} of {outcome.steps}"
    return f"{outcome.name}: {outcome.status}, {best}"


def losses_figure(grid: Grid, outcomes: Sequence[Outcome]) -> Figure:
    """Best losses: a heat map of two keys; else over the first key, a line a setting of others.

    Points that are not done leave a gap: after fewer steps a loss says little.
    """
    names = {key: [shown(value) for value in values] for key, values in grid.items()}
    losses = np.array([_final_loss(outcome) for outcome in outcomes])
    if len(grid) == 2:
        (rows, row_names), (columns, column_names) = names.items()
        table = losses.reshape(len(row_names), len(column_names))
        return heat_map(table, row_names, column_names, (rows, columns, LOSS))
    first, *others = grid
    lines: dict[str, tuple[list[Any], list[float]]] = {}
    for outcome in outcomes:
        name = ", ".join(f"{key}={shown(outcome.settings[key])}" for key in others)
        x, y = lines.setdefault(name, ([], []))
        x.append(outcome.settings[first])
        y.append(_final_loss(outcome))
    if not all(isinstance(value, int | float) for value in grid[first]):
        lines = {name: ([shown(value) for value in x], y) for name, (x, y) in lines.items()}
    return line_chart(lines, first, LOSS, dots=True)


def _final_loss(outcome: Outcome) -> float:
    return outcome.best_loss if outcome.status == "done" else math.nan


def _table(grid: Grid, outcomes: Sequence[Outcome]) -> Table:
    """The best of those that are done is marked."""
    best = min((_final_loss(one) for one in outcomes if one.status == "done"), default=math.nan)
    table = Table(title="sweep")
    for heading in (*grid, LOSS, "at step", "of", ""):
        table.add_column(heading, justify="left" if heading == "" else "right")
    for outcome in outcomes:
        mark = "best" if _final_loss(outcome) == best else ""
        table.add_row(
            *(shown(outcome.settings[key]) for key in grid),
            f"{outcome.best_loss:.4f}" if math.isfinite(outcome.best_loss) else "none",
            str(outcome.best_step),
            str(outcome.steps),
            mark if outcome.status == "done" else outcome.status,
        )
    return table


def _csv(grid: Grid, outcomes: Sequence[Outcome]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*grid, *HEADINGS))
    for outcome in outcomes:
        settings = (shown(outcome.settings[key]) for key in grid)
        writer.writerow((*settings, *(getattr(outcome, name) for name in HEADINGS)))
    return text.getvalue()


def _plain(grid: Mapping[str, Any], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """For JSON, which knows no NaN."""
    points = [outcome._asdict() for outcome in outcomes]
    for point in points:
        if not math.isfinite(point["best_loss"]):
            point["best_loss"] = None
    return {"grid": dict(grid), "points": points}
