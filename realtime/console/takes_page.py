"""The page "Takes": what has been recorded, heard again, played again, compared."""

import asyncio

from fastapi import FastAPI
from nicegui import background_tasks, ui

from realtime.console.console import Console
from realtime.console.served_files import served
from realtime.console.shell import hear, page_frame
from realtime.console.takes_room import FILES, PLAIN, Room
from realtime.console.takes_view import TakesView
from realtime.desk import Change

STYLES = """
<link rel="stylesheet" href="/assets/player.css">
<link rel="stylesheet" href="/assets/takes.css">
"""
CLOSING_S = 0.3
"""The recorder needs so long to end a take."""


def register(console: Console, web: FastAPI) -> None:
    """Adds the page, and the sounds that it plays."""
    room = Room(console)
    served(web, FILES, room.shelf.folder)
    served(web, PLAIN, room.work)

    @ui.page("/takes")
    def _page(take: str = "") -> None:
        ui.add_head_html(STYLES)
        with page_frame(console, "Takes"):
            TakesView(room, take)
        if console.mirror is not None:
            hear(console.mirror, on_change=look_again)

    def look_again(change: Change) -> None:
        """A take that has ended is in the list at once."""
        if change.what == "record":
            background_tasks.create(look_soon())

    async def look_soon() -> None:
        await asyncio.sleep(CLOSING_S)
        await room.shelf.refresh()
