"""`chanterelle-train evaluate`."""

import argparse
from pathlib import Path
from typing import Any

from ddsp_core.errors import RecipeError


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser("evaluate", help="how well a voice plays its dataset")
    parser.add_argument("voice", type=Path, nargs="?", metavar="VOICE_DIR")
    parser.add_argument("--dataset", type=Path, metavar="DATASET")
    add_measuring(parser)
    parser.add_argument(
        "--cross", type=Path, nargs="+", metavar="VOICE_DIR", help="several voices, over --datasets"
    )
    parser.add_argument("--datasets", type=Path, nargs="+", metavar="DATASET", default=[])
    parser.add_argument("--out", type=Path, metavar="DIR", help="of --cross: CSV, JSON and plot")
    parser.set_defaults(run=_evaluate)


def add_measuring(parser: argparse.ArgumentParser) -> None:
    """What `report` measures by, too."""
    parser.add_argument("--room", metavar="NAME", help="compare recordings of this room")
    parser.add_argument(
        "--judge",
        metavar="NAME",
        default="swift-f0",
        help="swift-f0 (default), crepe-tiny or -full",
    )
    parser.add_argument(
        "--sing", type=Path, nargs="*", metavar="FILE",
        help="sung recordings to play (default: those that come along; none named: none)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")


def _evaluate(options: argparse.Namespace) -> None:
    from training.evaluate import Options, run_evaluate

    chosen = Options(options.room, options.judge, options.sing)
    if options.cross:
        from training.cross_matrix import run_cross

        run_cross(options.cross, options.datasets, options.out, chosen, as_json=options.json)
        return
    if options.voice is None or options.dataset is None:
        missing = "VOICE_DIR" if options.voice is None else "--dataset"
        allowed = "VOICE_DIR --dataset DATASET, or --cross VOICE_DIR... --datasets DATASET..."
        raise RecipeError("evaluate", f"no {missing}", allowed)
    run_evaluate(options.voice, options.dataset, chosen, as_json=options.json)
