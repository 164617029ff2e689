"""What the console knows of the engine: tables, states, changes; and what it asks of it.

All of it lives in the server's one event loop, so that nothing here locks.
"""

import asyncio
import contextlib
import itertools
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ddsp_core.errors import ChanterelleError, StreamError
from realtime.desk import Change
from realtime.link_live import LiveFrame
from realtime.link_table import PresetRow, Table

TRAIL_S = 10.0
FRAMES_A_S = 30
ANSWER_LIMIT_S = 10.0
JUST_NOW_S = 1.0
SOURCE = "console"

Stop = Callable[[], None]


class Engine(Protocol):
    """Where the console's wishes go."""

    def send_set(self, name: str, value: float) -> None:
        """Turns a control; the last of several wins."""

    def send_do(self, name: str, value: float | str | None) -> None:
        """Carries out a command."""

    def send_request(self, number: int, what: str, details: Mapping[str, Any]) -> None:
        """Asks for something that is answered."""


class Mirror:
    """The console's copy of a performance."""

    def __init__(self) -> None:
        self.is_connected = False
        self.table: Table | None = None
        self.values: dict[str, float] = {}
        """Of every control, those of the preset's effects (`echo.mix`) among them."""
        self.state: Mapping[str, Any] = {}
        """Of `live_view_state.ViewState`, with preset_number, effects_out."""
        self.live = LiveFrame()
        self.trail: deque[LiveFrame] = deque(maxlen=round(TRAIL_S * FRAMES_A_S))
        """The last ten seconds, without harmonics and bands."""
        self._turned_s = 0.0
        self._engine: Engine | None = None
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Mapping[str, Any]]] = {}
        self._on_change: list[Callable[[Change], None]] = []
        self._on_state: list[Callable[[], None]] = []
        self._on_live: list[Callable[[LiveFrame], None]] = []
        self._on_table: list[Callable[[], None]] = []

    # What pages ask

    @property
    def preset(self) -> PresetRow | None:
        """That plays; None before anything is known."""
        if self.table is None:
            return None
        return self.table.presets[int(self.state.get("preset_number", 0))]

    def turn(self, name: str, value: float) -> None:
        """Turns a control; all pages follow at once."""
        self.values[name], self._turned_s = value, time.monotonic()
        _tell(self._on_change, Change("control", name, value, SOURCE))
        if self._engine:
            self._engine.send_set(name, value)

    def do(self, command: str, value: float | str | None = None) -> None:
        """Carries out a command of the table of commands."""
        if self._engine:
            self._engine.send_do(command, value)

    async def ask(self, what: str, **details: Any) -> Mapping[str, Any]:
        """The engine's answer to a request.

        Raises:
            ChanterelleError: it says no, or nothing.
        """
        if self._engine is None:
            raise StreamError("console", "the instrument is away", "", "wait until it is back")
        number = next(self._numbers)
        future: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[number] = future
        try:
            self._engine.send_request(number, what, details)
            answer = await asyncio.wait_for(future, ANSWER_LIMIT_S)
        except TimeoutError:
            raise StreamError("console", "the instrument does not answer", "", "") from None
        finally:
            self._answers.pop(number, None)
        if answer["error"]:
            raise ChanterelleError(str(answer["error"]), "", "", "")
        return answer

    def listen(
        self,
        on_change: Callable[[Change], None] | None = None,
        on_state: Callable[[], None] | None = None,
        on_live: Callable[[LiveFrame], None] | None = None,
        on_table: Callable[[], None] | None = None,
    ) -> Stop:
        """From now on they are called; until the function that is returned is.

        Args:
            on_change: with every change of the desk, by whichever hand.
            on_state: when something of it has changed, and once a second; when the engine comes or
                goes.
            on_live: thirty times a second.
            on_table: when the engine has come (back), maybe with other presets; its state follows.
        """
        wanted: list[tuple[list[Any], Any]] = [
            (self._on_change, on_change),
            (self._on_state, on_state),
            (self._on_live, on_live),
            (self._on_table, on_table),
        ]
        for listeners, listener in wanted:
            if listener is not None:
                listeners.append(listener)

        def stop() -> None:
            for listeners, listener in wanted:
                with contextlib.suppress(ValueError):
                    listeners.remove(listener)

        return stop

    # What the engine's link tells

    def connect(self, engine: Engine) -> None:
        """The engine is there."""
        self._engine, self.is_connected = engine, True

    def disconnect(self) -> None:
        """It is gone; what was known of it stays."""
        self._engine, self.is_connected = None, False
        for future in self._answers.values():
            if not future.done():
                future.set_result({"error": "the instrument has gone"})
        _tell(self._on_state)

    def take_table(self, values: Any) -> None:
        """What stays."""
        self.table = Table.model_validate(values)
        self.values = {}
        _tell(self._on_table)

    def take_state(self, values: Any) -> None:
        """What a view shows."""
        controls = values.pop("controls", None)  # now and then
        self.state = values
        if controls is not None:
            self._take_controls(controls)
        _tell(self._on_state)

    def _take_controls(self, controls: Mapping[str, float]) -> None:
        """What a hand on a page has turned just now is on its way, and newer."""
        if set(controls) != set(self.values):
            self.values = dict(controls)
        elif time.monotonic() - self._turned_s > JUST_NOW_S:
            for name, value in controls.items():
                if self.values[name] != value:
                    self.values[name] = value
                    _tell(self._on_change, Change("control", name, value, "engine"))

    def take_changes(self, values: Any) -> None:
        """What was turned or done."""
        for what, name, value, source in values:
            change = Change(what, name, value, source)
            if what == "control":
                if source == SOURCE:  # the pages have moved on since
                    continue
                self.values[name] = value
            _tell(self._on_change, change)

    def take_live(self, frame: LiveFrame) -> None:
        """What moves fast."""
        self.live = frame
        self.trail.append(frame._replace(harmonics=b"", bands=b""))
        _tell(self._on_live, frame)

    def take_answer(self, values: Any) -> None:
        """To a request."""
        future = self._answers.get(values["number"])
        if future is not None and not future.done():
            future.set_result(values)


def _tell(listeners: Sequence[Callable[..., None]], *what: object) -> None:
    """One that fails keeps nobody else from hearing it; one taken away by another hears no more."""
    for listener in tuple(listeners):
        if listener not in listeners:
            continue
        with contextlib.suppress(Exception):
            listener(*what)
