"""One point of a sweep: a run of its own, in a process of its own, here or on another machine."""

import contextlib
import csv
import fcntl
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from joblib import cpu_count

from ddsp_core.errors import ChanterelleError
from training.curve import FILE_NAME as CURVE
from training.grid import Point
from training.index import read_index
from training.recipe import Recipe

LOG = "log.txt"
LOCK = ".training"

Status = Literal["done", "stopped", "failed"]


class Job(NamedTuple):
    """All that a process needs to train a point."""

    point: Point
    recipe: Recipe
    dataset: Path | None
    folder: Path
    words: tuple[str, ...]
    """Of the command line, for every point the same: recipe, overrides, device."""
    side_by_side: int
    """Points that share the machine that it runs on."""
    on_cluster: bool


class Outcome(NamedTuple):
    """How a point ended. Losses are on held-out clips."""

    name: str
    settings: dict[str, Any]
    status: Status
    best_loss: float
    best_step: int
    steps: int
    error: str = ""


def train_point(job: Job) -> Outcome:
    """Trains a point to its end, from wherever an earlier sweep left it; never raises.

    Where a process of an earlier sweep still trains it (its machine was lost, its parent killed),
    this waits for that one.
    """
    try:
        job.folder.mkdir(parents=True, exist_ok=True)
        with _alone(job.folder) as handle:
            error = "" if is_finished(job) else _train(job, handle)
        stopped = not error and not is_finished(job)
    except (ChanterelleError, OSError) as problem:
        error, stopped = str(problem), False
    status: Status = "failed" if error else "stopped" if stopped else "done"
    losses = read_losses(job.folder)
    best = min(losses, key=lambda step: losses[step], default=0)
    steps = max(losses, default=0)
    return Outcome(
        job.point.name, job.point.settings, status, losses.get(best, math.nan), best, steps, error
    )


def failed(point: Point, error: str) -> Outcome:
    """The outcome of a point that nothing more is known of."""
    return Outcome(point.name, point.settings, "failed", math.nan, 0, 0, error)


def is_finished(job: Job) -> bool:
    """Whether its run has come to its end, with this recipe and dataset.

    Raises:
        RecipeError: the run in the folder is one of another recipe or dataset, or damaged.
    """
    from training.checkpoints import (
        Standing,
        check_dataset,
        check_recipe,
        list_checkpoints,
        newest_checkpoint,
    )
    from training.stopping import why_enough

    if not list_checkpoints(job.folder):
        return False
    path, found = newest_checkpoint(job.folder, lambda _text: None)
    check_recipe(path, found, job.recipe)
    if job.dataset is not None:
        check_dataset(path, found, read_index(job.dataset), job.dataset)
    return why_enough(job.recipe, Standing(**found["standing"])) is not None


def read_losses(folder: Path) -> dict[int, float]:
    """Validation loss by step, as far as the run has come."""
    try:
        with (folder / CURVE).open(newline="", encoding="utf-8") as file:
            lines = list(csv.DictReader(file))
    except FileNotFoundError:
        return {}
    # A line that is being written, or was cut short, is left out.
    return {int(line["step"]): float(line["validation_loss"]) for line in lines if line["unix_s"]}


def _train(job: Job, lock: int) -> str:
    """Runs the training; returns what it said when it failed."""
    from training.checkpoints import list_checkpoints

    resume = bool(list_checkpoints(job.folder))
    if not resume:  # of a run that ended before its first checkpoint
        (job.folder / CURVE).unlink(missing_ok=True)
    command = [sys.executable, "-m", "training.cli", "train"]
    command += [] if job.dataset is None else [str(job.dataset)]
    command += ["--out", str(job.folder), *job.words]
    command += [word for override in job.point.overrides for word in ("--set", override)]
    command += ["--resume"] if resume else []
    return run_logged(command, job.folder / LOG, _environment(job), lock)


def run_logged(command: list[str], log: Path, environment: dict[str, str], lock: int) -> str:
    """Runs a command, its words go into a log; returns the error (or last line) if it fails."""
    with log.open("a", encoding="utf-8") as output:
        started = output.tell()
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            pass_fds=(lock,),  # held for as long as it trains, whatever becomes of this process
        )
    if done.returncode == 0:
        return ""
    said = log.read_bytes()[started:].decode(errors="replace").strip().splitlines()
    # What is buffered is written at the very end, after the error.
    errors = [line.removeprefix("error: ") for line in said if line.startswith("error: ")]
    return (errors or said or [f"it ended with {done.returncode}"])[-1]


def _environment(job: Job) -> dict[str, str]:
    """With its share of the cores: torch takes all of them, dask's workers leave it one."""
    share = {"OMP_NUM_THREADS": str(max(1, cpu_count() // job.side_by_side))}
    if job.on_cluster:
        return {**os.environ, **share}
    return dict(os.environ) if job.side_by_side == 1 else {**share, **os.environ}


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[int]:
    """Waits until no other process trains in the folder."""
    with (folder / LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()
