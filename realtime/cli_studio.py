"""`chanterelle studio`: a recording in, another voice out, in a browser; takes, trainings."""

import argparse
import contextlib
import importlib.util
import secrets
import signal
import sys
import tempfile
from pathlib import Path

from ddsp_core.errors import AudioError, DeviceError
from realtime.cli_numbers import whole_between
from realtime.cli_take import TAKES
from realtime.console_flags import NEEDED, PORTS
from realtime.console_process import USUAL_PORT, open_door


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `chanterelle studio`."""
    parser.add_argument(
        "--takes", metavar="DIR", type=Path, help=f"where recordings lie (default {TAKES})"
    )
    parser.add_argument("--runs", metavar="DIR", type=Path, help="where trainings lie")
    parser.add_argument(
        "--port",
        type=whole_between(*PORTS),
        help=f"of its address (default {USUAL_PORT}, or the next free one; 0: any)",
    )
    parser.add_argument("--lan", action="store_true", help="others of this network may, too")
    parser.add_argument("--no-browser", action="store_true", help="do not open one")


def run(args: argparse.Namespace) -> int:
    """Serves until Ctrl-C; returns the exit code."""
    _check(args)
    from realtime.console import modest
    from realtime.console.console import Address, Console
    from realtime.console.server import STUDIO, serve

    # The server raises what ended it once more; then the folder below must still be emptied.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with (
        open_door(args.port, args.lan) as door,
        tempfile.TemporaryDirectory(prefix="chanterelle-studio-") as work,
    ):
        address = Address(door.getsockname()[1], secrets.token_urlsafe(16), args.lan)
        console = Console(
            address=address,
            mirror=None,
            takes=args.takes or TAKES,
            runs=args.runs,
            work=Path(work),
            views=STUDIO,
        )
        with contextlib.suppress(KeyboardInterrupt):
            print(f"studio: {address.link}", flush=True)
            if sys.stdout.isatty() and not args.no_browser:
                modest.open_browser(address.first_link)
            serve(console, None, door)
    return 0


def _check(args: argparse.Namespace) -> None:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        todo = "pip install 'chanterelle[console]'"
        raise DeviceError("studio", f"{missing[0]} is not installed", "", todo)
    for name in ("takes", "runs"):
        folder = getattr(args, name)
        if folder is not None and not folder.is_dir():
            raise AudioError(f"--{name}", f"no folder {folder}", "an existing folder")
