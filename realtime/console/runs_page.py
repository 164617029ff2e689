"""The page "Runs"."""

from fastapi import FastAPI
from nicegui import ui

from realtime.console.console import Console
from realtime.console.shell import page_frame


def register(console: Console, web: FastAPI) -> None:
    """Adds the page, and the sounds of the runs."""

    @ui.page("/runs")
    def _page() -> None:
        with page_frame(console, "Runs"):
            ui.label("Runs")
