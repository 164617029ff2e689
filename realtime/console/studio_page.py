"""The page "Studio": a recording in, another voice out, and all there is to see and hear of it."""

import asyncio

from nicegui import app as nicegui_app
from nicegui import ui
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from realtime.console.console import Console
from realtime.console.shell import page_frame
from realtime.console.studio_desk import StudioDesk
from realtime.console.studio_sources import takes_of
from realtime.console.studio_view import PREFIX
from realtime.console.studio_wishes import choices
from realtime.console.studio_works import Studio
from realtime.console.takes_shelf import Shelf

HEADERS = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}

PATIENCE_S = 30.0
"""A busy machine may need it to read all presets and takes."""


def register(console: Console) -> None:
    """Adds the page, and the files that it plays and draws."""
    studio, shelf = Studio(console.work / "studio"), Shelf(console.takes)
    nicegui_app.on_startup(lambda: asyncio.to_thread(choices))  # the first time takes a second
    nicegui_app.on_shutdown(studio.close)

    async def file(request: Request) -> Response:
        found = studio.file(request.path_params["key"], request.path_params["name"])
        if found is None:
            return PlainTextResponse("There is no such recording.", 404)
        path, name = found
        return FileResponse(path, filename=name, headers=HEADERS)

    nicegui_app.router.add_route(f"{PREFIX}{{key}}/{{name}}", file, methods=["GET"])

    @ui.page("/", response_timeout=PATIENCE_S)
    async def _page() -> None:
        voices = await asyncio.to_thread(choices)
        takes = await takes_of(shelf)
        with page_frame(console, "Studio"):
            ui.add_head_html('<link rel="stylesheet" href="/assets/studio.css">')
            StudioDesk(console, studio, voices, takes)
