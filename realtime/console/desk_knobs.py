"""Knobs on a page: one element for all of a panel, told in one message of any number of changes."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from nicegui import background_tasks, events, ui

from ddsp_core.errors import ChanterelleError, ControlError
from realtime.console.mirror import Mirror
from realtime.console.shell import hear
from realtime.controls import Control
from realtime.desk import Change

TOLD_AFTER_S = 0.02
"""After a change the pages are told, with all that come in between."""

NO_MIDI = "No MIDI input is open: plug a controller in, and play with --midi all."
LABELS = {"dry_wet": "Dry / wet"}
UNITS = ("_db", "_hz", "_s", "_semitones", "_ms")
OWN_AGAIN = frozenset(("preset", "keep_preset"))
"""What happens when presets begin in another way."""


class Group(NamedTuple):
    """Knobs that stand together; by the names under which they are turned (`echo.mix`)."""

    title: str
    controls: Mapping[str, Control]


class KnobBoard(
    ui.element,
    component="static/knob_board.js",
    dependencies=[
        "static/knob_travel.js",
        "static/knob.js",
        "static/knob_choice.js",
        "static/knob_menu.js",
    ],
):
    """Shows and turns controls, in step with every other hand.

    Args:
        mirror: of the performance.
        groups: from left to right.
    """

    def __init__(self, mirror: Mirror, groups: Sequence[Group]) -> None:
        super().__init__()
        self._mirror = mirror
        self._controls = {name: c for group in groups for name, c in group.controls.items()}
        self._own: dict[str, float] = {}
        self._shown: dict[str, Any] = {}
        self._is_told_soon = False
        self._props["groups"] = [_group_words(group) for group in groups]
        self._props["begin"] = self._news()
        self.on("turn", self._turn)
        self.on("type", self._type)
        self.on("learn", self._learn)
        self.on("forget", lambda event: self._mirror.do("forget", str(event.args)))
        self.on("ready", self._begin)
        self._stop = hear(
            mirror, on_change=self._on_change, on_state=self._tell, on_table=self._ask_own
        )

    def _handle_delete(self) -> None:
        self._stop()
        super()._handle_delete()

    # What the page says

    def _turn(self, event: events.GenericEventArguments) -> None:
        for name, value in dict(event.args).items():
            with contextlib.suppress(ControlError):  # pages send what the table allows
                self._turn_to(str(name), value)

    def _turn_to(self, name: str, value: object) -> None:
        if name not in self._mirror.values or name not in self._controls:
            return  # of a preset that has gone
        checked = self._controls[name].check(value, name)
        self._shown.setdefault("values", {})[name] = checked  # this page moved it
        self._mirror.turn(name, checked)

    def _type(self, event: events.GenericEventArguments) -> None:
        name, text = str(event.args["name"]), str(event.args["text"])
        control = self._controls.get(name)
        try:
            if control is not None:
                self._turn_to(name, number_of(control, text))
                self._shown.get("values", {}).pop(name, None)  # the page does not know it yet
                self._tell()
        except ControlError as error:
            ui.notify(str(error), type="warning")

    def _learn(self, event: events.GenericEventArguments) -> None:
        if not self._mirror.state.get("midi_ports") and not self._mirror.state.get("learning"):
            ui.notify(NO_MIDI, type="info")
            return
        self._mirror.do("learn", str(event.args))

    # What the page is told

    def _begin(self) -> None:
        """It has loaded, or loaded again."""
        self._shown = {}
        self._tell()
        self._ask_own()

    def _on_change(self, change: Change) -> None:
        if change.what in OWN_AGAIN:
            self._ask_own()
        if self._is_told_soon or (change.what == "control" and change.name not in self._controls):
            return
        self._is_told_soon = True
        asyncio.get_running_loop().call_later(TOLD_AFTER_S, self._tell)

    def _tell(self) -> None:
        """What differs from what the page shows, if anything does."""
        self._is_told_soon = False
        if self.is_deleted or not self.client.has_socket_connection:
            return
        now, shown = self._news(), self._shown
        news = {key: value for key, value in now.items() if value != shown.get(key)}
        if "values" in news:
            known = shown.get("values", {})
            news["values"] = {k: v for k, v in now["values"].items() if v != known.get(k)}
        if news:
            self._shown = now
            self.run_method("show", news)

    def _news(self) -> dict[str, Any]:
        state, values = self._mirror.state, self._mirror.values
        mapped, learned = state.get("mapped", {}), state.get("learned", ())
        return {
            "values": {name: values[name] for name in self._controls if name in values},
            "own": self._own,
            "mapped": {name: mapped[name] for name in self._controls if name in mapped},
            "learned": [name for name in learned if name in self._controls],
            "learning": state.get("learning", ""),
            "midi": bool(state.get("midi_ports")),
            "away": not self._mirror.is_connected,
        }

    def _ask_own(self) -> None:
        background_tasks.create(self._fetch_own(), name="how the preset begins")

    async def _fetch_own(self) -> None:
        """How the preset that plays begins: knobs that stand elsewhere are marked."""
        try:
            answer = await self._mirror.ask("own")
        except ChanterelleError:
            return  # it will have come back with its table
        own = answer["controls"]
        self._own = {name: own[name] for name in self._controls if name in own}
        self._tell()


def number_of(control: Control, text: str) -> float:
    """What somebody typed: a number with or without its unit, a word of the choices.

    >>> number_of(Control("gain_db", -10, 10, 0, "dB", 0.0, ""), "\N{MINUS SIGN}2,5 dB")
    -2.5

    Raises:
        ControlError: neither, or out of range.
    """
    said = text.strip().replace("\N{MINUS SIGN}", "-")
    if control.choices:
        return control.check(said)
    bare = said.removesuffix(control.unit).strip() if control.unit else said
    return control.check(bare.replace(",", "."))


def label_of(name: str) -> str:
    """A control's name for people, without its unit.

    >>> label_of("input_gain_db"), label_of("a4_hz"), label_of("echo.mix")
    ('Input gain', 'A4', 'Mix')
    """
    if name in LABELS:
        return LABELS[name]
    bare = name.rpartition(".")[2]
    for unit in UNITS:
        bare = bare.removesuffix(unit)
    words = bare.replace("_", " ")
    return words[:1].upper() + words[1:]


def _group_words(group: Group) -> dict[str, Any]:
    rows = [
        {
            "name": name,
            "label": label_of(name),
            "spoken": f"{label_of(name)} of {group.title}" if "." in name else label_of(name),
            "minimum": control.minimum,
            "maximum": control.maximum,
            "default": control.default,
            "unit": control.unit,
            "step": control.step,
            "curve": control.curve,
            "choices": list(control.choices),
            "doc": control.doc,
            "is_note": name.endswith("_note"),
        }
        for name, control in group.controls.items()
    ]
    return {"title": group.title, "controls": rows}
