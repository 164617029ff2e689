"""The studio's pictures and its player: what was sung above what is played, on one time axis."""

from typing import Any

from nicegui import ui

from realtime.console.studio_work import Result, Source
from realtime.console.transfer_job import ORIGINAL, PICTURES, RESULT

PREFIX = "/studio/"


class StudioView(ui.element, component="static/studio_view.js"):
    """Draws and plays; everything of it happens in the browser."""

    def show(self, source: Source | None, result: Result | None, threshold: float | None) -> None:
        """A recording, with a rendering or without.

        Args:
            source: what was sung.
            result: what was made of it.
            threshold: from which a frame counts as a note, as it is chosen now; None: no mask.
        """
        self._props["original"] = _told(source, ORIGINAL)
        self._props["result"] = _told(result, RESULT)
        self._props.update(threshold=threshold)
        self.update()


def address(key: str, name: str) -> str:
    """Of a file of a recording or a rendering."""
    return f"{PREFIX}{key}/{name}"


def _told(work: Source | Result | None, sound: str) -> dict[str, Any] | None:
    if work is None:
        return None
    told: dict[str, Any] = {
        "key": work.key,
        "title": work.title,
        "sound": address(work.key, sound),
        "pictures": address(work.key, PICTURES),
        "facts": work.facts,
    }
    if isinstance(work, Result):
        told["title"] = f"{work.number} · {work.title}"
        told["threshold"] = work.wishes.threshold if work.wishes.masks else None
    return told
