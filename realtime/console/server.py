"""The console's web server: NiceGUI's pages behind the guard, on one port of this machine."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import FastAPI
from nicegui import app as nicegui_app
from nicegui import ui

from realtime.console import desk_page, runs_page, stage_page, studio_page, takes_page
from realtime.console.console import Console
from realtime.console.engine_link import EngineLink
from realtime.console.guard import Guard
from realtime.console.pair_button import tell_terminal
from realtime.console.uploads import register_uploads
from realtime.console.web import server_of

ASSETS = Path(__file__).resolve().parent / "static"

STAGE = (("Stage", "/"), ("Desk", "/desk"), ("Takes", "/takes"))
STUDIO = (("Studio", "/"), ("Takes", "/takes"), ("Runs", "/runs"))


def build(console: Console, link: EngineLink | None) -> Guard:
    """The whole application, behind its guard."""

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        listening = asyncio.create_task(link.run()) if link else None
        yield
        if listening:
            listening.cancel()

    web = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    nicegui_app.add_static_files("/assets", str(ASSETS), max_cache_age=0)  # asked for anew
    nicegui_app.config.socket_io_js_transports = ["websocket"]  # the guard refuses polling
    register_uploads(web, console)
    tell_terminal(console)
    if console.mirror is not None:
        stage_page.register(console)
        desk_page.register(console)
    else:
        studio_page.register(console)
        runs_page.register(console, web)
    takes_page.register(console, web)
    ui.run_with(
        web,
        title="Chanterelle",
        dark=True,
        language="en-GB",
        tailwind=False,
        binding_refresh_interval=None,  # nothing is bound: pages are told
        reconnect_timeout=10.0,
        show_welcome_message=False,
    )
    return Guard(web, console.address)


def serve(console: Console, link: EngineLink | None, door: socket.socket) -> None:
    """At this socket, until a signal ends it."""
    server_of(build(console, link)).run(sockets=[door])
