"""An effect's place in a chain: keeps the sound going whatever the effect does.

What comes out wrong (no number, absurdly loud, an exception, another length) is replaced by what
went in, as late as the effect would be; then the effect begins afresh, and it is counted. One that
fails block after block is left out until panic. The same delayed input stands in for an effect that
is at rest because the computer is overloaded.
"""

import contextlib

import numpy as np
from numba import njit

from ddsp_core.bound import Bound
from realtime.effects.effect import Channels, Effect
from realtime.effects.fade import FADE_S

LOUDEST = 1e6
"""+120 dBFS: whatever is turned up, no effect means that."""

MOST_FAILURES = 8
"""Blocks in a row: then it is left out."""

HEARD, LEAVING, RESTING, WARMING = range(4)
"""Relief: played; being faded out; not played; played, but not heard yet."""


@njit(nogil=True, cache=True)
def is_sane(block: Channels) -> bool:
    """All samples are numbers, none absurdly loud. (C, T)."""
    for c in range(len(block)):
        for i in range(block.shape[1]):
            if not abs(block[c, i]) <= LOUDEST:
                return False
    return True


class Link:
    """One effect in a chain.

    Args:
        effect: takes n_inputs channels.
        n_inputs: 1 or 2.
        sample_rate: in Hz.
    """

    def __init__(self, effect: Effect, n_inputs: int, sample_rate: int) -> None:
        self.effect = effect
        self.n_bad = 0
        self._n_in_a_row = 0
        self._failure = ""
        self.is_relieved = False
        self._is_out = effect.is_bypassed  # as the performer wants it
        self._past: Channels = np.zeros((n_inputs, effect.latency_samples), np.float32)
        self._phase, self._since = HEARD, 0
        self._leaving_samples = round(2 * FADE_S * sample_rate)
        self._is_sane = Bound(is_sane)
        self._is_sane(np.zeros((1, 1), np.float32))

    @property
    def problem(self) -> str:
        """What the performer should know; empty if all is well."""
        if self.effect.problem or not self.n_bad:
            return self.effect.problem
        if self._n_in_a_row >= MOST_FAILURES:
            return f"left out: {self._failure}"
        return f"put right {self.n_bad} times: {self._failure}"

    @property
    def is_bypassed(self) -> bool:
        """By the performer."""
        return self._is_out

    def bypass(self, on: bool) -> None:
        """By the performer, from any thread."""
        self._is_out = on
        if not self.is_relieved:
            self.effect.bypass(on)

    def relieve(self) -> None:
        """Fades it out, then lets it rest; from any thread."""
        self.is_relieved = True

    def restore(self) -> None:
        """Starts it afresh and, when it has warmed up, fades it in; from any thread."""
        self.is_relieved = False

    def reset(self) -> None:
        """Forgets all sound, and failures in a row (audio thread)."""
        self._n_in_a_row = 0
        self._past[:] = 0.0
        self.effect.reset()

    def process(self, block: Channels) -> Channels:
        """(C, T) -> (n_outputs, T)."""
        self._take_turns()
        self._since += block.shape[1]
        dry = self._delayed(block)
        if self._phase == RESTING or self._n_in_a_row >= MOST_FAILURES:
            return self._widened(dry)
        out = self._played(block)
        return self._widened(dry) if out is None or self._phase == WARMING else out

    def _take_turns(self) -> None:
        """Where relief stands, seen anew with every block."""
        if self.is_relieved and self._phase in (HEARD, WARMING):
            self.effect.bypass(True)
            self._phase, self._since = LEAVING, 0
        elif self._phase == LEAVING and self._since >= self._leaving_samples:
            self._phase, self._since = RESTING, 0
        if not self.is_relieved and self._phase == LEAVING:
            self._phase = HEARD
            self.effect.bypass(self._is_out)
        elif not self.is_relieved and self._phase == RESTING:
            self.effect.reset()
            self._phase, self._since = WARMING, 0
        elif self._phase == WARMING and self._since >= self.effect.latency_samples:
            self._phase = HEARD
            self.effect.bypass(self._is_out)

    def _played(self, block: Channels) -> Channels | None:
        """What the effect makes of it; None, counted, if that cannot be heard."""
        try:
            out = np.ascontiguousarray(self.effect.process(block), np.float32)
            if out.shape == (self.effect.n_outputs, block.shape[1]) and self._is_sane(out):
                self._n_in_a_row = 0
                return out
            self._failure = "not a sound"
        except Exception as error:  # whatever it is: the show goes on
            self._failure = f"{type(error).__name__}: {error!s:.200}"
        self.n_bad += 1
        self._n_in_a_row += 1
        with contextlib.suppress(Exception):
            self.effect.reset()
        return None

    def _delayed(self, block: Channels) -> Channels:
        """The input as late as the effect."""
        n_past = self._past.shape[1]
        if not n_past:
            return block
        heard = np.concatenate((self._past, block), axis=1)
        self._past = heard[:, -n_past:].copy()
        return np.ascontiguousarray(heard[:, : block.shape[1]])

    def _widened(self, dry: Channels) -> Channels:
        n_outputs = self.effect.n_outputs
        return dry if len(dry) == n_outputs else np.repeat(dry, n_outputs, axis=0)
