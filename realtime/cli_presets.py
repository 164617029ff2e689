"""`chanterelle presets`: the instruments that `--preset` can name."""

import argparse
import json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `chanterelle presets`."""
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Prints the names."""
    from realtime.preset import list_presets

    names = list_presets()
    print(json.dumps({"presets": names}) if args.json else "\n".join(names))
    return 0
