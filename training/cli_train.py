"""`chanterelle-train train`."""

import argparse
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser("train", help="a dataset in, a voice out")
    parser.add_argument("dataset", type=Path, metavar="DATASET")
    parser.add_argument("--out", required=True, type=Path, metavar="RUN")
    parser.add_argument("--recipe", default="live", help="name of a bundled recipe, or a YAML file")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="overrides")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.set_defaults(run=_train)


def _train(options: argparse.Namespace) -> None:
    from training.loop import train
    from training.recipe import load_recipe

    recipe = load_recipe(options.recipe, options.overrides)
    train(recipe, options.dataset, options.out, options.resume)
