"""The tempo of a drum machine or sequencer, from its MIDI clock: 24 ticks a beat.

Ticks come with a jitter of milliseconds: JACK hands messages over once a cycle, USB once a
millisecond, and a computer stalls now and then. So the tempo is the slope of the straight line
through the ticks of the last two beats, drawn again without those that are far off it.
"""

from collections import deque
from collections.abc import Sequence
from statistics import fmean, median

from realtime.desk import Desk
from realtime.tempo import FASTEST_BPM, SLOWEST_BPM

TICKS_A_BEAT = 24
TICK, START, CONTINUE = 0xF8, 0xFA, 0xFB

PAUSE_S = 0.5
"""Without a tick, which at the slowest tempo comes every 0.125 s: the clock begins anew."""
OTHER_CLOCK_S = 1.0
"""So long silent, a port's clock gives way to another port's."""
WORTH_TELLING = 0.005
FAR = 3.0
"""Times the median distance from the line."""


class ClockTempo:
    """Beats a minute from ticks."""

    def __init__(self) -> None:
        self._times_s: deque[float] = deque(maxlen=2 * TICKS_A_BEAT + 1)

    def restart(self) -> None:
        """Forgets all ticks."""
        self._times_s.clear()

    def tick(self, time_s: float) -> float | None:
        """The tempo with this tick, once there was a beat; None before, and for what is none."""
        if self._times_s and not 0.0 <= time_s - self._times_s[-1] < PAUSE_S:
            self.restart()
        self._times_s.append(time_s)
        if len(self._times_s) <= TICKS_A_BEAT:
            return None
        tick_s = slope(self._times_s)
        bpm = 60.0 / (TICKS_A_BEAT * tick_s) if tick_s > 0.0 else 0.0
        return bpm if SLOWEST_BPM <= bpm <= FASTEST_BPM else None


def slope(times_s: Sequence[float]) -> float:
    """Seconds a tick: of the line through most of the times.

    >>> round(slope([0.0, 1.0, 2.0, 3.9, 4.0, 5.0, 6.0, 7.0, 8.0]), 3)
    1.0
    """
    points = list(enumerate(times_s))
    rise, start_s = _line(points)
    off_s = [abs(time_s - start_s - rise * number) for number, time_s in points]
    near_s = FAR * median(off_s)
    near = [point for point, off in zip(points, off_s, strict=True) if off <= near_s]
    return _line(near)[0] if len(near) > 1 else rise


def _line(points: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """Slope and height at 0 of the line with the least squares."""
    mean_x, mean_y = (fmean(values) for values in zip(*points, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    rise = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0
    return rise, mean_y - rise * mean_x


class MidiClock:
    """Sets the desk's tempo by a clock that comes in; a tempo by another hand stays until the
    clock's own changes.

    Args:
        desk: where there is somebody for the command `tempo`.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk, self._tempo = desk, ClockTempo()
        self._port, self._ticked_s, self._told_bpm = "", float("-inf"), 0.0

    def on_realtime(self, status: int, port: str, time_s: float) -> None:
        """A real-time message: its status byte, its port, and when it came in (s)."""
        if status in (START, CONTINUE):
            self._tempo.restart()
        if status != TICK or not self._is_ours(port, time_s):
            return
        bpm = self._tempo.tick(time_s)
        if bpm and abs(bpm - self._told_bpm) > WORTH_TELLING * self._told_bpm:
            self._told_bpm = bpm
            self._desk.do("tempo", round(bpm, 1), "midi")

    def _is_ours(self, port: str, time_s: float) -> bool:
        """The first clock that ticks is followed, until it ends."""
        if port != self._port:
            if time_s - self._ticked_s < OTHER_CLOCK_S:
                return False
            self._port = port
            self._tempo.restart()
        self._ticked_s = time_s
        return True
