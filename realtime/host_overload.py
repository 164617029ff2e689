"""When the computer does not keep up: decides what to leave out, and when to take it back.

Only the thread's own computing counts: a machine that stands still takes wall time, and leaving out
effects would not help it. Time is counted in samples, so that the same loads decide the same.
"""

from collections import deque
from typing import Literal, Protocol

BUSY = 0.85
"""Computing time over a block's length: such a block is nearly late."""

CALM = 0.5
"""Below it there is room for an effect."""

WATCHED = 16
"""Blocks that are looked back on."""

ENOUGH = 4
"""Of them, that tell a habit from a single slow one."""

NEXT_AFTER_S = 0.2
"""What was left out must show first."""

BACK_AFTER_S = 3.0
"""So long calm before one thing comes back; as long before the next."""

TOO_EARLY_S = 1.0
"""What has to go again so soon has come back too early; the next time it waits twice as long."""

LONGEST_S = 60.0

Verdict = Literal["", "relieve", "restore"]


class Overload:
    """Looks at the load of every block.

    Args:
        sample_rate: of the blocks, in Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._loads: deque[float] = deque(maxlen=WATCHED)
        self._since_relief = round(NEXT_AFTER_S * sample_rate) + 1
        self._calm_samples = 0
        self._since_return = round(TOO_EARLY_S * sample_rate)
        self._wait_s = BACK_AFTER_S

    def note(self, computed_s: float, n_samples: int) -> Verdict:
        """One block took so long to compute; says what is to be done."""
        if not n_samples:
            return ""
        self._loads.append(computed_s * self._rate / n_samples)
        self._since_relief += n_samples
        self._since_return += n_samples
        if self._count_above(CALM) >= ENOUGH:
            self._calm_samples = 0
        else:
            self._calm_samples += n_samples
        if self._count_above(BUSY) >= ENOUGH and self._since_relief > NEXT_AFTER_S * self._rate:
            self._loads.clear()
            self._since_relief = 0
            came_too_early = self._since_return < TOO_EARLY_S * self._rate
            self._wait_s = min(2.0 * self._wait_s, LONGEST_S) if came_too_early else BACK_AFTER_S
            return "relieve"
        if self._calm_samples > self._wait_s * self._rate:
            self._calm_samples = self._since_return = 0
            return "restore"
        return ""

    def _count_above(self, limit: float) -> int:
        return sum(load > limit for load in self._loads)


class Relievable(Protocol):
    """Something that can leave parts of itself out: the stage of a host, or a test's."""

    def relieve(self) -> str:
        """Leaves one more thing out; its name, or nothing if there is none."""

    def restore(self) -> None:
        """Takes the last one back."""


class Relief:
    """Leaves out and takes back, as the load of the blocks asks for.

    Args:
        stage: whose blocks they are.
        sample_rate: of the blocks, in Hz.
    """

    def __init__(self, stage: Relievable, sample_rate: int) -> None:
        self._stage, self._overload = stage, Overload(sample_rate)
        self.names: tuple[str, ...] = ()
        """What is left out now."""

    def note(self, computed_s: float, n_samples: int) -> None:
        """One block took so long to compute (audio thread)."""
        verdict = self._overload.note(computed_s, n_samples)
        if verdict == "relieve":
            name = self._stage.relieve()
            self.names += (name,) if name else ()
        elif verdict == "restore" and self.names:
            self._stage.restore()
            self.names = self.names[:-1]

    @property
    def problem(self) -> str:
        """For the performer; empty while nothing is left out."""
        return f"overload: {', '.join(self.names)} left out" if self.names else ""
