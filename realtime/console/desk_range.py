"""Of the desk: what the voice has learned, and whether it is played inside of it."""

import contextlib
import math
from functools import lru_cache
from pathlib import Path
from typing import Any

from nicegui import background_tasks, events, run, ui

from ddsp_core.checkpoint import FILE_NAME, load_voice
from ddsp_core.errors import ChanterelleError
from realtime.console.mirror import Mirror
from realtime.console.shell import hear
from realtime.controls import find_control
from realtime.desk import Change
from realtime.link_table import PresetRow

QUANTILES = ("1", "5", "95", "99")
MOST_VOICES = 64
SHIFT = "loudness_shift_db"
NOTE = (
    "Pitch is what is played, after octaves and tuning; loudness that of the microphone"
    " after the singer's map and the loudness shift. The inner field holds 5 to 95 % of what the"
    " voice learned, the outer one 1 to 99 %."
)


class RangePicture(
    ui.element,
    component="static/desk_range.js",
    dependencies=[
        "static/desk_canvas.js",
        "static/desk_range_words.js",
        "static/knob_travel.js",
    ],
):
    """Pitch over loudness: what was learned, and what a `Feed` of its page brings.

    Args:
        mirror: of the performance.
    """

    def __init__(self, mirror: Mirror) -> None:
        super().__init__()
        self._mirror = mirror
        self._known: tuple[object, ...] = ()
        self._props["voice"] = None
        self._props["shift"] = mirror.values.get(SHIFT, 0.0)
        self.on("fix", self._fix)
        hear(mirror, on_change=self._on_change, on_state=self._look, on_table=self._look)
        self._look()

    def _look(self) -> None:
        """Another preset, or another set of them?"""
        preset = self._mirror.preset
        if preset is None:
            return
        if (preset.voice_dirs, preset.loudness_map) != self._known:
            self._known = (preset.voice_dirs, preset.loudness_map)
            background_tasks.create(self._show(preset), name="what the voice has learned")
        if self._props["shift"] != (shift := self._mirror.values.get(SHIFT, 0.0)):
            self._props["shift"] = shift

    def _on_change(self, change: Change) -> None:
        if change.what == "preset" or (change.what, change.name) == ("control", SHIFT):
            self._look()

    async def _show(self, preset: PresetRow) -> None:
        folder = Path(preset.voice_dirs[0])
        learned = None
        with contextlib.suppress(ChanterelleError, OSError):  # a voice that has gone meanwhile
            learned = await run.io_bound(learned_by, folder)
        corners = [list(pair) for pair in preset.loudness_map]
        self._props["voice"] = {**(learned or {}), "map": corners}

    def _fix(self, event: events.GenericEventArguments) -> None:
        name, by = str(event.args["name"]), float(event.args["by"])
        if name not in self._mirror.values or not math.isfinite(by):
            return
        control = find_control(name)
        value = self._mirror.values[name] + by
        inside = min(max(value, control.minimum), control.maximum)
        self._mirror.turn(name, control.check(inside))


def range_panel(mirror: Mirror) -> None:
    """Adds it where the page is being built."""
    section = ui.element("section").classes("desk-picture").props('aria-label="Range"')
    with section:
        with ui.element("div").classes("desk-picture-head"):
            ui.html("What the voice knows", sanitize=False, tag="h2").props(f'title="{NOTE}"')
            with ui.element("div").classes("desk-key"):
                ui.label("learned").style("--key: var(--ch-good)")
                ui.label("played").style("--key: var(--ch-played)")
        RangePicture(mirror)


def learned_by(folder: Path) -> dict[str, Any] | None:
    """Pitch in MIDI notes and loudness in dB of a voice's training set, by percentage.

    None: the file does not say. Raises VoiceError if there is no such voice.
    """
    return _learned_by(folder, (folder / FILE_NAME).stat().st_mtime_ns)


@lru_cache(MOST_VOICES)
def _learned_by(folder: Path, _changed_ns: int) -> dict[str, Any] | None:
    statistics = load_voice(folder).statistics
    hz, db = (
        statistics.get(f"{kind}", {}) for kind in ("f0_quantiles_hz", "loudness_quantiles_db")
    )
    if not all(key in hz and key in db and hz[key] > 0 for key in QUANTILES):
        return None
    return {
        "name": folder.name.replace("-", " "),
        "midi": {key: 69.0 + 12.0 * math.log2(hz[key] / 440.0) for key in QUANTILES},
        "db": {key: float(db[key]) for key in QUANTILES},
    }
