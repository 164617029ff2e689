"""`chanterelle-train train`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddsp_core.errors import RecipeError
from training.sweep_flags import add_sweep_flags, sweep_if_asked

if TYPE_CHECKING:
    from training.fine_tuning import Beginning


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser("train", help="a dataset in, a voice out")
    parser.add_argument(
        "dataset",
        type=Path,
        nargs="?",
        metavar="DATASET",
        help="made by prepare; synthetic recipes (fm_plucked) need none",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="RUN")
    parser.add_argument("--recipe", default="live", help="name of a bundled recipe, or a YAML file")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="overrides")
    parser.add_argument("--resume", action="store_true", help="go on from the newest checkpoint")
    parser.add_argument(
        "--from",
        type=Path,
        metavar="VOICE_OR_RUN",
        dest="begin_with",
        help="begin with what this voice has learned, rooms and all: for few recordings",
    )
    parser.add_argument(
        "--other-features",
        action="store_true",
        help="--from a voice whose pitch or loudness was measured in another way",
    )
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument(
        "--devices", type=_count, default=1, metavar="N", help="GPUs (or CPU processes) a machine"
    )
    parser.add_argument("--nodes", type=_count, default=1, metavar="N", help="machines")
    parser.add_argument(
        "--no-board", action="store_false", dest="with_board", help="no log for TensorBoard"
    )
    add_sweep_flags(parser)
    parser.set_defaults(run=_train)


def _train(options: argparse.Namespace) -> None:
    if sweep_if_asked(options):
        return
    from training.allocator import keep_memory
    from training.loop import train
    from training.machines import Machines, leave_if_started_by_another
    from training.recipe import load_recipe

    keep_memory()
    train(
        load_recipe(options.recipe, options.overrides),
        options.dataset,
        options.out,
        resume=options.resume,
        beginning=_beginning(options),
        machines=Machines(options.device, options.devices, options.nodes),
        with_board=options.with_board,
    )
    leave_if_started_by_another()


def _beginning(options: argparse.Namespace) -> "Beginning | None":
    from training.fine_tuning import Beginning

    if options.begin_with is not None:
        return Beginning(options.begin_with, options.other_features)
    if options.other_features:
        raise RecipeError("--other-features", "nothing to begin with", "with --from")
    return None


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is below 1")
    return number
