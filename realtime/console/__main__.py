"""The console's own process: `python -m realtime.console`, begun by `play` or by a person."""

import argparse
import contextlib
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from realtime.console import modest
from realtime.console.console import Address, Console
from realtime.console.engine_link import EngineLink
from realtime.console.mirror import Mirror
from realtime.console.server import STAGE, STUDIO, serve
from realtime.console_process import SOCKET, TOKEN, USUAL_PORT, Wish, open_door, read_wish


def main() -> int:
    """Serves until it is ended."""
    args = _parser().parse_args()
    modest.be_modest()
    wish = read_wish(args.link) if args.link else Wish(takes=str(Path("takes").absolute()))
    is_kept = args.door is not None
    is_lan = args.lan or wish.is_lan
    door = socket.socket(fileno=args.door) if is_kept else open_door(args.port, is_lan)
    token = args.token or _token(args.link)
    address = Address(door.getsockname()[1], token, is_lan, args.link)
    if is_kept:
        modest.log_into(args.link)
        modest.end_with_keeper(args.link)
        if args.first and wish.opens_browser:
            modest.open_browser(address.first_link)
    else:
        print(f"console: {address.link}", flush=True)
    mirror = Mirror() if args.link else None
    link = EngineLink(args.link / SOCKET, mirror, f"console: {address.link}") if mirror else None
    with _work_folder(args.link if is_kept else None) as work:
        console = Console(
            address=address,
            mirror=mirror,
            takes=args.takes or Path(wish.takes),
            runs=args.runs,
            work=work,
            views=STAGE if mirror is not None else STUDIO,
        )
        serve(console, link, door)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m realtime.console")
    parser.add_argument("--link", type=Path, help="folder of the engine's socket")
    parser.add_argument("--door", type=int, help="descriptor of the socket that browsers come to")
    parser.add_argument("--first", action="store_true", help="not started again after an end")
    parser.add_argument("--port", type=int, default=USUAL_PORT)
    parser.add_argument("--lan", action="store_true")
    parser.add_argument("--token", default="", help="of the address; anybody can see it here")
    parser.add_argument("--takes", type=Path)
    parser.add_argument("--runs", type=Path)
    return parser


def _token(folder: Path | None) -> str:
    """The one that lies in the folder, so that it outlives the console; else a new one."""
    if folder is not None and (folder / TOKEN).exists():
        return (folder / TOKEN).read_text()
    return secrets.token_urlsafe(16)


@contextlib.contextmanager
def _work_folder(kept: Path | None) -> Iterator[Path]:
    """For uploads and renderings. In the keeper's folder, if there is one: it goes with that."""
    with contextlib.ExitStack() as tidy:
        if kept is None:  # the server raises the signal that ended it once more
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
            place = tempfile.TemporaryDirectory(prefix="chanterelle-console-")
        else:
            place = tempfile.TemporaryDirectory(
                prefix="work-", dir=kept, ignore_cleanup_errors=True
            )
        yield Path(tidy.enter_context(place))


if __name__ == "__main__":
    sys.exit(main())
