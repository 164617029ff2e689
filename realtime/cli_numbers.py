"""Numbers on the command line: within a range, or one line says which numbers are."""

import argparse
import math
from collections.abc import Callable


def seconds_between(least: float, most: float) -> Callable[[str], float]:
    """Reads a flag's seconds, both ends allowed."""
    return number_between(least, most, "a number of seconds")


def number_between(least: float, most: float, what: str = "a number") -> Callable[[str], float]:
    """Reads a flag's number, both ends allowed."""

    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not {what}, {least:g}...{most:g}")
        return number

    return read


def whole_between(least: int, most: int, what: str = "a whole number") -> Callable[[str], int]:
    """Reads a flag's whole number, both ends allowed."""

    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not {what} {least}...{most}")
        return int(text)

    return read
