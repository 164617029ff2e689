"""`chanterelle-train evaluate`."""

import argparse
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser("evaluate", help="how well a voice plays its dataset")
    parser.add_argument("voice", type=Path, nargs="?", metavar="VOICE_DIR")
    parser.add_argument("--dataset", type=Path, metavar="DATASET")
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
    parser.set_defaults(run=_evaluate)


def _evaluate(options: argparse.Namespace) -> None:
    from training.evaluate import Options, run_evaluate

    chosen = Options(options.room, options.judge, options.sing)
    run_evaluate(options.voice, options.dataset, chosen, as_json=options.json)
