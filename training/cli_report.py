"""`chanterelle-train report`."""

import argparse
from pathlib import Path
from typing import Any

from training.cli_evaluate import add_measuring


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser("report", help="a voice on one page, to be heard and compared")
    parser.add_argument("place", type=Path, metavar="RUN_OR_VOICE")
    parser.add_argument("--dataset", required=True, type=Path, metavar="DATASET")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE.html")
    parser.add_argument(
        "--beside", type=Path, nargs="+", metavar="VOICE", default=[], help="voices to compare with"
    )
    add_measuring(parser)
    parser.set_defaults(run=_report)


def _report(options: argparse.Namespace) -> None:
    from training.evaluate import Options
    from training.report import run_report

    chosen = Options(options.room, options.judge, options.sing)
    place, beside = options.place, options.beside
    run_report(place, options.dataset, options.out, beside, chosen, as_json=options.json)
