"""The flags of `chanterelle play` that are about the console."""

import argparse
import contextlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from ddsp_core.errors import DeviceError, PresetError
from realtime.cli_numbers import whole_between
from realtime.console_process import (
    FOLDER,
    USUAL_PORT,
    WISH,
    ConsoleKeeper,
    Wish,
    new_folder,
    open_door,
)

PORTS = (0, 65535)
NEEDED = ("nicegui", "segno")
"""What the console is made with, and playing alone does without."""


def add_console_flags(parser: argparse.ArgumentParser) -> None:
    """All of them."""
    parser.add_argument("--console", action="store_true", help="see and touch it in a browser")
    parser.add_argument("--lan", action="store_true", help="others of this network may, too")
    parser.add_argument(
        "--console-port",
        metavar="PORT",
        type=whole_between(*PORTS),
        help=f"of the console's address (default {USUAL_PORT}, or the next free one; 0: any)",
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open one")


@contextlib.contextmanager
def console_folder(args: argparse.Namespace, takes: Path) -> Iterator[Path | None]:
    """Folder of the link to the console that is asked for; None if none is.

    The supervisor keeps the console; where there is none, this process does.

    Args:
        args: with the flags above.
        takes: folder of recordings.
    """
    if not args.console:
        yield None
        return
    is_seen = bool(sys.stdout and sys.stdout.isatty()) and not args.json
    wish = Wish(args.console_port, args.lan, is_seen and not args.no_browser, str(takes.absolute()))
    kept = os.environ.get(FOLDER)
    folder = Path(kept) if kept else new_folder()
    with contextlib.nullcontext() if kept else ConsoleKeeper(folder):
        wish.write(folder)
        yield folder


def check_console_flags(args: argparse.Namespace) -> None:
    """Before anything begins.

    Raises:
        ChanterelleError: flags that do not fit, NiceGUI missing, a port that is taken.
    """
    alone = {"--lan": args.lan, "--no-browser": args.no_browser}
    alone["--console-port"] = args.console_port is not None
    for flag, is_given in alone.items():
        if is_given and not args.console:
            raise PresetError("play", f"{flag} without a console", "", "add --console")
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if args.console and missing:
        todo = "pip install 'chanterelle[console]'"
        raise DeviceError("play --console", f"{missing[0]} is not installed", "", todo)
    kept = os.environ.get(FOLDER)
    is_again = kept is not None and (Path(kept) / WISH).exists()  # the console has it
    if args.console_port and not is_again:
        open_door(args.console_port, args.lan).close()
