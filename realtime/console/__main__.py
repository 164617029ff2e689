"""The console's own process: `python -m realtime.console`, begun by `play` or by a person."""

import argparse
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import webbrowser
from pathlib import Path

from realtime.console.console import Address, Console
from realtime.console.engine_link import EngineLink
from realtime.console.mirror import Mirror
from realtime.console.server import STAGE, STUDIO, serve
from realtime.console_process import SOCKET, TOKEN, USUAL_PORT, open_door, read_wish

NICENESS = 10
"""The music comes first."""

LAST_MOMENT_S = 1.0


def main() -> int:
    """Serves until it is ended."""
    parser = argparse.ArgumentParser(prog="python -m realtime.console")
    parser.add_argument("--link", type=Path, help="folder of the engine's socket")
    parser.add_argument("--door", type=int, help="descriptor of the socket that browsers come to")
    parser.add_argument("--first", action="store_true", help="not started again after an end")
    parser.add_argument("--port", type=int, default=USUAL_PORT)
    parser.add_argument("--lan", action="store_true")
    parser.add_argument("--token", default="", help="of the address; anybody can see it here")
    parser.add_argument("--takes", type=Path)
    parser.add_argument("--runs", type=Path)
    args = parser.parse_args()
    os.nice(NICENESS)
    wish = read_wish(args.link or Path())
    is_kept = args.door is not None
    is_lan = args.lan or wish.is_lan
    door = socket.socket(fileno=args.door) if is_kept else open_door(args.port, is_lan)
    address = Address(door.getsockname()[1], args.token or _token(args.link), is_lan, args.link)
    if is_kept:
        threading.Thread(target=_end_with_keeper, args=[args.link], daemon=True).start()
        if args.first and wish.opens_browser:
            threading.Thread(target=_open_browser, args=[address.link], daemon=True).start()
    else:
        print(f"console: {address.link}", flush=True)
    mirror = Mirror() if args.link else None
    link = EngineLink(args.link / SOCKET, mirror, f"console: {address.link}") if mirror else None
    with tempfile.TemporaryDirectory(prefix="chanterelle-console-") as work:
        console = Console(
            address=address,
            mirror=mirror,
            takes=args.takes or Path(wish.takes),
            runs=args.runs,
            work=Path(work),
            views=STAGE if mirror is not None else STUDIO,
        )
        serve(console, link, door)
    return 0


def _token(folder: Path | None) -> str:
    """The one that lies in the folder, so that it outlives the console; else a new one."""
    import secrets

    if folder is not None and (folder / TOKEN).exists():
        return (folder / TOKEN).read_text()
    return secrets.token_urlsafe(16)


def _end_with_keeper(folder: Path) -> None:
    """Who has started this process holds the other end of its standard input."""
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    shutil.rmtree(folder, ignore_errors=True)
    threading.Event().wait(LAST_MOMENT_S)
    os.killpg(0, signal.SIGKILL)


def _open_browser(address: str) -> None:
    """If this machine has a display; one that would draw into the terminal is not meant."""
    if sys.platform != "darwin" and not {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ):
        return
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return
    if type(found) is not webbrowser.GenericBrowser:
        found.open(address)


if __name__ == "__main__":
    sys.exit(main())
