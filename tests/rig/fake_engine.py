"""A console on an engine that only says what a test wants: exact, at once, and without sound."""

import contextlib
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from realtime.commands import COMMANDS
from realtime.controls import CONTROLS
from realtime.desk import Change, Listener
from realtime.link_live import pack_live
from realtime.link_news import Sources
from realtime.link_server import LinkServer
from realtime.link_table import About, PresetRow, Table
from realtime.live_view_state import ViewState
from realtime.meters import SILENCE, Sounding
from rig.console_alone import console_alone

COLOURS = {"Violin": "#b5442e", "Echo flute": "#2f8f8b", "Sunrise": "#ffe000"}
LIMIT_S = 5.0
NOTHING = Sounding(0.0, np.zeros(0, np.float32), np.zeros(0, np.float32))


class FakeEngine:
    """Stands in for a performance, and for its desk.

    Args:
        folder: of the link.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = ""
        self.console: subprocess.Popen[bytes] | None = None
        self.view = ViewState(preset="Violin", next_preset="Echo flute", colour="#b5442e")
        self.recording_s = -1.0
        self.done: list[tuple[str, Any]] = []
        self._listeners: list[Listener] = []
        self._news = threading.Condition()

    def show(self, **fields: Any) -> None:
        """What a view shows from now on."""
        self.view = self.view._replace(**fields)

    def wait_for(self, *wanted: tuple[str, Any]) -> None:
        """Until these commands, and no others, have been given; then they are forgotten."""
        with self._news:
            self._news.wait_for(lambda: self.done == list(wanted), LIMIT_S)
            given, self.done = self.done, []
        assert given == list(wanted)

    def listen(self, listener: Listener) -> None:
        """As a desk."""
        self._listeners.append(listener)

    def say(self, text: str, _source: str = "") -> None:
        """As a desk."""
        self.show(message=text, message_age_s=0.0)

    def do(self, name: str, value: Any, source: str) -> None:
        """As a desk."""
        with self._news:
            self.done.append((name, value))
            self._news.notify_all()
        for listener in self._listeners:
            listener(Change(name, "", 0.0, source))

    def link(self) -> LinkServer:
        """To be entered."""
        sources = Sources(_table, self._state, dict, self._live)
        return LinkServer(self.folder / "engine", self, sources)  # type: ignore[arg-type]

    def _state(self) -> dict[str, Any]:
        titles = [*COLOURS]
        number = titles.index(self.view.preset)
        return {**self.view._asdict(), "preset_number": number, "effects_out": []}

    def _live(self) -> bytes:
        peaks = self.view.input_peak_db, self.view.output_peak_db
        return pack_live(time.monotonic(), peaks, SILENCE, NOTHING, 0.0, self.recording_s)


def _table() -> bytes:
    presets = [
        PresetRow(
            name=title.lower(),
            title=title,
            colour=colour,
            note="",
            path="",
            voice_dirs=(),
            effects=(),
        )
        for title, colour in COLOURS.items()
    ]
    about = About(
        version="", set_title="", sample_rate=48000, hop_size=128, n_outputs=2, card="", takes="",
        flags={},
    )  # fmt: skip
    table = Table(
        controls=CONTROLS,
        commands=COMMANDS,
        presets=tuple(presets),
        songs=(),
        about=about,
    )
    return table.model_dump_json().encode()


@contextlib.contextmanager
def fake_show(folder: Path) -> Iterator[FakeEngine]:
    """The engine, linked, and its console's process."""
    engine = FakeEngine(folder)
    more = {"CHANTERELLE_CONFIG": str(folder)}
    alone = console_alone(folder, ["--link", str(folder)], more)
    with engine.link(), alone as (address, process):
        engine.address, engine.console = address, process
        yield engine
