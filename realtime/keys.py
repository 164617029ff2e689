"""Keys of the terminal as commands and knobs, each as soon as it is pressed.

A thread of its own waits for them and for nothing else: without a key it costs nothing. Where
standard input is no terminal, there are no keys.
"""

import contextlib
import math
import os
import select
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Self, TextIO

from ddsp_core.errors import ChanterelleError
from realtime.controls import Control
from realtime.desk import Desk
from realtime.keys_table import BY_NAME, names_of
from realtime.keys_terminal import Terminal, is_in_front, is_terminal, left_in_order
from realtime.live_view_state import Turned

HAND = "keys"
N_TURNS = 50
"""From one end of a control to the other."""

SURE_WITHIN_S = 3.0
REST_OF_KEY_S = 0.03
"""The bytes of one key come together; Escape alone comes alone."""

IN_BACKGROUND_S = 0.2


class Keys:
    """Hands what is typed to the desk; a context manager.

    Args:
        desk: carries it out.
        end: ends the performance.
        is_recording: whether ending it would end a take.
        stream: the terminal; standard input if not given.
    """

    def __init__(
        self,
        desk: Desk,
        end: Callable[[], object] = lambda: None,
        is_recording: Callable[[], bool] = lambda: False,
        stream: TextIO | None = None,
    ) -> None:
        self._desk, self._end, self._is_recording = desk, end, is_recording
        self._stream = stream
        self._last_s: dict[str, float] = {}
        self._asked_to_end_s = -SURE_WITHIN_S
        self._selected = ""
        self.shows_help = False
        self._own: dict[str, Callable[[], None]] = {
            "select_next": lambda: self._select(+1),
            "select_previous": lambda: self._select(-1),
            "turn_up": lambda: self._turn(+1),
            "turn_down": lambda: self._turn(-1),
            "turn_back": lambda: self._turn(0),
            "learn_selected": self._learn,
            "help": self._help,
            "quit": self._quit,
        }
        self._tidy = contextlib.ExitStack()

    @property
    def selected(self) -> Turned | None:
        """The control that + and - turn, where it stands now."""
        name = self._selected
        value = self._desk.instrument.control_values.get(name)
        if value is None:
            return None
        return Turned(name, self._desk.instrument.find_control(name), value)

    def __enter__(self) -> Self:
        fd = _descriptor(self._stream or sys.stdin)
        if fd is not None:
            terminal = Terminal(fd)
            self._tidy.enter_context(left_in_order(terminal.restore, terminal.take))
            ended, end = os.pipe()
            thread = threading.Thread(target=self._listen, args=(fd, ended), name="keys")
            thread.daemon = True  # a terminal that hangs holds up nobody's leaving
            thread.start()
            self._tidy.callback(_end_thread, thread, ended, end)
        return self

    def __exit__(self, *_: object) -> None:
        self._tidy.close()

    def press(self, name: str, now_s: float | None = None) -> None:
        """What happens when this key is pressed; whatever goes wrong becomes a message."""
        key = BY_NAME.get(name)
        now_s = time.monotonic() if now_s is None else now_s
        if key is None or self._is_held(name, key.rest_s, now_s):
            return
        try:
            if key.action in self._own:
                self._own[key.action]()
            else:
                self._desk.do(key.action, name if key.action == "preset" else None, HAND)
        except ChanterelleError as error:
            self._desk.say(str(error), HAND)
        except Exception as error:  # a key must never end the keys
            self._desk.say(f"{name}: {type(error).__name__}: {error}", HAND)

    def _is_held(self, name: str, rest_s: float, now_s: float) -> bool:
        before_s = self._last_s.get(name, -math.inf)
        self._last_s[name] = now_s
        return now_s - before_s < rest_s

    def _listen(self, fd: int, ended: int) -> None:
        while True:
            readable, _, _ = select.select([fd, ended], [], [])
            if ended in readable:
                return
            if not is_in_front(fd):  # what is typed now is meant for another program
                if select.select([ended], [], [], IN_BACKGROUND_S)[0]:
                    return
                continue
            typed = _read(fd)
            if not typed:
                return
            for name in names_of(typed):
                self.press(name)

    def _select(self, by: int) -> None:
        names = list(self._desk.instrument.control_values)
        first = -1 if by > 0 else 0
        place = names.index(self._selected) if self._selected in names else first
        self._selected = names[(place + by) % len(names)]

    def _turn(self, by: int) -> None:
        turned = self.selected
        if turned is None:
            self._desk.say("Tab chooses a control to turn", HAND)
        else:
            value = next_value(turned.control, turned.value, by)
            self._desk.set(turned.name, value, HAND)

    def _learn(self) -> None:
        if self.selected is None:
            self._desk.say("Tab chooses a control to learn", HAND)
        else:
            self._desk.do("learn", self._selected, HAND)

    def _help(self) -> None:
        self.shows_help = not self.shows_help

    def _quit(self) -> None:
        now_s = time.monotonic()
        is_sure = now_s - self._asked_to_end_s < SURE_WITHIN_S
        self._asked_to_end_s = now_s
        if is_sure or not self._is_recording():
            self._end()
        else:
            self._desk.say("a take is being recorded: q again ends it and leaves", HAND)


def next_value(control: Control, value: float, by: int) -> float:
    """One turn further (`by` is 1 or -1), within the range; 0: the default.

    >>> next_value(Control("gain_db", -24, 36, 0, "dB", 0.02, ""), 0.0, 1)
    1.0
    """
    if by == 0:
        return float(control.default)
    if control.curve == "log":
        turned = float(value * (control.maximum / control.minimum) ** (by / N_TURNS))
    else:
        step = control.step or round_step((control.maximum - control.minimum) / N_TURNS)
        turned = (round(value / step) + by) * step
    return min(max(turned, float(control.minimum)), float(control.maximum))


def round_step(step: float) -> float:
    """The nearest of 1, 2 and 5 times a power of ten, not above it.

    >>> round_step(1.2), round_step(0.02), round_step(0.0009)
    (1.0, 0.02, 0.0005)
    """
    digits = f"{step:.6e}"
    power = int(digits[digits.index("e") + 1 :])
    lead = max(n for n in (1, 2, 5) if n <= float(digits[:1]))
    return float(f"{lead}e{power}")


def _descriptor(stream: TextIO | Any) -> int | None:
    """Of a terminal that keys can be read from, or None."""
    try:
        fd = int(stream.fileno())
    except (AttributeError, OSError, ValueError):
        return None
    return fd if is_terminal(fd) else None


def _read(fd: int) -> bytes:
    """What was typed; empty when the terminal is gone."""
    try:
        typed = os.read(fd, 256)
        is_begun = typed.endswith((b"\x1b", b"\x1b[", b"\x1bO"))
        if is_begun and select.select([fd], [], [], REST_OF_KEY_S)[0]:
            typed += os.read(fd, 256)
    except OSError:
        return b""
    return typed


def _end_thread(thread: threading.Thread, ended: int, end: int) -> None:
    os.write(end, b"!")
    thread.join(timeout=1.0)
    os.close(end)
    if not thread.is_alive():
        os.close(ended)
