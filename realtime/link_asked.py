"""What the console asks the engine for: checked, carried out, answered; nothing of it can raise."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from ddsp_core.errors import ChanterelleError
from realtime.desk import Desk
from realtime.link_frames import ANSWER, DO, LONGEST, REQUEST, SET, Frame, LinkError, pack_values

SOURCE = "console"
LONGEST_NAME = 200
SAME_AGAIN_S = 5.0
MOST_SAID, SAID_S = 3, 2.0
"""So many troubles in that time are told; the performer has other things to read."""

Answerer = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Does what a request asks for; its result goes into the answer."""


class Asked:
    """Carries out what the console asks for.

    Args:
        desk: whom it is handed on to.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._answerers: dict[str, Answerer] = {}
        self._turned: dict[str, Any] = {}
        self.troubles = Troubles(desk)

    def answer(self, what: str, answerer: Answerer) -> None:
        """From now on this does what such requests ask for."""
        self._answerers[what] = answerer

    def carry_out(self, frame: Frame) -> bytes:
        """Returns the answer, if there is one. What is turned waits for `settle`, or the next."""
        try:
            asked = frame.values
            if frame.kind == SET:
                self._turned[_name(asked)] = asked["value"]
                return b""
            self.settle()
            if frame.kind == REQUEST:
                return self._answered(asked)
            if frame.kind == DO:
                self._desk.do(_name(asked), _argument(asked), SOURCE)
            else:
                raise LinkError("link", "a message of no kind that is known", "", "")
        except Exception as error:
            self.troubles.tell(error)
        return b""

    def settle(self) -> None:
        """Turns each control to where it was turned last."""
        turned, self._turned = self._turned, {}
        for name, value in turned.items():
            try:
                self._desk.set(name, value, SOURCE)
            except Exception as error:
                self.troubles.tell(error)

    def _answered(self, asked: Mapping[str, Any]) -> bytes:
        number, what = int(asked["number"]), _name(asked, "what")
        try:
            if what not in self._answerers:
                raise LinkError(what, "nobody here can do it", "", "")
            answer = {**self._answerers[what](asked), "number": number, "error": ""}
            packed = pack_values(ANSWER, answer)
            if len(packed) <= LONGEST:
                return packed
            raise LinkError(what, "the answer is too long", f"{LONGEST} bytes", "")
        except Exception as error:
            return pack_values(ANSWER, {"number": number, "error": in_words(error)})


class Troubles:
    """Tells the performer what is wrong, but the same thing seldom, and never too much.

    Args:
        desk: by which they are told.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._last_text, self._last_s = "", 0.0
        self._said: deque[float] = deque(maxlen=MOST_SAID)

    def tell(self, error: Exception) -> None:
        """From the link's thread; never raises."""
        now_s = time.monotonic()
        if len(self._said) == MOST_SAID and now_s - self._said[0] < SAID_S:
            return
        text = in_words(error)
        if text == self._last_text and now_s - self._last_s < SAME_AGAIN_S:
            return
        self._last_text, self._last_s = text, now_s
        self._said.append(now_s)
        self._desk.say(text, SOURCE)


def in_words(error: Exception) -> str:
    """As a person reads it."""
    if isinstance(error, ChanterelleError):
        return str(error)
    return str(ChanterelleError("console", f"{type(error).__name__}: {error}"[:LONGEST_NAME], ""))


def _name(asked: Any, key: str = "name") -> str:
    name = asked.get(key) if isinstance(asked, dict) else None
    if not isinstance(name, str) or len(name) > LONGEST_NAME:
        raise LinkError("link", f"a message without {key}", "", "")
    return name


def _argument(asked: Mapping[str, Any]) -> float | str | None:
    value = asked.get("value")
    if value is None or isinstance(value, int | float | str):
        return value
    raise LinkError("link", f"a value that is a {type(value).__name__}", "a number or a text", "")
