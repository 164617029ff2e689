"""What all pages of takes share: the shelf, looking at takes, and the one that is played again."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ddsp_core.errors import ChanterelleError
from realtime.console.console import Console
from realtime.console.takes_child import Child
from realtime.console.takes_look import kept_marks, kept_outline
from realtime.console.takes_shelf import Shelf
from realtime.console.takes_sounds import AGAIN, Sound, note_path, sounds_of
from realtime.take_reader import Take

FILES, PLAIN = "/files/takes", "/files/plain"
KIND = {"dry": "sung", "wet": "played"}


class Job:
    """A take that is being played again, or the last one that was."""

    def __init__(self) -> None:
        self.take = ""
        self.words = self.problem = ""
        self.done = 0.0
        self.child: Child | None = None

    def shown(self, take: str) -> dict[str, Any]:
        """What a page that shows this take tells of it."""
        if self.child is None and self.take != take:
            return {"is_running": False, "done": 0.0, "words": "", "problem": ""}
        return {
            "is_running": self.child is not None,
            "done": round(self.done, 2),
            "words": self.words,
            "problem": self.problem,
        }


class Room:
    """Of one console."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.shelf = Shelf(console.takes.absolute())
        self.job = Job()
        self._looking = asyncio.Lock()
        self._plain: dict[str, asyncio.Lock] = {}

    @property
    def work(self) -> Path:
        """For what is drawn from, and for sounds that browsers do not play."""
        folder = self.console.work / "takes"
        folder.mkdir(exist_ok=True)
        return folder

    @property
    def caution(self) -> str:
        """Whether a show would notice that the computer is busy."""
        mirror = self.console.mirror
        if mirror is None:
            return ""
        return "show" if mirror.state.get("recording_s") is None else "recording"

    async def look(self, name: str) -> None:
        """Outlines and marks of a take are there afterwards; one look at a time."""
        async with self._looking:
            take = self.shelf.take(name)
            if not self._is_seen(take):
                request = {"take": str(take.folder), "work": str(self.work)}
                await Child("takes_look", request).run()

    def lanes(self, take: Take, group: str, prefix: str = "") -> list[dict[str, Any]]:
        """For the player, as far as they have been looked at."""
        return [self._lane(take, sound, group, prefix) for sound in sounds_of(take)]

    def marks(self, take: Take) -> list[dict[str, Any]]:
        """For the player; none where nobody has looked yet."""
        found = _read(kept_marks(self.work, take.folder))
        return found if isinstance(found, list) else []

    async def make_plain(self, name: str, key: str) -> None:
        """A sound of a take as browsers play it; it has an address afterwards."""
        take = self.shelf.take(name)
        sound = next((one for one in sounds_of(take) if one.key == key), None)
        if sound is None:
            return
        out = self._plain_path(take, sound)
        async with self._plain.setdefault(out.name, asyncio.Lock()):
            paths = [str(path) for path in sound.paths]
            await Child("takes_plain", {"paths": paths, "out": str(out)}).run()

    def drop(self, name: str, key: str) -> None:
        """What a take was played again into goes for good; what was recorded does not."""
        for sound in sounds_of(self.shelf.take(name)):
            if sound.key == key and key.startswith(AGAIN):
                for path in (*sound.paths, note_path(sound.paths[0])):
                    path.unlink(missing_ok=True)

    async def play_again(self, name: str, request: Mapping[str, Any]) -> str:
        """A take, with what a page asks for; returns the key of its new sound, empty if cancelled.

        Raises:
            ChanterelleError: it cannot be, or another one is.
        """
        job = self.job
        if job.child is not None:
            raise ChanterelleError("play it again", "another take is", "one at a time")
        take = self.shelf.take(name)
        job.take, job.done, job.problem = name, 0.0, ""
        job.words = f"{request['preset'] or 'as it was'}: loading"
        child = job.child = Child("takes_again", {**request, "take": str(take.folder)})

        def tell(done: float) -> None:
            job.done, job.words = done, f"{request['preset'] or 'as it was'}: {100 * done:.0f} %"

        try:
            result = await child.run(tell)
            job.words = "stopped"
            if result is not None:
                job.words = f"done, {result['realtime_factor']:g} times as fast as played"
            return str(result["key"]) if result is not None else ""
        except ChanterelleError as error:
            job.problem = str(error)
            raise
        finally:
            job.child = None
            for partial in take.folder.glob(".render-*.partial.*"):
                partial.unlink(missing_ok=True)

    def _is_seen(self, take: Take) -> bool:
        outlines = [kept_outline(self.work, take.folder, sound) for sound in sounds_of(take)]
        return all(path.exists() for path in (kept_marks(self.work, take.folder), *outlines))

    def _lane(self, take: Take, sound: Sound, group: str, prefix: str) -> dict[str, Any]:
        outline = _read(kept_outline(self.work, take.folder, sound))
        known = outline if isinstance(outline, dict) else {}
        return {
            "id": prefix + sound.key,
            "title": sound.title,
            "detail": sound.detail,
            "group": group,
            "kind": KIND.get(sound.key, "again"),
            "url": self._address(take, sound),
            "behind_s": sound.behind_s,
            "duration_s": known.get("duration_s", take.duration_s),
            "peaks": known.get("peaks", ""),
            "rms_db": known.get("rms_db"),
            "can_go": sound.key.startswith(AGAIN) and not prefix,
        }

    def _address(self, take: Take, sound: Sound) -> str:
        """Empty where it has to be made plain first."""
        plain = self._plain_path(take, sound)
        if plain.exists():
            return f"{PLAIN}/{quote(plain.name)}"
        if not sound.is_for_browsers:
            return ""
        return f"{FILES}/{quote(take.folder.name)}/{quote(sound.paths[0].name)}?{sound.mark}"

    def _plain_path(self, take: Take, sound: Sound) -> Path:
        return self.work / f"{take.folder.name}-{sound.key}-{sound.mark}.flac"


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
