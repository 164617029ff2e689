"""`chanterelle-train evaluate`."""

import argparse
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser("evaluate", help="how well a voice plays its dataset")
    parser.add_argument("voice", type=Path, metavar="VOICE_DIR")
    parser.add_argument("--dataset", required=True, type=Path, metavar="DATASET")
    parser.add_argument("--room", metavar="NAME", help="compare recordings of this room")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.set_defaults(run=_evaluate)


def _evaluate(options: argparse.Namespace) -> None:
    from training.evaluate import run_evaluate

    run_evaluate(options.voice, options.dataset, as_json=options.json, room=options.room)
