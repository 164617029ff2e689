"""`chanterelle-train train --sweep`: a grid of runs, side by side here or on a cluster.

    chanterelle-train train DATASET --out SWEEP --sweep n_harmonics=50,100 --sweep n_bands=33,65

Every point is a run in a folder of its own, SWEEP/n_harmonics=50,n_bands=33. The same command again
goes on: points that are finished are not run again, interrupted ones continue. A point that fails
stops no other.
"""

import contextlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from ddsp_core.errors import RecipeError
from training.grid import Point, points_of, read_grid
from training.recipe import load_recipe
from training.sweep_point import Job, Outcome, failed, train_point
from training.sweep_report import outcome_line, write_report

CONNECT_S = 20


class Options(NamedTuple):
    """What all points share."""

    recipe: str
    overrides: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    """Of `train`, passed on as they are: `--device cpu`."""
    jobs: int = 1
    """Points at the same time on one machine: they share its cores."""
    scheduler: str | None = None
    """Address of a dask scheduler; its workers train, and see the same folders."""


def run_sweep(
    axes: Sequence[str],
    dataset: Path | None,
    out: Path,
    options: Options,
    console: Console | None = None,
) -> None:
    """Trains every point of a grid, then prints and writes a table and plots of the losses.

    Args:
        axes: as `grid.read_grid` takes them.

    Raises:
        RecipeError: no grid, or a point that is no recipe (nothing is trained then); no scheduler;
            at the end, if points failed or were stopped.
    """
    console = console or Console()
    grid = read_grid(axes)
    jobs = [_job(point, dataset, out, options) for point in points_of(grid)]
    outcomes: dict[str, Outcome] = {}
    with _workers(options) as workers:
        points = {workers.submit(train_point, job): job.point for job in jobs}
        try:
            for future in as_completed(points):
                outcome = _outcome(future, points[future])
                outcomes[outcome.name] = outcome
                line = f"{len(outcomes)}/{len(points)}  {outcome_line(outcome)}"
                console.print(line, soft_wrap=True, highlight=False, markup=False)
        finally:  # Ctrl-C: those that have begun get it too, and save; the others need not begin
            for future in points:
                future.cancel()
    in_order = [outcomes[job.point.name] for job in jobs]
    write_report(out, grid, in_order, console)
    _check_all_done(in_order, out)


def _job(point: Point, dataset: Path | None, out: Path, options: Options) -> Job:
    """Paths are absolute: a worker on another machine has another working folder."""
    recipe = load_recipe(options.recipe, [*options.overrides, *point.overrides])
    is_file = Path(options.recipe).is_file()
    name = str(Path(options.recipe).resolve()) if is_file else options.recipe
    settings = [word for override in options.overrides for word in ("--set", override)]
    return Job(
        point,
        recipe,
        None if dataset is None else dataset.resolve(),
        out.resolve() / point.name,
        ("--recipe", name, *settings, *options.flags),
        options.jobs,
        options.scheduler is not None,
    )


@contextlib.contextmanager
def _workers(options: Options) -> Iterator[Executor]:
    """Threads that wait for processes here, or dask's workers."""
    if options.scheduler is None:
        with ThreadPoolExecutor(options.jobs) as threads:
            yield threads
        return
    try:
        from distributed import Client
    except ImportError:
        todo = "pip install 'chanterelle[cluster]'"
        raise RecipeError("--scheduler", "dask is not installed", "", todo) from None
    try:
        client = Client(options.scheduler, timeout=CONNECT_S)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        given = f"{options.scheduler} does not answer ({str(error).splitlines()[0]})"
        raise RecipeError("--scheduler", given, "tcp://HOST:PORT of `dask scheduler`") from None
    # A point whose worker is lost goes on from its checkpoint on another one.
    with client, client.get_executor(pure=False) as cluster:  # type: ignore[no-untyped-call]
        yield cluster


def _outcome(future: Future[Outcome], point: Point) -> Outcome:
    error = future.exception()
    return future.result() if error is None else failed(point, f"its worker was lost: {error}")


def _check_all_done(outcomes: Sequence[Outcome], out: Path) -> None:
    """Raises RecipeError that names the points to be run again."""
    left = [outcome for outcome in outcomes if outcome.status != "done"]
    if left:
        names = ", ".join(outcome.name for outcome in left)
        given = f"{len(left)} of {len(outcomes)} points are not done ({names})"
        todo = "see log.txt in their folders; the same command goes on with these"
        raise RecipeError(str(out), given, "", todo)
