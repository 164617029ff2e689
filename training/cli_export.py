"""`chanterelle-train export`."""

import argparse
from pathlib import Path
from typing import Any

from ddsp_core.errors import RecipeError


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser("export", help="a run or voice in, a folder that ships out")
    parser.add_argument("source", type=Path, metavar="RUN_OR_VOICE")
    parser.add_argument("--out", required=True, type=Path, metavar="FOLDER")
    parser.add_argument("--room", metavar="NAME", help="which of a run's rooms")
    parser.add_argument(
        "--format",
        choices=("voice", "nn~", "clap"),
        default="voice",
        dest="form",
        help="a voice folder; TorchScript for nn~ in Max and Pure Data; the room as WAV",
    )
    parser.add_argument("--name", help="of the voice; default: the folder's")
    parser.add_argument("--instrument", help="default: the name")
    parser.add_argument("--licence", metavar="TEXT", help="of the voice, for its card")
    parser.add_argument(
        "--attribution",
        action="append",
        default=[],
        metavar="LINE_OR_FILE",
        help="whose recordings; may stand several times",
    )
    parser.add_argument(
        "--quality", type=Path, metavar="FILE", help="what `evaluate --json` printed, for the card"
    )
    parser.add_argument("--force", action="store_true", help="write over what is there")
    parser.set_defaults(run=_export)


def _export(options: argparse.Namespace) -> None:
    from training.export import Target, Told, export

    attribution = [line for given in options.attribution for line in attribution_lines(given)]
    told = Told(options.name, options.instrument, options.licence, attribution, options.quality)
    target = Target(options.out, options.form, options.force)
    for path in export(options.source, target, told, options.room):
        print(path)


def attribution_lines(given: str) -> list[str]:
    """The lines of a text file (list marks and empty lines aside), or what was given itself.

    Raises:
        RecipeError: a file that is no text.
    """
    path = Path(given)
    if not _is_file(path):
        return [given]
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        given_is = f"cannot be read ({type(error).__name__})"
        raise RecipeError(f"--attribution {path}", given_is, "a text file in UTF-8") from None
    return [line.strip().removeprefix("- ") for line in lines if line.strip()]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a line longer than names of files may be
        return False
