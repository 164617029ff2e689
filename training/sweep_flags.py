"""The flags of `chanterelle-train train` that make a sweep of it."""

import argparse
from pathlib import Path

from ddsp_core.errors import RecipeError


def add_sweep_flags(parser: argparse.ArgumentParser) -> None:
    """Adds them to the parser of `train`."""
    group = parser.add_argument_group("sweep", "a grid of runs; the same command again goes on")
    group.add_argument(
        "--sweep",
        action="append",
        default=[],
        metavar="KEY=A,B,C",
        help="train every combination, each in RUN/KEY=A: or a YAML file of `key: [values]`",
    )
    group.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="points side by side on one machine"
    )
    group.add_argument(
        "--scheduler", metavar="tcp://HOST:PORT", help="of dask, whose workers train the points"
    )


def sweep_if_asked(options: argparse.Namespace) -> bool:
    """Runs the sweep if there is one.

    Raises:
        RecipeError: as run_sweep, or flags that do not go together.
    """
    if not options.sweep:
        if options.jobs != 1 or options.scheduler:
            flag = "--scheduler" if options.scheduler else "--jobs"
            raise RecipeError(flag, "one run alone", "with --sweep")
        return False
    from training.sweep import Options, run_sweep

    _check(options)
    flags = ["--device", options.device, "--devices", str(options.devices)]
    flags += [] if options.with_board else ["--no-board"]
    if options.begin_with is not None:
        flags += ["--from", str(Path(options.begin_with).resolve())]
    flags += ["--other-features"] if options.other_features else []
    found = Options(
        options.recipe, tuple(options.overrides), tuple(flags), options.jobs, options.scheduler
    )
    run_sweep(options.sweep, options.dataset, options.out, found)
    return True


def _check(options: argparse.Namespace) -> None:
    if options.jobs < 1:
        raise RecipeError("--jobs", str(options.jobs), "1 or more")
    if options.nodes > 1:
        todo = "leave --nodes out: --scheduler spreads the points over machines"
        raise RecipeError("--nodes", "with --sweep", "one machine a point", todo)
    if options.resume:
        raise RecipeError("--resume", "with --sweep", "a sweep goes on by itself", "leave it out")
