"""One open page of takes."""

import asyncio
from collections.abc import Awaitable
from dataclasses import asdict
from typing import Any

from nicegui import background_tasks, run, ui

from ddsp_core.errors import ChanterelleError
from realtime.console import takes_tidy as tidy
from realtime.console.takes_parts import Again, Player, TakeHead, TakeList
from realtime.console.takes_room import Room
from realtime.console.takes_shelf import Row
from realtime.console.takes_wish import wish_of
from realtime.console.takes_words import can_be_heard, facts, files_of, why_not, words_of_row
from realtime.controls import CONTROLS
from realtime.preset_places import list_presets
from realtime.take_reader import Take

LOOK_EVERY_S = 2.0
TELL_EVERY_S = 0.5
ENOUGH_LOOKS = 2
"""At the folder, before a take that was asked for is given up."""

BESIDE = "beside:"
"""Before the lanes' names of the take that is compared with."""
EMPTY = "No takes yet. The stage's record button, or `chanterelle play --record DIR`, makes some."


class TakesView:
    """Builds the page where it is made.

    Args:
        room: what it shares with the others.
        wanted: name of the take to show first; empty: the newest.
    """

    def __init__(self, room: Room, wanted: str) -> None:
        self._room, self._shelf = room, room.shelf
        self._chosen, self._beside, self._version = wanted, "", -1
        self._take: Take | None = None
        self._other: Take | None = None
        self._seen: list[Row | None] = []
        self._n_looks = 0
        with ui.element("div").classes("tk-page"):
            self._list = TakeList()
            with ui.element("div").classes("tk-take") as self._right:
                self._head = TakeHead()
                self._player = Player()
                self._again = Again()
            self._word = ui.label().classes("tk-word ch-quiet").props('role="status"')
        self._list.tell("choose", lambda said: self._choose(str(said.get("name"))))
        self._list.tell("restore", lambda _: self._safely(self._restore()))
        self._list.tell("empty", lambda _: self._safely(self._empty()))
        self._head.tell("beside", lambda said: self._compare(str(said.get("name") or "")))
        self._head.tell("rename", lambda said: self._safely(self._rename(said)))
        self._head.tell("remove", lambda _: self._safely(self._remove()))
        self._player.tell("broken", lambda said: self._safely(self._mend(str(said.get("id")))))
        self._player.tell("drop", lambda said: self._safely(self._drop(str(said.get("id")))))
        self._again.tell("again", lambda said: self._safely(self._play_again(said)))
        self._again.tell("cancel", lambda _: self._cancel())
        controls = [asdict(control) for control in CONTROLS]
        self._again.show(presets=list_presets(), controls=controls, source="", caution="")
        self._show_list()
        self._show_take()
        ui.timer(LOOK_EVERY_S, self._look_at_shelf)
        ui.timer(TELL_EVERY_S, self._tell)

    async def _look_at_shelf(self) -> None:
        await self._shelf.follow()
        self._n_looks += 1

    def _tell(self) -> None:
        """What has happened meanwhile, here or elsewhere."""
        self._again.show(job=self._room.job.shown(self._chosen), caution=self._room.caution)
        is_gone = self._is_gone
        if not self._shelf.version or (self._version == self._shelf.version and not is_gone):
            return
        self._version = self._shelf.version
        if is_gone or not self._chosen:
            ended = [row.name for row in self._shelf.rows if can_be_heard(row)]
            self._chosen = ended[0] if ended else ""
        self._show_list()
        if self._seen != self._rows_now:
            self._show_take()

    @property
    def _is_gone(self) -> bool:
        """The take that is shown, or was asked for."""
        has_looked = self._n_looks >= ENOUGH_LOOKS and not self._shelf.is_reading
        return bool(self._chosen) and has_looked and self._shelf.row(self._chosen) is None

    @property
    def _rows_now(self) -> list[Row | None]:
        return [self._shelf.row(name) for name in (self._chosen, self._beside)]

    def _show_list(self) -> None:
        trash = tidy.in_trash(self._shelf.folder)
        self._list.show(
            rows=[row._asdict() for row in self._shelf.rows],
            chosen=self._chosen,
            trash={"n": len(trash), "n_bytes": sum(trash.values())},
            problem="",
            empty=EMPTY,
            isReading=self._shelf.is_reading or self._shelf.version == 0,
        )

    def _choose(self, name: str) -> None:
        self._chosen, self._beside, self._other = name, "", None
        self._show_list()
        self._show_take()

    def _compare(self, name: str) -> None:
        self._beside = name if name != self._chosen else ""
        self._show_take()

    def _show_take(self) -> None:
        """As far as it is known; what has to be looked at first comes later."""
        self._seen = self._rows_now
        row = self._seen[0]
        self._take = self._open(self._chosen) if row else None
        self._other = self._open(self._beside) if self._beside else None
        self._right.set_visibility(self._take is not None)
        self._word.set_visibility(self._take is None and row is not None)
        self._word.set_text(why_not(row))
        if self._take is None or row is None:
            return
        others = [one for one in self._shelf.rows if one.name != row.name and can_be_heard(one)]
        self._head.show(
            take={**row._asdict(), "facts": facts(row, self._take)},
            others=[{"name": one.name, "words": words_of_row(one)} for one in others],
            beside=self._beside,
            files=files_of(self._take),
        )
        self._show_lanes()
        for name in filter(None, (self._chosen, self._beside)):
            background_tasks.create(self._look(name))

    def _show_lanes(self) -> None:
        if self._take is None:
            return
        row = self._shelf.row(self._chosen)
        lanes = self._room.lanes(self._take, words_of_row(row) if row else "")
        other = self._shelf.row(self._beside)
        if self._other is not None and other is not None:
            lanes += [
                {**lane, "kind": "other" if lane["kind"] == "played" else lane["kind"]}
                for lane in self._room.lanes(self._other, words_of_row(other), BESIDE)
            ]
        self._player.show(
            lanes=lanes,
            marks=self._room.marks(self._take),
            source=self._chosen,
            label="Replay",
            begin="wet",
        )
        self._again.show(source=self._chosen)

    def _open(self, name: str) -> Take | None:
        try:
            return self._shelf.take(name)
        except ChanterelleError:
            return None

    async def _look(self, name: str) -> None:
        try:
            await self._room.look(name)
        except ChanterelleError:
            return  # the list says what is wrong with it
        if name in {self._chosen, self._beside} and not self._list.is_deleted:
            self._show_lanes()

    async def _mend(self, lane: str) -> None:
        """A sound that this browser cannot play."""
        name = self._beside if lane.startswith(BESIDE) else self._chosen
        await self._room.make_plain(name, lane.removeprefix(BESIDE))
        self._show_lanes()

    async def _drop(self, lane: str) -> None:
        """A sound that the take was played again into."""
        await asyncio.to_thread(self._room.drop, self._chosen, lane)
        await self._shelf.refresh()
        self._tell()

    async def _play_again(self, said: dict[str, Any]) -> None:
        name = self._chosen
        if await self._room.play_again(name, wish_of(said)):
            await self._shelf.refresh()
            if name == self._chosen and not self._list.is_deleted:
                self._show_take()

    def _cancel(self) -> None:
        if self._room.job.child is not None:
            self._room.job.child.cancel()

    async def _rename(self, said: dict[str, Any]) -> None:
        folder = self._shelf.take(self._chosen).folder
        await asyncio.to_thread(
            tidy.rename, folder, str(said.get("title", "")), str(said.get("note", ""))
        )
        await self._shelf.refresh()
        self._tell()

    async def _remove(self) -> None:
        folder = self._shelf.take(self._chosen).folder
        await asyncio.to_thread(tidy.put_away, folder)
        self._chosen = ""
        await self._shelf.refresh()
        self._tell()

    async def _restore(self) -> None:
        names = list(tidy.in_trash(self._shelf.folder))
        if names:
            name = await run.io_bound(tidy.bring_back, self._shelf.folder, names[-1])
            await self._shelf.refresh()
            self._chosen = str(name)
            self._tell()

    async def _empty(self) -> None:
        await asyncio.to_thread(tidy.empty_trash, self._shelf.folder)
        self._show_list()

    async def _safely(self, doing: Awaitable[None]) -> None:
        """What goes wrong is said in the page."""
        try:
            await doing
        except ChanterelleError as error:
            with self._right:
                ui.notify(str(error), type="negative", timeout=8000, close_button="OK")
