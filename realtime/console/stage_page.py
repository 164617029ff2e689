"""The page "Stage": what a performer reads from two metres away, and touches in a hurry."""

from nicegui import ui

from realtime.console.console import Console
from realtime.console.shell import page_frame
from realtime.console.stage_board import Board

STYLE = """
<link rel="stylesheet" href="/assets/stage.css">
<link rel="stylesheet" href="/assets/stage_small.css">
"""


def register(console: Console) -> None:
    """Adds the page."""
    mirror = console.mirror
    assert mirror is not None, "a stage needs a performance"

    @ui.page("/")
    def _page() -> None:
        ui.add_head_html(STYLE)
        with page_frame(console, "Stage"):
            Board(mirror)
