"""The page "Runs": curves, recipes and sounds of training runs, also while they train."""

from fastapi import FastAPI
from nicegui import ui

from realtime.console.console import Console
from realtime.console.runs_room import RunsRoom
from realtime.console.runs_shelf import RunsShelf
from realtime.console.runs_sounds import SOUNDS
from realtime.console.runs_view import RunsView
from realtime.console.served_files import served
from realtime.console.shell import page_frame

STYLES = """
<link rel="stylesheet" href="/assets/player.css">
<link rel="stylesheet" href="/assets/runs.css">
"""


def register(console: Console, web: FastAPI) -> None:
    """Adds the page, and the sounds of the runs."""
    work = console.work / "runs"
    work.mkdir(exist_ok=True)
    room = RunsRoom(RunsShelf(console.runs), work)
    served(web, SOUNDS, work)

    @ui.page("/runs")
    def _page() -> None:
        ui.add_head_html(STYLES)
        with page_frame(console, "Runs"):
            RunsView(room)
