"""What the engine tells its console, and when: changes at once, the rest as seldom as will do.

All of it is made in the process that plays, and so is little: what moves fast is packed thirty
times a second; what a view shows is told when it has changed, and once a second.
"""

import math
import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from realtime.desk import Change
from realtime.link_frames import CHANGES, LIVE, STATE, TABLE, pack, pack_values

EVERY_S = 1.0 / 30.0
LOOK_EVERY_S = 0.2
"""At what a view shows."""

LOOK_SOON_S = 0.05
"""After a command has changed it."""

STATE_EVERY_S = 1.0
"""Even if all that changes is what always does."""

CONTROLS_EVERY_S = 2.0
"""All values: should the console have missed or imagined one, it sees so then."""

SOON_S = 0.01
"""After changes were told, the next ones are, with all that come in between."""

MOST_PENDING = 1000
MOVING = frozenset(
    [
        *("input_peak_db", "output_peak_db", "loudness_db", "f0_hz", "is_singing", "recording_s"),
        *("load_mean", "load_p99", "load_max", "disk_free_s", "midi_age_s", "message_age_s"),
    ]
)
"""What of a view's state always changes, and is known from the live frames or can wait."""


class Sources(NamedTuple):
    """Where it comes from; called in the link's thread."""

    table: Callable[[], bytes]
    """What stays, as JSON."""
    state: Callable[[], Mapping[str, Any]]
    """What a view shows, as JSON's values."""
    controls: Callable[[], Mapping[str, float]]
    """Where all controls stand."""
    live: Callable[[], bytes]
    """What moves fast, packed."""


class News:
    """Of one performance, for one console at a time.

    Args:
        sources: where they come from.
        trouble: is told of a source that fails; the rest is told without it.
    """

    def __init__(self, sources: Sources, trouble: Callable[[Exception], None]) -> None:
        self._sources, self._trouble = sources, trouble
        self._lock = threading.Lock()  # never held while anybody else's code runs
        self._pending: dict[tuple[str, str], Change] = {}
        self._changes_s = math.inf
        self._told_s = self._live_s = self._looked_s = self._look_s = self._state_s = (
            self._controls_s
        ) = 0.0
        self._shown: Mapping[str, Any] = {}
        self._names: list[str] = []

    def begin(self, now_s: float) -> bytes:
        """For a console that knows nothing yet."""
        with self._lock:
            self._pending, self._changes_s = {}, math.inf
        self._controls_s = self._state_s = 0.0
        self._live_s, self._look_s = now_s + EVERY_S, now_s + LOOK_EVERY_S
        return pack(TABLE, self._sources.table()) + self._state(now_s)

    def note(self, change: Change, now_s: float) -> bool:
        """A change, from any thread; whether the console has to be told earlier than it was.

        Of several changes of the same thing the last one is told.
        """
        with self._lock:
            is_first = not self._pending
            if is_first:
                self._changes_s = max(now_s, self._told_s + SOON_S)
            if len(self._pending) < MOST_PENDING:
                key = (change.what, change.name)
                self._pending.pop(key, None)
                self._pending[key] = change
        if change.what not in {"control", "message"}:
            self._look_s = min(self._look_s, self._looked_s + LOOK_SOON_S)
            self._state_s = 0.0
        return is_first

    def due_in_s(self, now_s: float, is_behind: bool) -> float:
        """Until something is to be told."""
        due_s = self._live_s if is_behind else min(self._live_s, self._changes_s)
        return max(due_s - now_s, 0.0)

    def next(self, now_s: float, is_behind: bool) -> bytes:
        """What is to be told now.

        Args:
            now_s: time.monotonic().
            is_behind: the console has not read what it was told before; changes wait for it, what
                moves fast does not.
        """
        is_tick = now_s >= self._live_s
        if is_tick:
            self._live_s = now_s + EVERY_S
        if is_behind:
            return b""
        news = self._changes(now_s) if now_s >= self._changes_s else b""
        if is_tick:
            news += self._safely(lambda: pack(LIVE, self._sources.live()))
        if now_s >= self._look_s:
            self._look_s, self._looked_s = now_s + LOOK_EVERY_S, now_s
            news += self._safely(lambda: self._state(now_s))
        return news

    def _safely(self, tell: Callable[[], bytes]) -> bytes:
        try:
            return tell()
        except Exception as error:
            self._trouble(error)
            return b""

    def _changes(self, now_s: float) -> bytes:
        with self._lock:
            pending, self._pending = self._pending, {}
            self._changes_s, self._told_s = math.inf, now_s
        return pack_values(CHANGES, list(pending.values()))

    def _state(self, now_s: float) -> bytes:
        """Of what a view shows, if it has changed or it is time."""
        state = self._sources.state()
        shown = {name: value for name, value in state.items() if name not in MOVING}
        controls = self._sources.controls()
        names = list(controls)
        are_controls_due = now_s >= self._controls_s or names != self._names
        if not are_controls_due and now_s < self._state_s and shown == self._shown:
            return b""
        self._shown, self._state_s = shown, now_s + STATE_EVERY_S
        if are_controls_due:
            self._names, self._controls_s = names, now_s + CONTROLS_EVERY_S
            state = {**state, "controls": dict(controls)}
        return pack_values(STATE, state)
