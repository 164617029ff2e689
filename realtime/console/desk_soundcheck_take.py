"""The take of a sound check: recorded for some seconds, listened to, and removed."""

import asyncio
import shutil
import time
from pathlib import Path

from ddsp_core.errors import StreamError
from realtime.console.mirror import Mirror
from realtime.take_about import FILE_NAME
from realtime.take_lock import is_being_recorded

BEGIN_LIMIT_S = 5.0
END_LIMIT_S = 10.0
LOOK_EVERY_S = 0.05


class CheckTake:
    """One sound check's take; `remove` it in the end.

    Args:
        mirror: of the performance.
    """

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._there: frozenset[str] = frozenset()
        self._folder: Path | None = None

    @property
    def folder(self) -> Path:
        """Of the take, once it has begun."""
        assert self._folder is not None
        return self._folder

    async def begin(self) -> None:
        """Begins it.

        Raises:
            ChanterelleError: one is being recorded already, or none can be.
        """
        self._there = await asyncio.to_thread(_names, self._takes)
        await self._mirror.ask("begin_take")
        end_s = time.monotonic() + BEGIN_LIMIT_S
        while self._folder is None:
            if time.monotonic() > end_s:
                await self.end()
                problems = self._mirror.state.get("problems") or ["the disk does not answer"]
                raise StreamError("soundcheck", "nothing is recorded", "", "; ".join(problems))
            self._folder = self._begun()
            await asyncio.sleep(LOOK_EVERY_S)

    @property
    def is_running(self) -> bool:
        """Whether it still is; another hand may have ended it."""
        return str(self._folder) == self._mirror.state.get("take")

    def check(self) -> None:
        """Raises StreamError if another hand has ended it."""
        if not self.is_running:
            raise StreamError("soundcheck", "another hand has ended the take", "", "begin again")

    async def end(self) -> None:
        """Ends it, unless another hand has."""
        if self._folder is None or self.is_running:
            self._mirror.do("record", 0.0)

    async def remove(self) -> bool:
        """Removes it, and nothing else: a folder that was not there before it was begun.

        Whether it could; where in doubt it stays.
        """
        if self._folder is None:
            return False
        return await asyncio.to_thread(_remove, self._folder, self._there)

    @property
    def _takes(self) -> Path:
        if self._mirror.table is None:
            raise StreamError("soundcheck", "the instrument is away", "", "wait until it is back")
        return Path(self._mirror.table.about.takes)

    def _begun(self) -> Path | None:
        """Its folder, as the engine says."""
        said = self._mirror.state.get("take", "")
        folder = Path(said)
        is_new = folder.parent == self._takes and folder.name not in self._there
        return folder if said and is_new else None


def _names(folder: Path) -> frozenset[str]:
    try:
        return frozenset(path.name for path in folder.iterdir())
    except OSError:
        return frozenset()


def _remove(folder: Path, there: frozenset[str]) -> bool:
    """As soon as nobody writes into it any more."""
    end_s = time.monotonic() + END_LIMIT_S
    while is_being_recorded(folder) and time.monotonic() < end_s:
        time.sleep(LOOK_EVERY_S)
    is_ours = folder.name not in there and not folder.is_symlink()
    if not is_ours or not (folder / FILE_NAME).is_file() or is_being_recorded(folder):
        return False
    try:
        shutil.rmtree(folder)
    except OSError:
        return False
    return True
