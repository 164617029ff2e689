"""The desk, where every hand meets: MIDI, OSC, keys and console turn controls, give commands.

Whoever wants to know of it listens: OSC's subscribers, knobs that must be picked up, the terminal,
a take. The desk checks, hands on to the host, and tells; nothing of it runs in the audio thread.
"""

import contextlib
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from ddsp_core.errors import ControlError, did_you_mean
from realtime.commands import Command, find_command
from realtime.controls import Control
from realtime.errands import Errands
from realtime.preset import Preset


class Change(NamedTuple):
    """What happened, and by whose hand."""

    what: str
    """"control", "preset", "song", "message", or the name of a command."""
    name: str
    """Of the control or preset or song; else empty."""
    value: float | str
    source: str
    """"midi", "osc", "keys", "console", "preset", ..."""


Listener = Callable[[Change], None]
Doer = Callable[[float | str | None, str], None]
"""Carries a command out: its argument and source."""


class Instrument(Protocol):
    """What a desk asks of the host."""

    @property
    def presets(self) -> Sequence[Preset]:
        """All that are loaded, in the order of the set."""

    @property
    def number(self) -> int:
        """Of the preset that plays, from 0."""

    @property
    def control_values(self) -> Mapping[str, float]:
        """Where every control stands, those of the preset's effects (`delay.mix`) among them."""

    def find_control(self, name: str, where: str = "") -> Control:
        """Of the table, or of an effect of the preset that plays; else raises ControlError."""

    def set_control(self, name: str, value: float) -> None:
        """Turns it; from any thread."""

    def choose(self, number: int) -> None:
        """Plays this preset from the next block on; from any thread."""

    def keep_preset(self) -> None:
        """What is turned now is the preset's own from now on."""

    def bypass(self, on: bool) -> None:
        """The microphone instead of the instrument, aligned."""

    @property
    def is_bypassed(self) -> bool:
        """Whether it is."""

    def bypass_effect(self, name: str) -> bool:
        """In or out with an effect; returns whether it is out now. Raises ControlError."""

    @property
    def effects_out(self) -> Collection[str]:
        """Effects of the preset that plays which are out now."""

    @property
    def effect_order(self) -> Mapping[str, str]:
        """How the sound goes through the effects of each side: "output: hall, echo"."""

    def find_order(self, order: str) -> str:
        """`order` in full; raises ControlError for one that the preset's effects do not fit."""

    def order_effects(self, order: str) -> None:
        """Puts the effects of one side into this order; takes its time. Raises ControlError."""

    def panic(self) -> None:
        """Silence at once."""

    def set_tempo(self, bpm: float) -> None:
        """Beats a minute."""


class Desk:
    """All that can be turned and asked for.

    Args:
        instrument: the host.
    """

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self._lock = threading.RLock()
        self._listeners: list[Listener] = []
        self.errands = Errands(self.say)
        self._doers: dict[str, Doer] = {
            "preset": lambda value, source: self.choose(self._number(value), source),
            "keep_preset": self._keep_preset,
            "bypass": self._bypass,
            "bypass_effect": self._bypass_effect,
            "effect_order": self._effect_order,
            "panic": self._panic,
        }

    def listen(self, listener: Listener) -> None:
        """From now on it is told of every change, in the thread that made it."""
        self._listeners.append(listener)

    def provide(self, command: str, doer: Doer) -> None:
        """Somebody else carries this command out: the set list, the recorder, the clock."""
        self._doers[find_command(command).name] = doer

    def tell(self, change: Change) -> None:
        """Tells all listeners; one that fails keeps nobody else from hearing it."""
        for listener in tuple(self._listeners):
            with contextlib.suppress(Exception):
                listener(change)

    def say(self, text: str, source: str = "") -> None:
        """A message for the performer."""
        self.tell(Change("message", "", text, source))

    def set(self, name: str, value: object, source: str = "") -> float:
        """Turns a control of the table or of an effect; returns its new value.

        Raises:
            ControlError: no such control, or out of its range.
        """
        with self._lock:
            checked = self.instrument.find_control(name, name).check(value, name)
            self.instrument.set_control(name, checked)
        self.tell(Change("control", name, checked, source))
        return checked

    def do(self, name: str, value: float | str | None = None, source: str = "") -> None:
        """Carries out a command.

        Raises:
            ControlError: no such command, an argument that does not fit, or nobody to do it.
        """
        command = find_command(name)
        doer = self._doers.get(name)
        if doer is None:
            raise ControlError(name, "nobody here can do it", "", "see `chanterelle play --help`")
        checked = _check_argument(command, value)
        with self._lock:
            doer(checked, source)

    def choose(self, number: int, source: str = "") -> None:
        """Plays the preset of this place in the set, from 0; beyond its ends the nearest."""
        with self._lock:
            presets = self.instrument.presets
            number = min(max(number, 0), len(presets) - 1)
            self.instrument.choose(number)
            values = dict(self.instrument.control_values)
        self.tell(Change("preset", presets[number].name, float(number), source))
        for name, value in values.items():
            self.tell(Change("control", name, value, "preset"))

    def _number(self, value: float | str | None) -> int:
        names = [preset.name for preset in self.instrument.presets]
        text = str(value)
        if text in names:
            return names.index(text)
        try:
            number = int(float(text))
        except (ValueError, OverflowError):
            number = 0
        if not 1 <= number <= len(names):
            given = f"no preset {value!r} in this set"
            raise ControlError("preset", given, f"1 to {len(names)}", did_you_mean(text, names))
        return number - 1

    def _keep_preset(self, _value: float | str | None, source: str) -> None:
        self.instrument.keep_preset()
        name = self.instrument.presets[self.instrument.number].name
        self.tell(Change("keep_preset", name, 0.0, source))

    def _bypass(self, value: float | str | None, source: str) -> None:
        on = is_on(value, self.instrument.is_bypassed)
        self.instrument.bypass(on)
        self.tell(Change("bypass", "", float(on), source))

    def _bypass_effect(self, value: float | str | None, source: str) -> None:
        is_out = self.instrument.bypass_effect(str(value))
        self.tell(Change("bypass_effect", str(value), float(is_out), source))

    def _effect_order(self, value: float | str | None, source: str) -> None:
        order = self.instrument.find_order(str(value))

        def carry_out() -> None:
            self.instrument.order_effects(order)
            self.tell(Change("effect_order", "", order, source))

        self.errands.run(f"effect_order {order.partition(':')[0]}", carry_out)

    def _panic(self, _value: float | str | None, source: str) -> None:
        self.instrument.panic()
        self.tell(Change("panic", "", 0.0, source))


def is_on(value: float | str | None, is_on_now: bool) -> bool:
    """What a switch becomes: toggled by None, else on from 0.5."""
    return not is_on_now if value is None else float(value) >= 0.5


def _check_argument(command: Command, value: Any) -> float | str | None:
    if command.argument == "":
        return None
    if command.argument == "switch" and value is None:
        return None
    if command.argument == "text":
        if value is None or not str(value):
            raise ControlError(command.name, "nothing", "a name or a number", "")
        return value if isinstance(value, str) else float(value)
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ControlError(command.name, repr(value), "a number", "") from None
    if number != number or abs(number) == float("inf"):
        raise ControlError(command.name, repr(value), "a finite number", "")
    return number
