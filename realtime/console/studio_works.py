"""What lies on the studio's desk: recordings, and what was made of them.

It is the same for every browser, stays as long as the studio runs, and takes a bounded part of the
disk: the oldest goes first.
"""

import asyncio
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ddsp_core.errors import AudioError
from realtime.console.studio_wishes import Wishes
from realtime.console.studio_work import Result, Source, Work, stem_of
from realtime.console.transfer_job import (
    FLAC,
    ORIGINAL,
    PICTURES,
    RESULT,
    TransferJobs,
    Unwanted,
)

MOST_SOURCES, MOST_RESULTS = 6, 12
MOST_BYTES = 3_000_000_000


class Studio:
    """Recordings, renderings, and the job that is being done.

    Args:
        folder: for all files; it goes with the console.
        jobs: does the work.
    """

    def __init__(self, folder: Path, jobs: TransferJobs | None = None) -> None:
        self._folder = folder
        self._jobs = jobs or TransferJobs()
        self._listeners: list[Callable[[], None]] = []
        self._progress: list[Callable[[], None]] = []
        self._n_jobs = 0
        self.sources: list[Source] = []
        self.source: Source | None = None
        self.wishes = Wishes()
        """As somebody has left them: a page that is opened begins with these."""
        self.doing, self.share = "", 0.0

    def listen(
        self, on_change: Callable[[], None], on_progress: Callable[[], None]
    ) -> Callable[[], None]:
        """They are called from now on, until the function that is returned is."""
        self._listeners.append(on_change)
        self._progress.append(on_progress)

        def stop() -> None:
            self._listeners.remove(on_change)
            self._progress.remove(on_progress)

        return stop

    @property
    def is_busy(self) -> bool:
        """Whether something is being read or rendered."""
        return self._n_jobs > 0

    async def open(self, path: Path, title: str, file: str = "") -> None:
        """Takes a recording onto the desk.

        Args:
            path: a sound file, or the folder of a take.
            title: for people.
            file: what it is called in a terminal; else as the title.

        Raises:
            ChanterelleError: it cannot be used.
        """
        source = Source(secrets.token_urlsafe(9), title, self._new_folder())
        source.names = {ORIGINAL: f"{stem_of(title)}.wav"}
        source.file = file or title
        if await self._carry_out(source, self._jobs.look(path, source.folder, self._tell)):
            self.sources.append(source)
            self.source = source
            await self._make_room()
            self._tell_all()

    async def render(self, wishes: Wishes, title: str, colour: str = "") -> None:
        """Makes something of the recording; what is being made is not wanted any more.

        Raises:
            ChanterelleError: it cannot be done, or there is no recording.
        """
        source = self.source
        if source is None:
            raise AudioError("studio", "no recording yet", "", "drop one, or use a take")
        name = f"{stem_of(source.title)}-{wishes.voice.rpartition(':')[2]}"
        result = Result(
            key=secrets.token_urlsafe(9),
            title=title,
            folder=self._new_folder(),
            names={RESULT: f"{name}.wav", FLAC: f"{name}.flac"},
            colour=colour,
            wishes=wishes,
            command=wishes.command(source.file, f"{name}.wav"),
        )
        words = wishes.words(source.folder / ORIGINAL, result.folder / RESULT, result.folder)
        if await self._carry_out(result, self._jobs.transfer(words, result.folder, self._tell)):
            result.number = source.next_number()
            source.results.append(result)
            source.chosen = result
            await self._make_room()
            self._tell_all()

    async def stop(self) -> None:
        """What is being done is not wanted any more."""
        await self._jobs.stop()

    async def close(self) -> None:
        """Ends the rendering process."""
        await self._jobs.close()

    def choose_source(self, key: str) -> None:
        """Another recording lies in front."""
        self.source = next((one for one in self.sources if one.key == key), self.source)
        self._tell_all()

    def choose(self, key: str) -> None:
        """Another rendering is heard and seen."""
        if self.source is not None:
            found = (one for one in self.source.results if one.key == key)
            self.source.chosen = next(found, self.source.chosen)
            self._tell_all()

    async def remove(self, key: str) -> None:
        """A rendering goes."""
        for source in self.sources:
            for result in [one for one in source.results if one.key == key]:
                await self._remove(source, result)
        self._tell_all()

    def file(self, key: str, name: str) -> tuple[Path, str] | None:
        """A file, and what it is called when it is saved; None: there is none."""
        works: list[Work] = [*self.sources, *(r for s in self.sources for r in s.results)]
        for work in works:
            if secrets.compare_digest(work.key, key) and name in (*work.names, PICTURES):
                return work.folder / name, work.names.get(name, name)
        return None

    async def _carry_out(self, work: Work, job: Any) -> bool:
        """Whether it was done; what was begun of it goes if not."""
        self._n_jobs += 1
        self._tell("waiting", 0.0)
        try:
            work.facts = await job
        except BaseException as error:
            await asyncio.to_thread(shutil.rmtree, work.folder, ignore_errors=True)
            if isinstance(error, Unwanted):
                return False
            raise
        finally:
            self._n_jobs -= 1
            self._tell("" if not self.is_busy else self.doing, self.share)
        return True

    async def _make_room(self) -> None:
        """The oldest go; what lies in front stays."""
        while len(self.sources) > MOST_SOURCES:
            await self._remove_source(next(s for s in self.sources if s is not self.source))
        for source in self.sources:
            while len(source.results) > MOST_RESULTS:
                await self._remove(source, source.results[0])
        while await asyncio.to_thread(self._n_bytes) > MOST_BYTES:
            others = [one for one in self.sources if one is not self.source]
            assert self.source is not None
            if others:
                await self._remove_source(others[0])
            elif len(self.source.results) > 1:
                await self._remove(self.source, self.source.results[0])
            else:
                return

    async def _remove(self, source: Source, result: Result) -> None:
        source.results.remove(result)
        if source.chosen is result:
            source.chosen = source.results[-1] if source.results else None
        await asyncio.to_thread(shutil.rmtree, result.folder, ignore_errors=True)

    async def _remove_source(self, source: Source) -> None:
        self.sources.remove(source)
        for work in (source, *source.results):
            await asyncio.to_thread(shutil.rmtree, work.folder, ignore_errors=True)

    def _n_bytes(self) -> int:
        return sum(s.n_bytes + sum(r.n_bytes for r in s.results) for s in tuple(self.sources))

    def _new_folder(self) -> Path:
        folder = self._folder / secrets.token_hex(8)
        folder.mkdir(mode=0o700, parents=True)
        return folder

    def _tell(self, doing: str, share: float) -> None:
        self.doing, self.share = doing, share
        for listener in tuple(self._progress):
            listener()

    def _tell_all(self) -> None:
        for listener in tuple(self._listeners):
            listener()
