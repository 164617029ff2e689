"""The terminal while keys are commands: each arrives at once and unechoed, and all is put back.

Put back when the performance ends, however it does: an error, a signal, Ctrl-Z (and taken again
when it goes on). Only a killed process leaves the terminal as it was; `Terminal.restore` is for
the process that started it.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

try:
    import termios
except ImportError:  # Windows has no such terminals
    termios = None  # type: ignore[assignment]

FATAL = ("SIGTERM", "SIGHUP", "SIGQUIT")
"""Each would end the process at once if nobody had said otherwise."""

PLAIN_SCREEN = "\x1b[?7h\x1b[?25h\x1b[0m\x1b[?1049l"
"""Lines wrapped, the cursor shown, no colours, back from the screen of a stage view."""


def is_terminal(fd: int) -> bool:
    """Whether keys can be read there one by one."""
    try:
        return termios is not None and os.isatty(fd)
    except OSError:
        return False


def is_in_front(fd: int) -> bool:
    """Whether this terminal is ours now: a job in the background would be stopped for reading."""
    try:
        return os.tcgetpgrp(fd) == os.getpgrp()
    except OSError:
        return False


class Terminal:
    """Settings of a terminal, kept, and put back.

    Args:
        fd: of a terminal; anything else is left alone.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._before: list[Any] | None = None
        if is_terminal(fd):
            with contextlib.suppress(termios.error):
                self._before = termios.tcgetattr(fd)

    def take(self) -> None:
        """Keys come one by one, without an echo; Ctrl-C and Ctrl-Z remain, Ctrl-S does nothing."""
        if self._before is None or not is_in_front(self._fd):
            return
        input_flags, output_flags, control, local, *speeds, characters = self._before
        input_flags &= ~termios.IXON
        local &= ~(termios.ICANON | termios.ECHO | termios.IEXTEN)
        characters = list(characters)
        characters[termios.VMIN], characters[termios.VTIME] = 1, 0
        self._set([input_flags, output_flags, control, local, *speeds, characters])

    @property
    def is_taken(self) -> bool:
        """Whether somebody has changed it and not put it back."""
        try:
            return self._before is not None and termios.tcgetattr(self._fd) != self._before
        except termios.error:
            return False

    def restore(self) -> None:
        """As it was; keys that nobody has read are forgotten."""
        if self._before is not None and is_in_front(self._fd):
            self._set(self._before)

    def _set(self, settings: list[Any]) -> None:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(self._fd, termios.TCSANOW, settings)  # waits for no stuck output
            termios.tcflush(self._fd, termios.TCIFLUSH)


class TerminalKept:
    """For the parent of a process that may be killed: what it leaves behind is put right.

    Args:
        fd: the terminal's input.
        screen_fd: its output.
    """

    def __init__(self, fd: int = 0, screen_fd: int = 1) -> None:
        self._terminal, self._screen_fd = Terminal(fd), screen_fd

    def restore(self) -> None:
        """As it was, if it is not: a screen that is left twice loses the cursor's place."""
        if not self._terminal.is_taken:
            return
        self._terminal.restore()
        if is_terminal(self._screen_fd) and is_in_front(self._screen_fd):
            with contextlib.suppress(OSError):
                os.write(self._screen_fd, PLAIN_SCREEN.encode())


@contextlib.contextmanager
def left_in_order(leave: Callable[[], None], resume: Callable[[], None]) -> Iterator[None]:
    """Calls `leave` before the process stops (Ctrl-Z) or is ended by a signal, and at the end.

    `resume` is called at the start, and when the process goes on. May be nested: the inner one
    leaves first and resumes last. Signals that others handle are left to them, and all are where
    this is not the main thread.
    """
    handlers: list[_Handler] = []
    if threading.current_thread() is threading.main_thread():
        wanted = [_Handler(name, leave, resume) for name in (*FATAL, "SIGTSTP", "SIGCONT")]
        handlers = [handler for handler in wanted if handler.install()]
    try:
        resume()
        yield
    finally:
        for handler in reversed(handlers):
            handler.remove()
        leave()


class _Handler:
    """Of one signal: what it does first, and then what was done before."""

    def __init__(self, name: str, leave: Callable[[], None], resume: Callable[[], None]) -> None:
        self._name, self._leave, self._resume = name, leave, resume
        self._number = getattr(signal, name, None)
        self._before: Any = None

    def install(self) -> bool:
        """Whether it has: one that would end the process belongs to whoever cared first."""
        if self._number is None:
            return False
        before = signal.getsignal(self._number)
        if self._name in FATAL and not (before is signal.SIG_DFL or isinstance(before, _Handler)):
            return False
        self._before = signal.signal(self._number, self)
        return True

    def remove(self) -> None:
        if self._number is not None:
            signal.signal(self._number, self._before)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self._name != "SIGCONT":
            self._leave()
        if callable(self._before):
            self._before(number, frame)
        elif self._before is signal.SIG_DFL and self._name != "SIGCONT":
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)  # ends here; Ctrl-Z: stands still here
            signal.signal(number, self)
        self._resume()
