"""The console's own process: `python -m realtime.console`, begun by `play` or by a person."""

import argparse
import secrets
import sys
import tempfile
from pathlib import Path

from realtime.console.console import Address, Console
from realtime.console.engine_link import EngineLink
from realtime.console.mirror import Mirror
from realtime.console.server import STAGE, STUDIO, serve
from realtime.link import SOCKET


def main() -> int:
    """Serves until it is ended."""
    parser = argparse.ArgumentParser(prog="python -m realtime.console")
    parser.add_argument("--link", type=Path, help="folder of the engine's socket")
    parser.add_argument("--port", type=int, default=8320)
    parser.add_argument("--lan", action="store_true")
    parser.add_argument("--token", default="")
    parser.add_argument("--takes", type=Path, default=Path("takes"))
    parser.add_argument("--runs", type=Path)
    args = parser.parse_args()
    mirror = Mirror() if args.link else None
    link = EngineLink(args.link / SOCKET, mirror) if mirror is not None else None
    with tempfile.TemporaryDirectory(prefix="chanterelle-console-") as work:
        console = Console(
            address=Address(args.port, args.token or secrets.token_urlsafe(16), args.lan),
            mirror=mirror,
            takes=args.takes,
            runs=args.runs,
            work=Path(work),
            views=STAGE if mirror is not None else STUDIO,
        )
        print(f"console: {console.address.link}", flush=True)
        serve(console, link, "0.0.0.0" if args.lan else "127.0.0.1")
    return 0


if __name__ == "__main__":
    sys.exit(main())
