"""The stage view: a terminal that can be read from two metres away, drawn ten times a second.

Drawn from the thread that watches the card, and never waits for the terminal. Where there is no
terminal there is no view.
"""

import contextlib
import io
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self

from realtime.keys_terminal import left_in_order
from realtime.live_view_held import Holding
from realtime.live_view_state import ViewState
from realtime.session_partners import Status

if TYPE_CHECKING:
    from rich.color import ColorSystem
    from rich.text import Text

    from realtime.live_view_screen import Screen

MOST_KEPT = 200
"""Pieces of what others print meanwhile."""


class LiveView:
    """Has the terminal's screen from `__enter__` to `__exit__`; a session's `View`.

    What others print meanwhile is kept, and printed at the end.

    Args:
        read: everything to show, beside what the session says of itself.
        stream: the terminal; standard output if not given.
    """

    def __init__(self, read: Callable[[Status], ViewState], stream: Any = None) -> None:
        self._read = read
        self._stream = stream or sys.stdout
        self._screen: Screen | None = None
        self._holding = Holding()
        self._tidy = contextlib.ExitStack()

    def __enter__(self) -> Self:
        from realtime.live_view_screen import Screen, can_show, colours_of, has_unicode

        if can_show(self._stream):
            self._stream.flush()
            colours = colours_of(os.environ)
            screen = Screen(self._stream.fileno(), colours, has_unicode(self._stream))
            self._tidy.enter_context(_kept_words())
            self._tidy.callback(screen.close)
            self._tidy.enter_context(left_in_order(screen.leave, screen.enter))
            _rehearse(colours)
            self._screen = screen
        return self

    def __exit__(self, *_: object) -> None:
        self._screen = None
        self._tidy.close()

    def show(self, status: Status) -> None:
        """Draws what has changed; raises OSError when the terminal is gone."""
        if self._screen is not None:
            self._screen.draw(self._lines(status, *self._screen.size))

    def _lines(self, status: Status, columns: int, rows: int) -> "list[Text]":
        from rich.text import Text

        from realtime.live_view_lines import view_lines

        try:
            state = self._read(status)
            held = self._holding.look(state, time.monotonic())
            return view_lines(state, columns, held, rows)
        except Exception as error:  # whoever watches the card goes on without a picture
            return [Text(f" nothing to see: {type(error).__name__}: {error}"[:columns])]


def _rehearse(colours: "ColorSystem | None") -> None:
    """Loads and prepares what drawing needs: while it plays, the first look takes no longer."""
    from realtime.live_view_lines import view_lines
    from realtime.live_view_screen import encoded

    words = "a text of several words"
    for state in (
        ViewState(preset="A", note=words, problems=(words,), message=words, message_age_s=1.0),
        ViewState(preset="A", f0_hz=440.0, is_singing=True, recording_s=1.0, shows_help=True),
    ):
        for line in view_lines(state, 80):
            encoded(line, colours)


class _Words(io.TextIOBase):
    """Takes what is printed, the last of it."""

    def __init__(self) -> None:
        self.kept: deque[str] = deque(maxlen=MOST_KEPT)

    def write(self, text: str) -> int:
        self.kept.append(text)
        return len(text)


@contextlib.contextmanager
def _kept_words() -> Iterator[None]:
    """While inside, nothing is printed over the view; afterwards it is."""
    out, err = _Words(), _Words()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            yield
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.write("".join(out.kept))
            sys.stdout.flush()
            sys.stderr.write("".join(err.kept))
            sys.stderr.flush()
