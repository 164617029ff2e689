"""`chanterelle-train prepare | train | evaluate | report | export | recipes`."""

import argparse
import sys
from collections.abc import Sequence

from ddsp_core.errors import ChanterelleError
from training import cli_evaluate, cli_export, cli_prepare, cli_recipes, cli_report, cli_train

COMMANDS = (cli_prepare, cli_train, cli_evaluate, cli_report, cli_export, cli_recipes)
"""One module a command: `add(commands)` gives it its parser and what it runs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; an error for people is one line and exit code 2."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except ChanterelleError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="chanterelle-train", description="Makes voices.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
