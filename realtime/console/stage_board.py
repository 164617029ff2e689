"""The stage view: what stands where, and how it follows the performance.

What moves is drawn by the page itself (`stage_parts.py`). Words are sent when they have changed.
"""

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from realtime.console.feed import Feed
from realtime.console.mirror import Mirror
from realtime.console.shell import hear
from realtime.console.stage_parts import Manners, Meter, Needle, Trail
from realtime.console.stage_signs import add_sign
from realtime.console.stage_words import (
    Words,
    stage_colours,
    stage_flags,
    stage_words,
    view_state,
)
from realtime.link_live import LiveFrame
from realtime.live_view_held import CLIP_DB, LIMITER_DB


class Word(TextElement):
    """A text in an element."""

    def __init__(self, text: str, tag: str = "span") -> None:
        super().__init__(tag=tag, text=text)


class Board:
    """Fills the page that is being built, and keeps it true while it is open.

    Args:
        mirror: of the performance.
    """

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._state = view_state(mirror.state, mirror.live)
        self._words = self._read()
        self._fields: dict[str, Word] = {}
        self._switches: dict[str, ui.element] = {}
        self._dressed = ("", "")
        self._root = ui.element("div").classes("stage")
        with self._root:
            Feed(mirror)
            Manners(mirror.do)
            self._add_set()
            self._needle, self._trail = self._add_pitch()
            self._add_meters()
            self._add_acts()
            self._add_figures()
            with ui.element("div").classes("stage-said"):
                self._word("message", "stage-message").props('role="status"')
                self._word("late_why", "stage-late")
        hear(mirror, None, self._show, self._show_time, self._show)
        self._dress()

    def _add_set(self) -> None:
        """Where in the show, and the way through it."""
        with ui.element("section").classes("stage-set").props('aria-label="Set"'):
            self._step("previous_song", "stage-song-step")
            self._step("previous_preset")
            with ui.element("div").classes("stage-now"):
                with ui.element("div").classes("stage-song"):
                    self._word("song_place", "stage-place")
                    self._word("song")
                    self._word("preset_place", "stage-place is-preset")
                with ui.element("div").classes("stage-title"):
                    self._word("preset", "stage-preset", "h2")
                    _text("Bypass", "stage-bypassed")
                self._word("note", "stage-note")
            with self._step("next_preset"):
                self._word("next_preset", "stage-coming")
            with self._step("next_song", "stage-song-step"):
                self._word("next_song", "stage-coming")
            self._word("problems", "stage-problems").props('role="alert"')

    def _step(self, command: str, classes: str = "") -> ui.element:
        button = self._button(command).classes(f"stage-step {classes}")
        with button:
            add_sign(command)
            _text(command.replace("_", " "), "ch-hidden")
        return button

    def _add_pitch(self) -> tuple[Needle, Trail]:
        with ui.element("section").classes("stage-pitch").props('aria-label="Pitch"'):
            return Needle(), Trail(self._mirror)

    def _add_meters(self) -> None:
        with ui.element("section").classes("stage-meters").props('aria-label="Levels"'):
            Meter("input_peak_db", "in", "CLIP", CLIP_DB)
            Meter("output_peak_db", "out", "LIMIT", LIMITER_DB)

    def _add_acts(self) -> None:
        """What must be at hand whatever happens."""
        with ui.element("section").classes("stage-acts").props('aria-label="At hand"'):
            with self._switch("record"):
                _text("", "stage-dot").props('aria-hidden="true"')
                self._word("take", "stage-take")
                self._word("disk", "stage-small")
            with self._switch("bypass"):
                _text("Bypass")
            with self._button("panic").classes("is-bad") as panic:
                _text("Panic")
            panic.on("pointerdown", lambda: self._mirror.do("panic"), [])

    def _add_figures(self) -> None:
        with ui.element("section").classes("stage-figures").props('aria-label="Figures"'):
            self._figure("latency", "latency")
            self._figure("load", "load, p99", "is-load")
            self._figure("load_max", "load, most", "is-load")
            with self._button("reset_counters").props('title="counted from now on"'):
                self._figure("late", "late", "is-lates", tag="span")
                self._figure("xruns", "xruns", "is-xruns", tag="span")
                _text("reset", "stage-small")
            with self._button("tap_tempo").props('title="two taps or more set the tempo"'):
                self._figure("tempo", "tap tempo", tag="span")
            self._figure("a4", "A4", "is-a4")
            self._figure("midi", "MIDI", "is-midi")

    def _figure(self, name: str, title: str, classes: str = "", tag: str = "div") -> None:
        with ui.element(tag).classes(f"stage-figure {classes}"):
            _text(title, "stage-small")
            self._word(name, "stage-value")

    def _word(self, name: str, classes: str = "", tag: str = "span") -> Word:
        word = Word(getattr(self._words, name), tag).classes(classes)
        self._fields[name] = word
        return word

    def _switch(self, command: str) -> ui.element:
        button = self._button(command).props('aria-pressed="false"')
        self._switches[command] = button
        return button

    def _button(self, command: str) -> ui.element:
        button = ui.element("button").props('type="button"').classes(f"ch-button is-{command}")
        return button.on("click", lambda: self._mirror.do(command), [])

    def _read(self) -> Words:
        number = int(self._mirror.state.get("preset_number", 0))
        return stage_words(self._state, number, self._mirror.table)

    def _show(self) -> None:
        """Only what has changed."""
        self._state = view_state(self._mirror.state, self._mirror.live)
        before, self._words = self._words, self._read()
        for name, old, new in zip(Words._fields, before, self._words, strict=True):
            if old != new:
                self._fields[name].set_text(new)
        self._dress()

    def _show_time(self, frame: LiveFrame) -> None:
        """The take's seconds, as they pass."""
        shown_s = self._state.recording_s
        if int(frame.recording_s) != (-1 if shown_s is None else int(shown_s)):
            self._show()

    def _dress(self) -> None:
        state = self._state
        self._needle.tune(state.a4_hz)
        self._trail.tune(state.a4_hz)
        flags = stage_flags(state) + ("" if self._mirror.is_connected else " is-away")
        if self._dressed == (flags, state.colour):
            return
        self._dressed = (flags, state.colour)
        self._root.classes(replace=f"stage {flags}").style(replace=stage_colours(state.colour))
        pressed = {"record": state.recording_s is not None, "bypass": state.is_bypassed}
        for name, is_on in pressed.items():
            self._switches[name].props(f'aria-pressed="{str(is_on).lower()}"')


def _text(text: str, classes: str = "") -> Word:
    return Word(text).classes(classes)
