"""The signs on the stage view's buttons, drawn: fonts differ, and phones make pictures of some."""

from nicegui import ui

PATHS = {
    "previous_song": "M5 5h3v14H5zM19 5v14L8.5 12z",
    "previous_preset": "M17 4v16L6 12z",
    "next_preset": "M7 4v16l11-8z",
    "next_song": "M16 5h3v14h-3zM5 5v14l10.5-7z",
}


def add_sign(name: str) -> None:
    """Draws it here; whoever cannot see it is told by the button's text."""
    drawing = f'<svg viewBox="0 0 24 24" width="1em" height="1em"><path d="{PATHS[name]}"/></svg>'
    ui.html(drawing, sanitize=False, tag="span").classes("stage-sign").props('aria-hidden="true"')
