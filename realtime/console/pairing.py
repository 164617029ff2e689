"""The code that lets another device in: six digits, shown on the laptop, typed on the phone.

Guessing it: a code lasts five minutes or until it is used; an address that has been wrong five
times waits five minutes, and the code is another one; all addresses together have ten guesses a
minute. An hour of guessing without pause succeeds in one of 1,600 cases, and shows on the laptop.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from realtime.console.rates import Bucket

DIGITS = 6
LASTS_S = 300.0
TRIES = 5
BLOCKED_S = 300.0
GUESSES_A_MINUTE = 10
MOST_ADDRESSES = 256


@dataclass
class _Guesser:
    n_wrong: int = 0
    until_s: float = 0.0
    """No guesses before; then it begins anew."""


class Pairing:
    """The code, and who has guessed how often.

    Args:
        now: the time in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._code, self._made_s = "", -LASTS_S
        self._guesses = Bucket(GUESSES_A_MINUTE / 60.0, GUESSES_A_MINUTE, now)
        self._guessers: dict[str, _Guesser] = {}
        self._on_asked: list[Callable[[str], None]] = []
        self._told = ""
        self.n_wrong = 0
        """Since the console began."""

    @property
    def code(self) -> str:
        """The one that is right now."""
        if self._now() - self._made_s >= LASTS_S:
            self._renew()
        return self._code

    @property
    def lasts_s(self) -> float:
        """How long it still is."""
        return max(self._made_s + LASTS_S - self._now(), 0.0)

    def wait_s(self, ip: str) -> float:
        """How long that address has to wait before it may guess."""
        guesser = self._guessers.get(ip)
        blocked_s = guesser.until_s - self._now() if guesser else 0.0
        return max(blocked_s, 0.0)

    def is_right(self, given: str, ip: str) -> bool:
        """Whether that is the code; if so there is a new one. Counts as a guess of that address."""
        if self.wait_s(ip) > 0.0 or not self._guesses.take():
            return False
        digits = "".join(character for character in given[:32] if character in "0123456789")
        if secrets.compare_digest(digits, self.code):
            self._guessers.pop(ip, None)
            self._renew()
            return True
        self._count_wrong(ip)
        return False

    @property
    def is_exhausted(self) -> bool:
        """Whether nobody may guess for some seconds."""
        return self._guesses.wait_s > 0.0

    def on_asked(self, listener: Callable[[str], None]) -> None:
        """It hears, once a code, the address of a device that wants to come in."""
        self._on_asked.append(listener)

    def ask(self, ip: str) -> None:
        """A device shows the page where the code is typed."""
        if self.code != self._told:
            self._told = self.code
            for listener in self._on_asked:
                listener(ip)

    def _count_wrong(self, ip: str) -> None:
        self.n_wrong += 1
        guesser = self._guessers.setdefault(ip, _Guesser())
        guesser.n_wrong += 1
        if guesser.n_wrong >= TRIES:
            guesser.n_wrong, guesser.until_s = 0, self._now() + BLOCKED_S
            self._renew()
        while len(self._guessers) > MOST_ADDRESSES:
            del self._guessers[next(iter(self._guessers))]

    def _renew(self) -> None:
        self._code, self._made_s = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}", self._now()
