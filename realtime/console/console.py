"""What all pages of the console share."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from realtime.console.mirror import Mirror
from realtime.console.one_time import OneTimeKey
from realtime.console.pairing import Pairing
from realtime.console.sessions import Sessions


@dataclass(frozen=True)
class Address:
    """Where the console is reached, and by whom."""

    port: int
    token: str
    is_lan: bool = False
    """Whether others of the network may pair."""
    private: Path | None = None
    """A folder that nobody else may enter and that outlives this process; None: there is none."""

    @property
    def first_link(self) -> str:
        """What a browser is started with: it opens once."""
        return f"http://127.0.0.1:{self.port}/?token={self.one_time.text}"

    @cached_property
    def one_time(self) -> OneTimeKey:
        """Of the first link."""
        return OneTimeKey()

    @cached_property
    def sessions(self) -> Sessions:
        """Who has come in."""
        return Sessions(self.private)

    @cached_property
    def pairing(self) -> Pairing:
        """How others do."""
        return Pairing()

    @property
    def link(self) -> str:
        """What a person opens on this machine."""
        return f"http://127.0.0.1:{self.port}/?token={self.token}"


@dataclass(frozen=True)
class Console:
    """One console.

    Args:
        address: where it is reached.
        mirror: of the performance; None in the studio, which has none.
        takes: folder of recordings.
        runs: folder of training runs; None: nobody has named one.
        work: a folder for what is uploaded and rendered; it goes with the console.
    """

    address: Address
    mirror: Mirror | None
    takes: Path
    runs: Path | None
    work: Path
    views: tuple[tuple[str, str], ...] = field(default=())
    """Title and path of each page, for the navigation."""
