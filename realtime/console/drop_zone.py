"""Where sound files are dropped or chosen; they go to `uploads.py`, past the page's socket."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from realtime.console.uploads import KINDS, MOST_BYTES, PREFIX

Told = Callable[[str], Awaitable[None] | None]


class DropZone(ui.element, component="static/drop_zone.js"):
    """A field for one file at a time, for the mouse, a finger or the keyboard.

    Args:
        on_uploaded: hears the upload's name, for `decode_upload`.
        on_error: hears what went wrong, for people; the field shows it, too.
        label: what stands in it.
    """

    def __init__(
        self,
        on_uploaded: Told,
        on_error: Told | None = None,
        label: str = "Drop a sound file here, or choose one",
    ) -> None:
        super().__init__()
        ui.add_head_html('<link rel="stylesheet" href="/assets/drop_zone.css">')
        self._props["label"] = label
        self._props["prefix"] = PREFIX
        self._props["kinds"] = list(KINDS)
        self._props["most"] = MOST_BYTES
        self.on("uploaded", lambda event: on_uploaded(_text(event.args)))
        if on_error is not None:
            self.on("failed", lambda event: on_error(_text(event.args)))


def _text(args: Any) -> str:
    """What the page says; it may say anything."""
    return str(args)[:300]
