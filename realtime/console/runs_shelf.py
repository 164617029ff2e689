"""The training runs of a folder: what each is, its curve, its log; read on while they grow."""

import math
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from nicegui import run as nicegui_run

from realtime.console.runs_curve import FILE_NAME as CURVE
from realtime.console.runs_curve import STEP, TIME, CurveFile
from realtime.console.runs_events import EventFile, Item
from realtime.console.runs_recipe import RECIPE, read_flat

BOARD = "board"
MOST_RUNS = 200
MOST_POINTS = 2000
"""Of a curve, as it is drawn."""
SILENT_S = 300.0
"""After so long, and four times the usual pause, a run that says nothing has stopped."""


class Row(NamedTuple):
    """A run in the list."""

    name: str
    state: str
    best: str
    is_training: bool


class Run:
    """One of them.

    Args:
        name: relative to the folder of runs.
        folder: of this one.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.curve = CurveFile(folder / CURVE)
        self.recipe: dict[str, str] = {}
        self._recipe_ns = 0
        self._logs: dict[str, EventFile] = {}

    def read_on(self) -> bool:
        """Whether anything has changed."""
        has_changed = (self.curve.read_on(), self._read_recipe(), self._read_logs())
        return any(has_changed)

    @property
    def items(self) -> list[Item]:
        """Sounds and pictures; the newest start's word counts."""
        found: list[Item] = []
        for log in self._logs.values():
            first = min(log.starts, default=None)
            if first is not None:
                found = [item for item in found if item.step < first]
            found += log.items
        return found

    @property
    def figures(self) -> dict[str, list[tuple[int, float]]]:
        """Step and value, by name, without what stands in the curve."""
        found: dict[str, list[tuple[int, float]]] = {}
        for log in self._logs.values():
            first = min(log.starts, default=math.inf)
            for tag in found:
                found[tag] = [pair for pair in found[tag] if pair[0] < first]
            for tag, pairs in log.figures.items():
                found.setdefault(tag, []).extend(pairs)
        return {tag: pairs for tag, pairs in found.items() if not tag.startswith("loss/")}

    def row(self, now_s: float) -> Row:
        """For the list."""
        columns = self.curve.columns
        steps = columns.get(STEP, [])
        n_steps = _whole(self.recipe.get("steps", ""))
        if not steps:
            return Row(self.name, "nothing to draw yet", "", is_training=False)
        last = int(steps[-1])
        at = f"step {last}" + (f" of {n_steps}" if n_steps else "")
        is_training = last < n_steps and self._is_awake(now_s)
        if is_training:
            state = f"training, {at}{_left(columns, n_steps)}"
        else:
            state = f"finished, {at}" if n_steps and last >= n_steps else f"stopped, {at}"
        return Row(self.name, state, _best(columns), is_training)

    def _is_awake(self, now_s: float) -> bool:
        times = [at for at in self.curve.columns.get(TIME, []) if at == at]
        if not times:
            return False
        pause_s = (times[-1] - times[0]) / max(len(times) - 1, 1)
        return now_s - times[-1] < max(SILENT_S, 4.0 * pause_s)

    def _read_recipe(self) -> bool:
        try:
            changed_ns = (self.folder / RECIPE).stat().st_mtime_ns
        except OSError:
            changed_ns = 0
        if changed_ns == self._recipe_ns:
            return False
        self._recipe_ns = changed_ns
        self.recipe = read_flat(self.folder / RECIPE)
        return True

    def _read_logs(self) -> bool:
        board = self.folder / BOARD
        if board.is_symlink() or not board.is_dir():
            return False
        for path in sorted(board.glob("events.out.tfevents.*"))[-20:]:
            if path.name not in self._logs and not path.is_symlink():
                self._logs[path.name] = EventFile(path)
        has_grown = [log.read_on() for log in self._logs.values()]
        return any(has_grown)


class RunsShelf:
    """All of them.

    Args:
        folder: of runs, or of one; None: nobody has named one.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder.absolute() if folder else None
        self.runs: dict[str, Run] = {}
        self.version = 0
        self.problem = ""
        self._is_busy = False

    @property
    def rows(self) -> list[Row]:
        """By name, those that are training first."""
        now_s = time.time()
        rows = [run.row(now_s) for run in self.runs.values()]
        return sorted(rows, key=lambda row: (not row.is_training, row.name))

    async def refresh(self) -> None:
        """Reads what is new; whoever comes meanwhile does not wait for it."""
        if self._is_busy:
            return
        self._is_busy = True
        try:
            if await nicegui_run.io_bound(self._read) or self.version == 0:
                self.version += 1
        finally:
            self._is_busy = False

    def _read(self) -> bool:
        found, self.problem = find_runs(self.folder)
        is_other = found.keys() != self.runs.keys()
        runs = {name: self.runs.get(name) or Run(name, path) for name, path in found.items()}
        self.runs = runs
        has_changed = [run.read_on() for run in runs.values()]
        return is_other or any(has_changed)


def find_runs(folder: Path | None) -> tuple[dict[str, Path], str]:
    """Folders of runs by name, and what is wrong, for people; links are left out."""
    if folder is None:
        return {}, "No folder of training runs was named: chanterelle studio --runs DIR."
    if not folder.is_dir():
        return {}, f"{folder}: no such folder. Name the OUT of chanterelle-train, or one above it."
    if _is_run(folder):
        return {folder.name: folder}, ""
    try:
        with os.scandir(folder) as entries:
            names = sorted(one.name for one in entries if one.is_dir(follow_symlinks=False))
    except OSError as error:
        return {}, f"{folder}: cannot be read ({error.strerror})."
    found = {name: folder / name for name in names if _is_run(folder / name)}
    found = dict(list(found.items())[:MOST_RUNS])
    none = f"{folder}: no training run in it. One has a recipe.json and a curve.csv."
    return found, "" if found else none


def thinned(xs: Sequence[float], ys: Sequence[float]) -> tuple[list[float], list[float]]:
    """At most `MOST_POINTS` of them, the last one always."""
    every = -(-len(xs) // MOST_POINTS) or 1
    places = list(range((len(xs) - 1) % every, len(xs), every)) if len(xs) else []
    return [xs[place] for place in places], [ys[place] for place in places]


def _is_run(folder: Path) -> bool:
    return any((folder / name).is_file() for name in (CURVE, RECIPE))


def _best(columns: dict[str, list[float]]) -> str:
    pairs = zip(columns.get("validation_loss", []), columns[STEP], strict=False)
    held_out = [pair for pair in pairs if pair[0] == pair[0]]
    if not held_out:
        return ""
    loss, step = min(held_out)
    return f"best {loss:.4f} at step {step:.0f}"


def _left(columns: dict[str, list[float]], n_steps: int) -> str:
    steps, times = columns[STEP], columns.get(TIME, [])
    if len(times) < 2 or not times[-1] > times[-2]:
        return ""
    left_s = (n_steps - steps[-1]) * (times[-1] - times[-2]) / (steps[-1] - steps[-2])
    return f", {left_s / 3600:.1f} h left" if left_s > 5400 else f", {left_s / 60:.0f} min left"


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def as_shown(values: Any) -> Any:
    """For JSON: what is no number becomes none."""
    if isinstance(values, list):
        return [as_shown(value) for value in values]
    return None if isinstance(values, float) and values != values else values
