"""One browser's view of the studio: recording and voice at the left, pictures at the right."""

from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from nicegui import ui

from ddsp_core.errors import ChanterelleError
from realtime.console.console import Console
from realtime.console.drop_zone import DropZone
from realtime.console.sheets import press
from realtime.console.studio_panel import Panel, StudioControl
from realtime.console.studio_results import show_results
from realtime.console.studio_sources import Found, demo_clip
from realtime.console.studio_view import StudioView
from realtime.console.studio_wishes import Choice, Wishes
from realtime.console.studio_works import Studio
from realtime.console.uploads import decode_upload

EMPTY = "Drop a recording of one voice or one instrument, and hear it as another."


class StudioDesk:
    """Builds the page, and keeps it as the studio is.

    Args:
        console: for uploads.
        studio: what is shown; other browsers see the same.
        voices: that can be chosen.
        takes: that can be opened.
    """

    def __init__(
        self, console: Console, studio: Studio, voices: list[Choice], takes: list[Found]
    ) -> None:
        self._console, self._studio = console, studio
        with ui.element("div").classes("st-page"):
            with ui.element("div").classes("st-side"):
                with ui.element("div").classes("st-scroll"):
                    self._add_source(takes)
                    with ui.element("section").classes("ch-panel st-panel"):
                        ui.html("Voice", sanitize=False, tag="h2")
                        self._panel = Panel(studio.wishes, voices, self._on_wishes)
                self._add_render()
            with ui.element("div").classes("st-desk"):
                self._empty = ui.label(EMPTY).classes("st-empty")
                self._view = StudioView()
                self._results = ui.element("section").classes("ch-panel st-renderings")
        self._client = ui.context.client
        self._client.on_delete(studio.listen(self._show, self._show_progress))
        self._show()
        self._show_progress()

    def _add_source(self, takes: list[Found]) -> None:
        with ui.element("section").classes("ch-panel st-panel"):
            ui.html("Recording", sanitize=False, tag="h2")
            self._sources = StudioControl("choice", "Open", self._choose_source, groups=[])
            DropZone(self._upload, label="Drop a sound file, or choose one")
            with ui.element("div").classes("st-others"):
                if clip := demo_clip():
                    press("Use the sung clip", lambda: self._open(clip))
                if takes:
                    self._add_takes(takes)

    def _add_takes(self, takes: list[Found]) -> None:
        known = {str(number): found for number, found in enumerate(takes)}
        options = [[key, f"{found.title}, {found.length}"] for key, found in known.items()]

        async def open_it(key: Any) -> None:
            if key in known:
                await self._open(known[key])

        groups = [["", [["", "choose…"]]], ["Takes", options]]
        StudioControl("choice", "Use a take", open_it, groups=groups).show("")

    def _add_render(self) -> None:
        with ui.element("div").classes("st-go"):
            self._button = press("Render", self._render).classes("st-render")
            self._stop = press("Cancel", self._studio.stop)
            with ui.element("div").classes("st-progress") as self._progress:
                self._bar = ui.element("progress").props("max=1 aria-label=Progress")
                self._doing = ui.label().classes("ch-quiet").props("role=status")

    async def _upload(self, name: str) -> None:
        async def opened() -> None:
            decoded = await decode_upload(self._console, name)
            stem, _, ending = name.rpartition("-")
            await self._studio.open(decoded.path, stem + Path(ending).suffix)
            if decoded.is_cut:
                ui.notify(
                    f"It is longer: only its first {decoded.duration_s / 60:.0f} min are here."
                )

        await self._carry_out(opened())

    async def _open(self, found: Found) -> None:
        await self._carry_out(self._studio.open(found.path, found.title, found.file))

    async def _render(self) -> None:
        choice = self._panel.choice
        await self._carry_out(self._studio.render(self._panel.wishes, choice.title, choice.colour))

    async def _carry_out(self, work: Awaitable[None]) -> None:
        """Whatever is wrong is said on the page of whoever wanted it."""
        try:
            await work
        except ChanterelleError as error:
            if not self._client.is_deleted:
                ui.notify(
                    str(error), type="negative", multi_line=True, timeout=12_000, close_button="OK"
                )

    def _on_wishes(self, wishes: Wishes) -> None:
        self._studio.wishes = wishes
        self._show_view()

    def _choose_source(self, key: Any) -> None:
        self._studio.choose_source(str(key))

    def _show(self) -> None:
        studio, source = self._studio, self._studio.source
        options = [[one.key, one.title] for one in reversed(studio.sources)]
        self._sources.props["groups"] = [["", options]]
        self._sources.show(source.key if source else "")
        self._sources.set_visibility(source is not None)
        self._button.props.set_bool("disabled", source is None)
        self._button.update()
        self._empty.set_visibility(source is None)
        self._view.set_visibility(source is not None)
        self._results.set_visibility(source is not None and bool(source.results))
        self._results.clear()
        if source is not None:
            with self._results:
                show_results(source, studio.choose, studio.remove)
        self._show_view()

    def _show_view(self) -> None:
        source, wishes = self._studio.source, self._panel.wishes
        result = source.chosen if source else None
        self._view.show(source, result, wishes.threshold if wishes.masks else None)

    def _show_progress(self) -> None:
        studio = self._studio
        self._progress.set_visibility(studio.is_busy)
        self._stop.set_visibility(studio.is_busy)
        self._bar.props["value"] = studio.share
        self._bar.update()
        self._doing.set_text(f"{studio.doing}…".capitalize() if studio.is_busy else "")
