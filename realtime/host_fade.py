"""Fades that are counted in hops, and the kernels that carry them out sample by sample."""

import math
from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import NDArray

Audio = NDArray[np.float32]
Channels = NDArray[np.float32]

Curve = Callable[[float], float]


def smooth(position: float) -> float:
    """0...1, level at both ends; it and its mirror image add up to 1: for what is alike.

    >>> smooth(0.25) + smooth(0.75)
    1.0
    """
    return position * position * (3.0 - 2.0 * position)


def even_power(position: float) -> float:
    """0...1; the squares of it and its mirror image add up to 1: for what differs."""
    return math.sin(0.5 * math.pi * smooth(position))


class Fade:
    """A gain on its way.

    Args:
        n_hops: from one end to the other.
        curve: from position to gain.
        position: 0...1, at the beginning.
    """

    def __init__(self, n_hops: int, curve: Curve, position: float) -> None:
        self._step, self._curve = 1.0 / n_hops, curve
        self.position = self.goal = position
        self.gain = self.before = curve(position)

    @property
    def is_moving(self) -> bool:
        """Whether the next hop changes anything, or the last one did."""
        return self.position != self.goal or self.gain != self.before

    def jump(self, position: float) -> None:
        """To this position at once."""
        self.position = self.goal = position
        self.gain = self.before = self._curve(position)

    def move(self, n_steps: float = 1.0) -> None:
        """One hop on: from gain `before` to `gain`."""
        self.before = self.gain
        if self.position == self.goal:
            return
        left, step = self.goal - self.position, self._step * n_steps
        arrives = abs(left) <= step + 1e-9
        self.position = self.goal if arrives else self.position + math.copysign(step, left)
        self.gain = self._curve(self.position)


@njit(nogil=True, cache=True)
def add_ramped(target: Audio, source: Audio, before: float, after: float) -> None:
    """target += source times a ramp that reaches `after` with the last sample. (T,) each."""
    gain, step = before, (after - before) / max(len(source), 1)
    for i in range(len(source)):
        gain += step
        target[i] += np.float32(gain) * source[i]


@njit(nogil=True, cache=True)
def scale_ramped(target: Channels, before: float, after: float) -> None:
    """target (C, T) times such a ramp, in place."""
    gain, step = before, (after - before) / max(target.shape[1], 1)
    for i in range(target.shape[1]):
        gain += step
        for c in range(len(target)):
            target[c, i] *= np.float32(gain)


@njit(nogil=True, cache=True)
def limit_linked(sound: Channels, peak: float, fall: float, knee: float, ceiling: float) -> float:
    """Bends (C, T) under the ceiling, all channels alike, in place; returns the follower's level.

    As `limiter.limit`, but for the knee: at the ceiling nothing is changed that stays below it.
    """
    span = ceiling - knee
    for i in range(sound.shape[1]):
        peak *= fall
        for c in range(len(sound)):
            peak = max(abs(sound[c, i]), peak)
        if peak > knee:
            bent = knee + span * math.tanh((peak - knee) / span) if span > 0.0 else ceiling
            for c in range(len(sound)):
                sound[c, i] *= np.float32(bent / peak)
    return peak if peak > 1e-20 else 0.0


def rehearse() -> None:
    """Runs every kernel once, so that none has to be loaded when it is needed."""
    for n_channels in (1, 2):
        sound = np.zeros((n_channels, 8), np.float32)
        scale_ramped(sound, 0.0, 1.0)
        limit_linked(sound, 0.0, 1.0, 0.5, 1.0)
        add_ramped(sound[0], np.zeros(8, np.float32), 0.0, 1.0)
