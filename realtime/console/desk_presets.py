"""Of the desk: the presets of the set and all others, and what has been turned since they began."""

import asyncio

from nicegui import ui

from ddsp_core.errors import ChanterelleError
from realtime.console.console import Console
from realtime.console.desk_presets_acts import Acts
from realtime.console.desk_presets_shelf import Row, shelf_of
from realtime.console.desk_presets_turned import Own, in_words, read_own, turned_of
from realtime.console.mirror import Mirror
from realtime.console.sheets import Word, press
from realtime.console.shell import hear
from realtime.desk import Change
from realtime.preset_edit_check import Turned

STYLES = '<link rel="stylesheet" href="/assets/presets.css">'
TOLD_AFTER_S = 0.1
"""After something was turned, with all that is turned meanwhile."""

BEGIN_ANEW = frozenset(("preset", "keep_preset"))
"""After these a preset begins otherwise."""

NO_COLOUR = "var(--ch-line)"


def presets_panel(console: Console) -> None:
    """Adds the preset browser where the page is being built."""
    assert console.mirror is not None
    ui.add_head_html(STYLES)
    _Panel(console.mirror)


class _Panel:
    """One browser's."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror, self._shelf = mirror, shelf_of(mirror)
        self._query = ""
        self._own: Own | None = None
        self._shown: object = None
        self._listed: object = None
        self._is_told_soon = False
        with ui.element("section").classes("presets").props('aria-label="Presets"') as self._root:
            with ui.element("div").classes("presets-shelf"):
                self._search = ui.input(placeholder="Search", on_change=self._on_search)
                self._search.props('outlined dense dark type="search" aria-label="Search presets"')
                self._list = ui.element("div").classes("presets-lists")
            with ui.element("div").classes("presets-now").props('aria-label="Plays now"') as now:
                now.props('role="region"')
                self._now = ui.element("div").classes("presets-card ch-panel")
                self._undo = ui.element("div").classes("presets-undo").props('role="status"')
        self._acts = Acts(mirror, self._shelf, self._root, self._undo)
        hear(mirror, self._on_change, self._show, on_table=self._on_table)
        ui.context.client.on_delete(self._shelf.listen(self._show))
        ui.timer(0.0, self._begin, once=True)

    async def _begin(self) -> None:
        await self._ask_own()
        await self._shelf.read()

    def _on_table(self) -> None:
        with self._root:
            ui.timer(0.0, self._begin, once=True)

    def _on_change(self, change: Change) -> None:
        if change.what in BEGIN_ANEW:
            with self._root:
                ui.timer(0.0, self._ask_own, once=True)
        if not self._is_told_soon:
            self._is_told_soon = True
            asyncio.get_running_loop().call_later(TOLD_AFTER_S, self._show)

    async def _ask_own(self) -> None:
        """How the preset that plays begins."""
        try:
            self._own = read_own(await self._mirror.ask("own"))
        except ChanterelleError:  # it is away, and asked again when it is back
            return
        self._show()

    def _on_search(self) -> None:
        self._query = self._search.value or ""
        self._show()

    def _show(self) -> None:
        """Only what has changed."""
        self._is_told_soon = False
        if self._root.is_deleted:
            return
        number = self._mirror.state.get("preset_number")
        listed = (self._shelf.rows, number, self._query)
        if listed != self._listed:
            self._listed = listed
            self._list.clear()
            with self._list:
                self._build_lists()
        shown = (self._playing(), self._differences(), self._mirror.is_connected)
        if shown != self._shown:
            self._shown = shown
            self._now.clear()
            with self._now:
                self._build_now()

    def _playing(self) -> Row | None:
        number = self._mirror.state.get("preset_number")
        return next((row for row in self._shelf.rows if row.number == number), None)

    def _differences(self) -> list[str]:
        mirror, own = self._mirror, self._own
        if own is None or mirror.table is None or mirror.preset is None:
            return []
        return in_words(turned_of(own, mirror), own, mirror.table, mirror.preset)

    def _build_lists(self) -> None:
        rows = [row for row in self._shelf.rows if row.fits(self._query)]
        loaded = [row for row in rows if row.number is not None]
        others = [row for row in rows if row.number is None]
        for title, part in (("In the set", loaded), ("Others", others)):
            if part:
                Word(title, tag="h2")
                with ui.element("ul").classes("presets-list"):
                    for row in part:
                        self._build_row(row)
        if not rows and self._shelf.rows:
            Word(f"No preset with “{self._query}” in it.", "ch-quiet", "p")

    def _build_row(self, row: Row) -> None:
        is_playing = row.number is not None and row.number == self._mirror.state.get(
            "preset_number"
        )
        with ui.element("li").classes("presets-row"):
            choose = ui.element("button").props('type="button"').classes("presets-choose")
            if is_playing:
                choose.props('aria-current="true"')
            choose.on("click", lambda: self._acts.choose(row), [])
            with choose:
                ui.element("span").classes("presets-dot").style(f"--dot: {row.colour or NO_COLOUR}")
                with ui.element("span").classes("presets-words"):
                    with ui.element("span").classes("presets-title"):
                        Word(row.title)
                        Word(row.voices, "presets-voices")
                    if row.problem:
                        Word(row.problem, "presets-problem")
                    elif row.note:
                        Word(row.note, "presets-note")
                if is_playing:
                    Word("plays", "presets-plays")
            press("⋯", lambda: self._acts.more(row), "presets-more", f"More about {row.title}")

    def _build_now(self) -> None:
        row = self._playing()
        if row is None:
            Word("Nothing is known of what plays.", "ch-quiet", "p")
            return
        with ui.element("div").classes("presets-head"):
            ui.element("span").classes("presets-dot").style(f"--dot: {row.colour or NO_COLOUR}")
            Word(row.title, tag="h2")
        differences = self._differences()
        n = len(differences)
        said = f"{n} change{'s' if n > 1 else ''} since it was chosen" if n else "As it was saved."
        Word(said, "presets-count", "p").props('role="status"')
        if differences:
            with ui.element("ul").classes("presets-changes"):
                for line in differences:
                    Word(line, tag="li")
        with ui.element("div").classes("presets-buttons"):
            if row.is_yours and not row.problem:
                save = press("Save", lambda: self._save(row), "is-chief")
                if not differences:
                    save.props("disabled")
            press("Save as…", lambda: self._save_as(row))
            undo = press("Undo changes", lambda: self._acts.choose(row))
            if not differences:
                undo.props("disabled")
        if not row.is_yours:
            Word("It came along with the program and stays as it is.", "ch-quiet", "p")

    async def _save(self, row: Row) -> None:
        await self._acts.save(row, await self._turned())

    async def _save_as(self, row: Row) -> None:
        self._acts.save_as(row, await self._turned())

    async def _turned(self) -> Turned:
        """As it stands now."""
        if self._own is None:
            await self._ask_own()
        return turned_of(self._own, self._mirror) if self._own else Turned()
