"""The tuner: which note is sung, and how far beside it."""

from typing import NamedTuple

from ddsp_core.units import note_name

IN_TUNE_CENTS = 5.0
A4_HZ = 440.0


class Tuned(NamedTuple):
    """What is sung, as a tuner says it."""

    note: str
    """`A4`; empty while nothing is sung."""
    cents: float
    """Above (or below) that note, -50 to 50."""

    @property
    def is_in_tune(self) -> bool:
        """Nearer than anybody hears in a voice."""
        return bool(self.note) and abs(self.cents) <= IN_TUNE_CENTS


SILENT = Tuned("", 0.0)


def tuned(f0_hz: float, a4_hz: float = A4_HZ) -> Tuned:
    """The nearest note where A4 is `a4_hz`.

    >>> tuned(432.0, 432.0)
    Tuned(note='A4', cents=0.0)
    """
    referred_hz = f0_hz * A4_HZ / a4_hz if a4_hz > 0.0 else 0.0
    return Tuned(*note_name(referred_hz)) if 1.0 < referred_hz < 1e5 else SILENT


class Needle:
    """A tuner's needle has mass: it moves half of the way at each look, and leaps to a new note."""

    def __init__(self) -> None:
        self._before = SILENT

    def look(self, f0_hz: float, a4_hz: float = A4_HZ) -> Tuned:
        """Where it stands now; 0 Hz where nothing is sung."""
        now = tuned(f0_hz, a4_hz)
        if now.note and now.note == self._before.note:
            now = now._replace(cents=0.5 * (now.cents + self._before.cents))
        self._before = now
        return now
