"""The tempo of a set: asked for in beats a minute, or tapped."""

import math
import time
from collections import deque
from collections.abc import Callable
from itertools import pairwise
from statistics import median

from ddsp_core.errors import ControlError
from realtime.desk import Change, Desk

SLOWEST_BPM, FASTEST_BPM = 20.0, 400.0

MOST_TAPS = 6
LONGEST_TAP_S = 60.0 / 30.0 * 1.25
"""Between two taps of the slowest tempo that people tap; later begins anew."""
ANOTHER_TEMPO = 0.35
"""A tap that is off by more of a beat begins a new tempo."""


class Tempo:
    """Carries out the desk's commands `tempo` and `tap_tempo`.

    Args:
        desk: is told of every change.
        now_s: the clock that taps are measured by.
    """

    def __init__(self, desk: Desk, now_s: Callable[[], float] = time.monotonic) -> None:
        self.bpm = 0.0
        """0: nobody has set one."""
        self._desk, self._now_s, self._taps = desk, now_s, Taps()
        desk.provide("tempo", self._set)
        desk.provide("tap_tempo", self._tap)

    def _set(self, value: float | str | None, source: str) -> None:
        bpm = float(value or 0.0)
        if not SLOWEST_BPM <= bpm <= FASTEST_BPM:
            allowed = f"{SLOWEST_BPM:g} to {FASTEST_BPM:g} beats a minute"
            raise ControlError("tempo", f"{bpm:g}", allowed)
        self._desk.instrument.set_tempo(bpm)
        self.bpm = bpm
        self._desk.tell(Change("tempo", "", bpm, source))

    def _tap(self, _value: float | str | None, source: str) -> None:
        bpm = self._taps.tap(self._now_s())
        if bpm is not None:
            self._desk.do("tempo", bpm, source)


class Taps:
    """Beats a minute from the last taps."""

    def __init__(self) -> None:
        self._times_s: deque[float] = deque(maxlen=MOST_TAPS)

    def tap(self, time_s: float) -> float | None:
        """The tempo with this tap, from the second one on; None before.

        >>> taps = Taps()
        >>> [taps.tap(time_s) for time_s in (1.0, 1.5, 2.0)]
        [None, 120.0, 120.0]
        """
        beat_s = self._beat_s()
        since_s = time_s - self._times_s[-1] if self._times_s else math.inf
        if since_s > LONGEST_TAP_S:
            self._times_s.clear()
        elif beat_s and abs(since_s / beat_s - 1.0) > ANOTHER_TEMPO:
            last_s = self._times_s[-1]
            self._times_s.clear()
            self._times_s.append(last_s)
        self._times_s.append(time_s)
        beat_s = self._beat_s()
        if not beat_s:
            return None
        return round(min(max(60.0 / beat_s, SLOWEST_BPM), FASTEST_BPM), 1)

    def _beat_s(self) -> float:
        """The median of the gaps; 0 without any."""
        gaps_s = [later - sooner for sooner, later in pairwise(self._times_s)]
        return median(gaps_s) if gaps_s else 0.0
