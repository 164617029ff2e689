"""Who has come in: browsers that knew the token, or the pairing code.

A browser holds a random number in a cookie; here stands its hash alone, so that whoever reads the
file cannot come in with it. The file lies in the private folder of the link and outlives the
console's process: pages that are open heal after a restart without a new login.
"""

import contextlib
import hashlib
import json
import secrets
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "sessions.json"
MOST_SESSIONS = 64
MOST_SOCKETS = 16
"""Of a session: pages open at the same time."""

LONGEST_NAME = 60
LONGEST_NUMBER = 64
CALM_S = 5.0
"""No new sockets for so long after one that flooded."""

Closer = Callable[[], None]


@dataclass
class Session:
    """One browser."""

    key: str
    """Hash of what its cookie holds."""
    name: str
    """Of the device, in its own words."""
    ip: str
    is_local: bool
    """Of this machine; the others have paired."""
    since_s: float
    """time.time()."""


class Sessions:
    """All of them.

    Args:
        folder: a private one; None: they end with this process.
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / FILE if folder else None
        self._all: dict[str, Session] = {}
        """By key; what was used last stands last."""
        self._sockets: dict[str, set[Closer]] = defaultdict(set)
        self._calm_until_s: dict[str, float] = {}
        self._on_change: list[Callable[[], None]] = []
        self._read()

    @property
    def paired(self) -> list[Session]:
        """Those of other devices, the oldest first."""
        others = [session for session in self._all.values() if not session.is_local]
        return sorted(others, key=lambda session: session.since_s)

    def begin(self, name: str, ip: str, *, is_local: bool) -> str:
        """A new session; returns what goes into its cookie.

        When there are too many, the one goes that has been quiet longest and has no page open.
        """
        number = secrets.token_urlsafe(32)
        shown = "".join(filter(str.isprintable, name))[:LONGEST_NAME]
        session = Session(_key(number), shown, ip, is_local, time.time())
        self._all[session.key] = session
        if len(self._all) > MOST_SESSIONS:
            quiet = (key for key in self._all if not self._sockets.get(key))
            self.forget(next(quiet, next(iter(self._all))))
        self._write()
        return number

    def find(self, number: str, *, is_local: bool) -> Session | None:
        """Whose cookie that is; a number of this machine is worth nothing elsewhere."""
        if not 0 < len(number) <= LONGEST_NUMBER:
            return None
        session = self._all.pop(_key(number), None)
        if session is None:
            return None
        self._all[session.key] = session
        return session if session.is_local == is_local else None

    def forget(self, key: str) -> None:
        """Its pages are cut off at once, and it does not come in again."""
        self._all.pop(key, None)
        for close in tuple(self._sockets.pop(key, ())):
            close()
        self._calm_until_s.pop(key, None)
        self._write()

    def listen(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """It is called when one comes or goes; until the function that is returned is."""
        self._on_change.append(on_change)

        def stop() -> None:
            with contextlib.suppress(ValueError):
                self._on_change.remove(on_change)

        return stop

    # Sockets

    def may_open(self, key: str) -> bool:
        """Whether one more page may be open."""
        is_calm = time.monotonic() < self._calm_until_s.get(key, 0.0)
        return not is_calm and len(self._sockets[key]) < MOST_SOCKETS

    def opened(self, key: str, close: Closer) -> None:
        """A page is open; `close` ends it."""
        self._sockets[key].add(close)

    def closed(self, key: str, close: Closer) -> None:
        """It is closed."""
        self._sockets[key].discard(close)

    def calm(self, key: str) -> None:
        """It has flooded: nothing new of it for some seconds."""
        self._calm_until_s[key] = time.monotonic() + CALM_S

    # The file

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError, TypeError):
            if self._path:
                rows = json.loads(self._path.read_text())
                self._all = {row["key"]: Session(**row) for row in rows}

    def _write(self) -> None:
        for listener in tuple(self._on_change):
            with contextlib.suppress(Exception):
                listener()
        if self._path is None:
            return
        new = self._path.with_suffix(".new")
        with contextlib.suppress(OSError):  # without the file they end with this process
            new.touch(mode=0o600)
            new.write_text(json.dumps([asdict(session) for session in self._all.values()]))
            new.replace(self._path)


def _key(number: str) -> str:
    return hashlib.sha256(number.encode(errors="replace")).hexdigest()
