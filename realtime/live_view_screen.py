"""A terminal's screen that is drawn line by line: only what has changed is sent.

The terminal is opened once more for it, in a mode in which writing never waits: one that has
stopped taking anything (a frozen connection) shall not hold up whoever draws.
"""

import contextlib
import functools
import os
import sys
from collections.abc import Sequence
from typing import Any

from rich.color import ColorSystem
from rich.style import Style
from rich.text import Text

from realtime.keys_terminal import PLAIN_SCREEN, is_in_front
from realtime.live_view_bars import ASCII

OWN_SCREEN = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"
"""A second screen, the cursor hidden, no wrapping; `PLAIN_SCREEN` takes it all back."""

DRAW_AGAIN_LOOKS = 50
"""Every so many drawings all is sent, in case another program wrote to the terminal as well."""

SMALLEST = (80, 24)


class Screen:
    """Lines at the top of a terminal.

    Args:
        fd: of the terminal.
        colours: as `colours_of` says.
        has_unicode: whether it knows more signs than ASCII's.
    """

    def __init__(self, fd: int, colours: ColorSystem | None, has_unicode: bool = True) -> None:
        self._fd, self._colours, self._has_unicode = fd, colours, has_unicode
        self._own = _open_again(fd)
        self._shown: list[str] = []
        self._size = (0, 0)
        self._n_drawn = 0
        self._left = b""

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows, now."""
        try:
            columns, rows = os.get_terminal_size(self._fd)
        except OSError:
            return SMALLEST
        return (columns, rows) if columns and rows else SMALLEST

    @property
    def is_ours(self) -> bool:
        """Not while another job has the terminal."""
        return is_in_front(self._fd)

    def enter(self) -> None:
        """Takes the screen; all is drawn anew."""
        if self.is_ours:
            self._size, self._left = (0, 0), b""
            self._write(OWN_SCREEN.encode())

    def leave(self) -> None:
        """Gives it back, with what it showed before."""
        if self.is_ours:
            self._left = b""
            with contextlib.suppress(OSError):
                self._write(PLAIN_SCREEN.encode())

    def close(self) -> None:
        """After `leave`."""
        os.close(self._own)

    def draw(self, lines: Sequence[Text]) -> None:
        """Shows these lines; raises OSError where the terminal is gone."""
        if self._left or not self.is_ours:
            self._write(b"")
            return
        size = self.size
        self._n_drawn += 1
        head = ""
        if size != self._size:
            self._size, self._shown, head = size, [], "\x1b[2J"
        elif self._n_drawn % DRAW_AGAIN_LOOKS == 0:
            self._shown = []
        now = [self._encoded(line) for line in lines[: size[1]]]
        self._write((head + changes(self._shown, now)).encode(errors="replace"))
        self._shown = now

    def _encoded(self, line: Text) -> str:
        text = encoded(line, self._colours)
        return (
            text if self._has_unicode else text.translate(ASCII).encode("ascii", "replace").decode()
        )

    def _write(self, data: bytes) -> None:
        """As much as the terminal takes; the rest before anything else the next time."""
        self._left += data
        with contextlib.suppress(BlockingIOError):
            while self._left:
                self._left = self._left[os.write(self._own, self._left) :]


def changes(before: Sequence[str], now: Sequence[str]) -> str:
    """What makes a screen of `before` one of `now`.

    >>> changes(["a", "b", "c"], ["a", "x"]).replace("\\x1b", "ESC")
    'ESC[2;1HxESC[KESC[3;1HESC[J'
    """
    parts = [
        f"\x1b[{place + 1};1H{line}\x1b[K"
        for place, line in enumerate(now)
        if place >= len(before) or before[place] != line
    ]
    if len(before) > len(now):
        parts.append(f"\x1b[{len(now) + 1};1H\x1b[J")
    return "".join(parts)


def encoded(line: Text, colours: ColorSystem | None) -> str:
    """A line with its styles, none of which overlap, as a terminal wants them."""
    plain, parts, place = line.plain, [], 0
    for start, end, style in line.spans:
        parts += [dressed(plain[place:start], str(line.style), colours)]
        parts += [dressed(plain[start:end], str(style), colours)]
        place = end
    return "".join([*parts, dressed(plain[place:], str(line.style), colours)])


def dressed(text: str, style: str, colours: ColorSystem | None) -> str:
    """Text between the codes of its style."""
    if not text or not style:
        return text
    before, after = codes(style, colours)
    return f"{before}{text}{after}"


@functools.lru_cache(maxsize=256)
def codes(style: str, colours: ColorSystem | None) -> tuple[str, str]:
    """What stands before and after text of a style; without colours only bold and the like."""
    parsed = Style.parse(style)
    if colours is None:
        parsed = parsed.without_color
    before, _, after = parsed.render("|", color_system=colours or ColorSystem.STANDARD).partition(
        "|"
    )
    return before, after


def colours_of(environment: Any) -> ColorSystem | None:
    """How many colours a terminal has, as its environment says; None: none are wanted.

    >>> colours_of({"TERM": "xterm-256color"}).name, colours_of({"NO_COLOR": "1"})
    ('EIGHT_BIT', None)
    """
    if environment.get("NO_COLOR"):
        return None
    if environment.get("COLORTERM", "").lower() in {"truecolor", "24bit"}:
        return ColorSystem.TRUECOLOR
    many = environment.get("TERM", "").endswith("256color")
    return ColorSystem.EIGHT_BIT if many else ColorSystem.STANDARD


def _open_again(fd: int) -> int:
    """The same terminal, with a mode of its own."""
    try:
        return os.open(os.ttyname(fd), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except (OSError, AttributeError):
        return os.dup(fd)


def can_show(stream: Any) -> bool:
    """Whether a view makes sense there: a terminal that can do more than print."""
    try:
        is_terminal = os.isatty(stream.fileno())
    except (AttributeError, OSError, ValueError):
        return False
    return is_terminal and os.environ.get("TERM", "") not in {"", "dumb", "unknown"}


def has_unicode(stream: Any = None) -> bool:
    """Whether the terminal is said to take more than ASCII."""
    return "utf" in (getattr(stream or sys.stdout, "encoding", "") or "").lower()
