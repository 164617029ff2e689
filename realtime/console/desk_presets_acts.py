"""What the preset browser does: choosing, saving, adding, and all that is done to the files."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from nicegui import ui

from ddsp_core.errors import ChanterelleError, PresetError
from realtime.console.desk_presets_shelf import Row, Shelf, set_with, set_without
from realtime.console.mirror import Mirror
from realtime.console.sheets import Sheet, Word, ask, field, press
from realtime.preset_edit import Words, describe, save
from realtime.preset_edit_check import Turned
from realtime.preset_edit_files import Deleted, delete, rename, restore, save_as

SILENCE = "The sound stops for some seconds."
SET_LIST = "A set list plays: write the preset into its file to play it."
IN_SET = "It is in the set that plays. Take it out of the set first."
COLOURS = {
    "red": "#b5442e",
    "amber": "#c79a2b",
    "green": "#3d7a52",
    "teal": "#2f8f8b",
    "blue": "#3f6fa8",
    "violet": "#7d4f9e",
    "rose": "#a34a5e",
    "brown": "#7a4a2b",
}
"""To choose from; any other can be typed."""

T = TypeVar("T")


class Acts:
    """Of one page.

    Args:
        mirror: of the performance.
        shelf: read again after every change.
        root: of the panel, where messages belong.
        undo: where a deletion can be taken back.
    """

    def __init__(self, mirror: Mirror, shelf: Shelf, root: ui.element, undo: ui.element) -> None:
        self._mirror, self._shelf, self._root, self._undo = mirror, shelf, root, undo

    # What plays

    def choose(self, row: Row) -> None:
        """Plays it, at once if it is loaded; the same one again brings back what it was."""
        if row.number is not None:
            self._mirror.do("preset", float(row.number + 1))
        elif row.problem:
            self._tell(row.problem)
        else:
            self.add(row)

    def add(self, row: Row) -> None:
        """Takes it into the set, if the person agrees."""
        if "set_list" in self._flags:
            self._tell(SET_LIST)
            return
        ask(
            f"Add {row.title} to the set?",
            f"It is loaded and plays then. {SILENCE}",
            "Add and play",
            lambda: self._restart(set_with(self._flags.get("preset", ""), row.name), row.name),
        )

    def take_out(self, row: Row) -> None:
        """Takes it out of the set, if the person agrees."""

        async def act() -> None:
            words = self._flags.get("preset", "")
            await self._restart(await asyncio.to_thread(set_without, words, row.path))

        ask(f"Take {row.title} out of the set?", SILENCE, "Take it out", act)

    async def _restart(self, presets: str, play: str = "") -> None:
        wanted = {"play": play} if play else {}
        await self._mirror.ask("restart", flags={"preset": presets}, **wanted)

    @property
    def _flags(self) -> dict[str, str]:
        return self._mirror.table.about.flags if self._mirror.table else {}

    # What is turned

    async def save(self, row: Row, turned: Turned) -> None:
        """Into the preset's own file; from now on it begins so."""
        try:
            await asyncio.to_thread(save, Path(row.path), turned)
        except ChanterelleError as error:
            self._tell(str(error))
            return
        self._mirror.do("keep_preset")
        self._tell(f"{row.title} is saved.", "positive")

    def save_as(self, row: Row, turned: Turned) -> None:
        """Into a new preset, which may join the set."""

        async def act(name: str) -> Callable[[], None]:
            path = await self._changed(lambda: save_as(Path(row.path), name, turned))
            return lambda: self._offer(path.parent.name)

        self._ask_name(f"Save {row.title} as", "Save", self._free(f"my-{row.name}"), act)

    def _offer(self, name: str) -> None:
        row = next((row for row in self._shelf.rows if row.name == name), None)
        if row is None or "set_list" in self._flags:
            self._tell(f"{name} is saved.", "positive")
            return
        with self._root:
            self.add(row)

    # What lies on the disk

    def more(self, row: Row) -> None:
        """All about a preset, and what can be done with it."""
        sheet = Sheet(row.title)

        def then(act: Callable[[Row], None]) -> Callable[[], None]:
            def press_it() -> None:
                sheet.close()
                with self._root:
                    act(row)

            return press_it

        with sheet.fields():
            if row.note:
                Word(row.note, tag="p")
            whose = "yours" if row.is_yours else "came along with the program"
            Word(f"{row.name}: {row.voices or row.problem}; {whose}", "ch-quiet", "p")
            Word(row.path, "ch-quiet sheet-path", "p")
            with ui.element("div").classes("sheet-acts"):
                if row.number is None:
                    press("Add to the set…", then(self.add))
                elif "set_list" not in self._flags and self._n_loaded > 1:
                    press("Take out of the set…", then(self.take_out))
                press("Duplicate…", then(self._duplicate))
                if row.is_yours:
                    press("Title, note, colour…", then(self._describe))
                if row.is_movable:
                    press("Rename…", then(self._rename))
                    press("Delete…", then(self._delete), "is-bad")

    @property
    def _n_loaded(self) -> int:
        return len(self._mirror.table.presets) if self._mirror.table else 0

    def _duplicate(self, row: Row) -> None:
        async def act(name: str) -> None:
            await self._changed(lambda: save_as(Path(row.path), name))

        self._ask_name(
            f"Duplicate {row.title} as", "Duplicate", self._free(f"{row.name}-copy"), act
        )

    def _rename(self, row: Row) -> None:
        async def act(name: str) -> None:
            _check_free(row)
            await self._changed(lambda: rename(Path(row.path), name))

        hint = "Set lists that name it have to be changed."
        self._ask_name(f"Rename {row.name} to", "Rename", row.name, act, hint)

    def _describe(self, row: Row) -> None:
        async def act() -> None:
            words = Words(title.value, note.value.rstrip("\n"), colour.value.strip())
            await self._changed(lambda: describe(Path(row.path), words))

        with Sheet(f"About {row.name}", "Save", act).fields():
            title = field("Title", row.title)
            note = field("Note, as the stage shows it", row.note, is_long=True)
            colour = field("Colour", row.colour, 'as in "#b5442e"')
            with ui.element("div").classes("sheet-swatches"):
                for name, value in COLOURS.items():
                    swatch = press("", lambda v=value: colour.set_value(v), "sheet-swatch", name)  # type: ignore[misc]
                    swatch.style(f"--dot: {value}")

    def _delete(self, row: Row) -> None:
        async def act() -> None:
            _check_free(row)
            deleted = await self._changed(lambda: delete(Path(row.path)))
            self._offer_back(row.title, deleted)

        consequence = "It goes to the trash; right after that you can still bring it back."
        ask(f"Delete {row.title}?", consequence, "Delete", act, is_grave=True)

    def _offer_back(self, title: str, deleted: Deleted) -> None:
        async def back() -> None:
            try:
                await self._changed(lambda: restore(deleted))
            except ChanterelleError as error:
                self._tell(str(error))
            self._undo.clear()

        self._undo.clear()
        with self._undo:
            Word(f"{title} is deleted.")
            press("Undo", back)

    async def _changed(self, act: Callable[[], T]) -> T:
        """What is done to files is done outside of the event loop; then all pages look again."""
        result = await asyncio.to_thread(act)
        await self._shelf.read()
        return result

    def _ask_name(
        self,
        title: str,
        yes: str,
        name: str,
        act: Callable[[str], Awaitable[Callable[[], None] | None]],
        hint: str = "letters, digits, - and _",
    ) -> None:
        async def do() -> Callable[[], None] | None:
            return await act(entry.value.strip())

        with Sheet(title, yes, do).fields():
            entry = field("Name", name, hint).props("autofocus")

    def _free(self, name: str) -> str:
        """The name, or the next one that no preset has."""
        taken = {row.name.casefold() for row in self._shelf.rows}
        names = [name, *(f"{name}-{number}" for number in range(2, len(taken) + 3))]
        return next(free for free in names if free.casefold() not in taken)

    def _tell(self, text: str, kind: str = "warning") -> None:
        with self._root:
            ui.notify(text, type=kind)  # type: ignore[arg-type]


def _check_free(row: Row) -> None:
    """The process that plays may have to read it again, should the sound card go away."""
    if row.number is not None:
        raise PresetError(row.name, IN_SET, "")
