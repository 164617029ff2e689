"""The page "Studio"."""

from nicegui import ui

from realtime.console.console import Console
from realtime.console.shell import page_frame


def register(console: Console) -> None:
    """Adds the page."""

    @ui.page("/")
    def _page() -> None:
        with page_frame(console, "Studio"):
            ui.label("Studio")
