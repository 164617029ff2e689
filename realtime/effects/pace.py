"""How this program plays: live, where nobody waits, or into a file, where the answers are due.

Only effects that compute elsewhere, in a process of their own, need to know.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """What an effect that computes elsewhere must know of whoever calls it."""

    longest_block: int = 128
    """Samples between two calls, at most: an answer is due one such stretch after its question."""
    waits: bool = False
    """Answers are waited for, as when rendering to a file; else the sound goes on without them."""


def live(block_size: int, card_rate: int, sample_rate: int) -> Pace:
    """The pace of a sound card, which may be resampled.

    >>> live(128, 44_100, 48_000)
    Pace(longest_block=140, waits=False)
    """
    return Pace(-(-block_size * sample_rate // card_rate))


OFFLINE = Pace(waits=True)
"""Into a file: the same sound at any size of blocks, and on any computer."""

_pace = [Pace()]


def pace() -> Pace:
    """How effects that are made from now on will be called."""
    return _pace[-1]


@contextlib.contextmanager
def paced(new: Pace) -> Iterator[None]:
    """Effects that are made inside are called so."""
    _pace.append(new)
    try:
        yield
    finally:
        _pace.remove(new)
