"""What a chain asks of an effect: our own ones and hosted plug-ins alike."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from realtime.controls import Control

Channels = NDArray[np.float32]
"""Shape: (C, T), one or two channels; each channel's samples lie together."""


class Effect(Protocol):
    """Blocks in, blocks of the same length out, a constant time later.

    The law holds: however the input is cut, the output is the same, also while a parameter moves
    (its ramp is counted in samples, not in blocks).
    """

    kind: str
    """As in a preset's YAML: "delay"."""
    name: str
    """Unique in its preset: controls address parameters as `name.parameter`."""
    parameters: tuple[Control, ...]
    """Everything that can be turned, with bare names."""
    n_outputs: int
    """Channels that come out: 1, or 2 where it widens the sound or was given two."""
    latency_samples: int
    """Constant delay; a bypassed effect delays by it as well."""
    is_expensive: bool
    """Left out first when the computer is overloaded."""

    @property
    def tail_s(self) -> float:
        """After so many seconds of silence in, silence comes out (below -80 dB)."""

    @property
    def problem(self) -> str:
        """What the performer should know; empty if all is well (not for the audio thread)."""

    def process(self, block: Channels) -> Channels:
        """(C, T) -> (n_outputs, T) (audio thread: no lock, no file, no waiting)."""

    def set(self, parameter: str, value: float) -> None:
        """Turns a parameter, checked already, from any thread; ramped by its smoothing time."""

    def bypass(self, on: bool) -> None:
        """In or out, crossfaded without a click, from any thread."""

    @property
    def is_bypassed(self) -> bool:
        """Whether the performer has taken it out."""

    def set_tempo(self, bpm: float) -> None:
        """Beats a minute, for what follows the tempo; from any thread."""

    def reset(self) -> None:
        """Back to silence: tails and echoes are forgotten (audio thread)."""

    def close(self) -> None:
        """Ends processes and frees files, where there are some."""
