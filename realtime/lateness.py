"""Late blocks and why they were late: the instrument itself, or the machine around it.

A block is late if it took longer than it lasts, or if the card asked for it a whole block later
than it usually does. Two clocks tell why: the wall's, and the time that the thread really computed.

- own: the thread itself computed for longer than a block lasts.
- machine: it had computed less, and was put aside: for another program, for a page of memory, or
  because the whole (virtual) machine stood still.
- interpreter: it waited for Python's lock. Then it woke up again and again to ask for it.
- card: the card, or the sound server, asked late, and this machine does not know why.
- unclear: its time says that it computed, but several times longer than ever. A virtual machine
  that stood still looks like this, if its host does not tell; so would a rare slow path of our own.
"""

import functools
import math
import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from realtime.stats import Histogram
from realtime.witness import Losses, Spent, Turns, spent_between, thread_cpu_s, thread_turns

EXPLANATIONS = {
    "own": "the instrument needs a larger --block-size or a faster computer",
    "machine": "the computer held the instrument up: other programs, or a virtual machine's host",
    "card": "the sound card or its server asked late",
    "interpreter": "another thread of the instrument held Python's lock",
    "unclear": "far slower than ever: it may have been the instrument or a virtual machine's host",
}

Clock = Callable[[], float]
now_s: Clock = time.perf_counter
if hasattr(time, "CLOCK_MONOTONIC_RAW"):  # JACK's clock, which nobody sets right
    now_s = functools.partial(time.clock_gettime, time.CLOCK_MONOTONIC_RAW)

WAITS_PER_S = 2000
"""A thread that waits for the lock asks every 50 us or so: far more often than this. Who waits for
anything else sleeps once."""

FEWEST_WAITS = 3
OUTLIER = 3.0
"""Times the computing time that 99.9 % of all blocks stay below."""

LEARN_EVERY_LOOKS = 10
N_KEPT = 1000


class LateBlock(NamedTuple):
    """A block that was late, with the evidence."""

    at_s: float
    """When it was asked for, by `now_s`."""
    over_s: float
    """By how much it was late."""
    span_s: float
    """The time in question: of the block, or between two blocks if it was asked for late."""
    block_s: float
    spent: Spent
    """What the thread used during that time."""
    asked_late: bool
    cause: str = ""


def cause_of(block: LateBlock, losses: Losses, usual_cpu_s: float) -> str:
    """One of the keys of `EXPLANATIONS`.

    Args:
        block: the evidence.
        losses: of its thread, in the moments around it.
        usual_cpu_s: what 99.9 % of all blocks computed at most; infinite if nobody knows yet.
    """
    away_s = block.span_s - block.spent.cpu_s
    if block.spent.n_waits >= max(FEWEST_WAITS, WAITS_PER_S * min(away_s, block.over_s)):
        return "interpreter"
    if block.asked_late:
        was_held_up = max(losses.queued_s, losses.stolen_s) >= 0.5 * block.over_s
        return "machine" if block.spent.n_preempted or was_held_up else "card"
    if block.spent.cpu_s <= block.block_s or losses.stolen_s >= block.over_s:
        return "machine"
    return "unclear" if block.spent.cpu_s > OUTLIER * usual_cpu_s else "own"


class LateBlocks:
    """Finds a session's late blocks (audio thread), and judges them (main thread).

    Args:
        sample_rate: in Hz.
        clock, cpu_clock, turns: of the wall and of the calling thread; a test puts its own here.
    """

    def __init__(
        self,
        sample_rate: int,
        clock: Clock = now_s,
        cpu_clock: Clock = thread_cpu_s,
        turns: Callable[[], Any] = thread_turns,
    ) -> None:
        self.n = 0
        self.counts = dict.fromkeys(EXPLANATIONS, 0)
        self.kept: list[LateBlock] = []
        """The first thousand."""
        self.computing = Histogram()
        """The thread's own time for each block, in seconds."""
        self._sample_rate = sample_rate
        self._clock, self._cpu_clock, self._turns = clock, cpu_clock, turns
        self._gaps = Histogram()
        self._pending: deque[LateBlock] = deque(maxlen=N_KEPT)
        self._longest_gap_s = self._usual_cpu_s = math.inf
        self._begun_s = self._ended_s = -math.inf
        self._begun_cpu_s = self._ended_cpu_s = 0.0
        self._begun: Any = Turns()
        self._ended: Any = Turns()
        self._block_s = 0.0
        self._was_late = True
        self._n_looks = 0

    def begin(self) -> None:
        """A block is asked for."""
        begun_s, before_s = self._clock(), self._begun_s
        self._begun_s, self._begun_cpu_s, self._begun = begun_s, self._cpu_clock(), self._turns()
        gap_s = begun_s - before_s
        if self._was_late:  # then this one is late in consequence, or it is the first
            return
        self._gaps.add(gap_s)
        over_s = gap_s - self._longest_gap_s - self._block_s
        if over_s > 0.0:
            spent = spent_between(self._begun_cpu_s - self._ended_cpu_s, self._ended, self._begun)
            self._note(over_s + self._block_s, begun_s - self._ended_s, spent, asked_late=True)

    def end(self, n_samples: int) -> float:
        """It is ready; returns how many seconds that took."""
        self._ended_s, self._ended_cpu_s, self._ended = (
            self._clock(),
            self._cpu_clock(),
            self._turns(),
        )
        self._block_s = n_samples / self._sample_rate
        elapsed_s = self._ended_s - self._begun_s
        computed_s = self._ended_cpu_s - self._begun_cpu_s
        self.computing.add(computed_s)
        self._was_late = elapsed_s > self._block_s
        if self._was_late:
            spent = spent_between(computed_s, self._begun, self._ended)
            self._note(elapsed_s - self._block_s, elapsed_s, spent, asked_late=False)
        return elapsed_s

    def judge(self, losses: Losses) -> None:
        """Finds the causes of what was late since the last call (main thread).

        Args:
            losses: of the audio thread since the last call.
        """
        while self._pending:
            block = self._pending.popleft()
            cause = cause_of(block, losses, self._usual_cpu_s)
            self.counts[cause] += 1
            if len(self.kept) < N_KEPT:
                self.kept.append(block._replace(cause=cause))
        self._n_looks += 1
        if self._n_looks % LEARN_EVERY_LOOKS == 0:
            self._usual_cpu_s = self.computing.percentile(99.9)
            self._longest_gap_s = self._gaps.percentile(99)

    def _note(self, over_s: float, span_s: float, spent: Spent, *, asked_late: bool) -> None:
        block = LateBlock(self._begun_s, over_s, span_s, self._block_s, spent, asked_late)
        self._pending.append(block)
        self.n += 1


def in_words(n_late: int, counts: dict[str, int]) -> str:
    """Late blocks and their causes; the instrument's own are always named.

    >>> in_words(0, {"own": 0, "machine": 0})
    'late 0'
    >>> in_words(3, {"own": 0, "machine": 3, "card": 0})
    'late 3: 3 machine, 0 own'
    """
    if not n_late:
        return "late 0"
    others = [f"{n} {cause}" for cause, n in counts.items() if n and cause != "own"]
    return f"late {n_late}: " + ", ".join([*others, f"{counts['own']} own"])
