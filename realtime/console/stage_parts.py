"""The stage view's moving parts; their scripts hear the page's live frames."""

from collections.abc import Callable
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from realtime.commands import BY_NAME as COMMANDS
from realtime.console.mirror import Mirror
from realtime.keys_table import KEYS
from realtime.live_view_held import FALL_DB_PER_S, HOLD_S, MARK_S
from realtime.live_view_help import names_shown

BROWSER_NAMES = {
    "right": "ArrowRight",
    "left": "ArrowLeft",
    "up": "ArrowUp",
    "down": "ArrowDown",
    "page up": "PageUp",
    "page down": "PageDown",
    "space": " ",
    "backspace": "Backspace",
    "escape": "Escape",
}
"""What a browser calls the keys that have a name in the table of keys."""

HERE = tuple(key for key in KEYS if key.action in COMMANDS or key.action == "help")
"""Keys of the terminal that do the same here; Tab, which chooses there, goes from button to
button."""

Act = Callable[[str, float | str | None], None]


class Meter(ui.element, component="static/stage_meter.js"):
    """A level with its peak, and a light.

    Args:
        field: of `LiveFrame`.
        title: what it is called.
        word: on the light.
        limit_db: from there on it is lit.
    """

    def __init__(self, field: str, title: str, word: str, limit_db: float) -> None:
        super().__init__()
        self._props["field"], self._props["title"] = field, title
        self._props["word"], self._props["limit"] = word, limit_db
        hold = {"hold_s": HOLD_S, "fall_db_per_s": FALL_DB_PER_S, "mark_s": MARK_S}
        self._props["hold"] = hold


class Tuned(ui.element):
    """What needs to know where A4 is."""

    def tune(self, a4_hz: float) -> None:
        """A4 is there from now on."""
        if self._props.get("a4") != a4_hz:
            self._props["a4"] = a4_hz


class Needle(Tuned, component="static/stage_needle.js"):
    """The note that is sung, how far beside it, and the note that is played."""


class Trail(Tuned, component="static/stage_trail.js"):
    """The pitch of the last ten seconds, those before the page was opened among them."""

    def __init__(self, mirror: Mirror) -> None:
        super().__init__()
        self._props["past"] = [
            [
                round(frame.time_s, 3),
                round(frame.f0_hz, 2) if frame.is_singing else 0,
                round(frame.played_hz, 2),
            ]
            for frame in mirror.trail
        ]


class Manners(ui.element, component="static/stage_manners.js"):
    """Keys, swipes, the whole screen, help; keeps the screen awake.

    Args:
        act: is told which command was asked for, and with which value.
    """

    def __init__(self, act: Act) -> None:
        super().__init__()
        self._act = act
        self._props["keys"] = {
            BROWSER_NAMES.get(name, name): key.action for key in HERE for name in key.names
        }
        self._props["help"] = [[names_shown(key), key.doc] for key in HERE]
        self.on("act", self._on_act)

    def _on_act(self, event: GenericEventArguments) -> None:
        """A browser may ask for anything: only what keys do is done."""
        action, key = _two_words(event.args)
        if action == "preset":
            self._act(action, key)
        elif any(known.action == action for known in HERE):
            self._act(action, None)


def _two_words(args: Any) -> tuple[str, str]:
    if isinstance(args, list) and len(args) == 2:
        return str(args[0]), str(args[1])
    return "", ""
