"""What a sweep tells at its end: a plot of the losses, and which point was best."""

import io
import math
from pathlib import Path
from typing import Any

from rich.console import Console

from training import sweep_point
from training.grid import points_of, read_grid
from training.sweep_report import losses_figure, write_report


def test_losses_over_one_key_and_over_three(tmp_path: Path) -> None:
    for axes, n_lines in ((["n_bands=3,5"], 1), (["synth=harmonic,wavetable", "a=1", "b=1,2"], 2)):
        grid = read_grid(axes)
        outcomes = [
            sweep_point.Outcome(point.name, point.settings, "done", 1.0 + n, 6, 6)
            for n, point in enumerate(points_of(grid))
        ]
        assert len(losses_figure(grid, outcomes).axes[0].lines) == n_lines


def test_what_is_not_done_is_neither_drawn_nor_the_best(tmp_path: Path) -> None:
    grid = read_grid(["n_bands=3,5", "seed=1,2"])
    statuses: list[Any] = ["done", "failed", "stopped", "done"]
    outcomes = [
        sweep_point.Outcome(point.name, point.settings, status, loss, 6, 6)
        for point, status, loss in zip(
            points_of(grid), statuses, (3.0, 1.0, math.nan, 2.0), strict=True
        )
    ]
    texts = [text.get_text() for text in losses_figure(grid, outcomes).axes[0].texts]
    assert texts == ["3.000", "none", "none", "2.000"]
    console = Console(record=True, file=io.StringIO(), width=200)
    write_report(tmp_path, grid, outcomes, console)
    (line,) = (line for line in console.export_text().splitlines() if "best" in line)
    assert "2.0000" in line
