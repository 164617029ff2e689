"""The end of the stage: the microphone instead (bypass), the last limiter, silence (panic)."""

import math

import numpy as np

from realtime.host_fade import (
    Channels,
    Fade,
    add_ramped,
    even_power,
    limit_linked,
    scale_ramped,
    smooth,
)
from realtime.host_past import Past
from realtime.limiter import CEILING, release

BYPASS_S = 0.02
PANIC_S = 0.005


class Output:
    """What is done to the sum of all that sounds.

    Every engine and every path stays below the ceiling by itself, and is left alone; where several
    sound at once, their sum may not.

    Args:
        latency_samples: of the stage: so late is the microphone, too.
        sample_rate, hop_size: in Hz, in samples.
    """

    def __init__(self, latency_samples: int, sample_rate: int, hop_size: int) -> None:
        hops_a_s = sample_rate / hop_size
        self._latency = latency_samples
        self._bypass = Fade(max(round(BYPASS_S * hops_a_s), 1), even_power, 0.0)
        self._panic = Fade(max(math.ceil(PANIC_S * hops_a_s), 1), smooth, 1.0)
        self._peak, self._fall = 0.0, release(sample_rate)

    @property
    def is_still(self) -> bool:
        """Whether nothing fades here."""
        return not (self._bypass.is_moving or self._panic.is_moving)

    @property
    def is_plain(self) -> bool:
        """Whether what comes in goes out as it is, if it is below the ceiling."""
        return self.is_still and self._bypass.gain == 0.0 and self._peak <= CEILING

    def bypass(self, on: bool) -> None:
        """The microphone, or the instrument again."""
        self._bypass.goal = float(on)

    def panic(self) -> None:
        """Fades to silence, and back when all is forgotten."""
        self._panic.goal = 0.0

    def finish(self, total: Channels, past: Past) -> bool:
        """In place, (C, T); returns whether this is the moment to forget all that sounded."""
        self._bypass.move()
        before, after = self._bypass.before, self._bypass.gain
        if before > 0.0 or after > 0.0:
            heard = past.last(total.shape[1], self._latency)
            microphone = np.nan_to_num(heard, posinf=0.0, neginf=0.0)
            scale_ramped(total, math.sqrt(1.0 - before**2), math.sqrt(1.0 - after**2))
            for channel in total:
                add_ramped(channel, microphone, before, after)
        self._peak = limit_linked(total, self._peak, self._fall, CEILING, CEILING)
        self._panic.move()
        if self._panic.before == self._panic.gain == 1.0:
            return False
        scale_ramped(total, self._panic.before, self._panic.gain)
        is_silent = self._panic.gain == self._panic.goal == 0.0
        if is_silent:
            self._panic.goal = 1.0
        return is_silent
