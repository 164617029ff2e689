"""Numbers on the command line: within a range, or one line says which numbers are."""

import argparse
from collections.abc import Callable


def seconds_between(least: float, most: float) -> Callable[[str], float]:
    """Reads a flag's seconds, both ends allowed."""

    def read(text: str) -> float:
        try:
            seconds = float(text)
        except ValueError:
            seconds = least - 1.0
        if not least <= seconds <= most:
            given = f"{text!r} is not a number of seconds, {least:g}...{most:g}"
            raise argparse.ArgumentTypeError(given)
        return seconds

    return read


def whole_between(least: int, most: int, what: str = "a whole number") -> Callable[[str], int]:
    """Reads a flag's whole number, both ends allowed."""

    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not {what} {least}...{most}")
        return int(text)

    return read
