"""Keys and scales: which of the twelve notes belong."""

from collections.abc import Mapping

SCALES: Mapping[str, tuple[int, ...]] = {
    "chromatic": tuple(range(12)),
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "major pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "blues": (0, 3, 5, 6, 7, 10),
}
"""Semitones above the key note."""


def notes_of(key: int, scale: int) -> int:
    """The notes of a key (0: C) and a scale (its place in the table): bit n for note n, 0: C.

    >>> f"{notes_of(2, 1):012b}"  # D major, from B down to C: two sharps
    '101011010110'
    """
    semitones = tuple(SCALES.values())[scale]
    return sum(1 << ((key + n) % 12) for n in semitones)
