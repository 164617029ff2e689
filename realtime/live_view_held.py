"""What a view keeps from look to look: peaks, marks, and the needle's place."""

import math
from typing import NamedTuple

from realtime.live_view_state import ViewState
from realtime.live_view_tuner import SILENT, Needle, Tuned

HOLD_S = 1.5
FALL_DB_PER_S = 30.0
MARK_S = 3.0
CLIP_DB = -0.1
LIMITER_DB = -1.5
"""From there on the limiter, whose ceiling is -1 dBFS, bends the sound more than a little."""


class Held(NamedTuple):
    """Beside a `ViewState`, for drawing."""

    input_db: float = -math.inf
    """The loudest of late, in dBFS."""
    output_db: float = -math.inf
    input_clipped: str = ""
    """A word while it is worth a warning; else empty."""
    output_limited: str = ""
    note: Tuned = SILENT


NOTHING_HELD = Held()


class Peak:
    """The loudest of late: stays for a while, then falls; a mark stays longer.

    Args:
        limit_db: from there on it is marked.
    """

    def __init__(self, limit_db: float) -> None:
        self._limit_db = limit_db
        self.level_db = -math.inf
        self._at_s = self._over_s = -math.inf
        self._looked_s = 0.0

    def look(self, level_db: float, now_s: float) -> None:
        """What is measured now."""
        if level_db >= self.level_db:
            self.level_db, self._at_s = level_db, now_s
        elif now_s - self._at_s > HOLD_S:
            fallen_db = self.level_db - FALL_DB_PER_S * (now_s - self._looked_s)
            self.level_db = max(level_db, fallen_db)
        if level_db >= self._limit_db:
            self._over_s = now_s
        self._looked_s = now_s

    def is_marked(self, now_s: float) -> bool:
        """Whether it was over its limit a short time ago."""
        return now_s - self._over_s < MARK_S


class Holding:
    """Follows a performance from look to look."""

    def __init__(self) -> None:
        self._input, self._output = Peak(CLIP_DB), Peak(LIMITER_DB)
        self._needle = Needle()

    def look(self, state: ViewState, now_s: float) -> Held:
        """What to draw beside this state."""
        self._input.look(state.input_peak_db, now_s)
        self._output.look(state.output_peak_db, now_s)
        return Held(
            self._input.level_db,
            self._output.level_db,
            "CLIP" if self._input.is_marked(now_s) else "",
            "LIMIT" if self._output.is_marked(now_s) else "",
            self._needle.look(state.f0_hz if state.is_singing else 0.0, state.a4_hz),
        )
