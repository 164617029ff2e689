"""`chanterelle-train recipes`."""

import argparse
from typing import Any


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser("recipes", help="what `train --recipe` knows")
    parser.set_defaults(run=_recipes)


def _recipes(_: argparse.Namespace) -> None:
    from training.recipe import describe_recipe, list_recipes

    names = list_recipes()
    width = max(map(len, names))
    for name in names:
        print(f"{name:{width}}  {describe_recipe(name)}")
