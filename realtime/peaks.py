"""Peaks of what comes in and goes out, falling slowly: who looks now and then misses none."""

import numpy as np
from numpy.typing import NDArray

from ddsp_core.units import gain_to_db

Audio = NDArray[np.float32]

FALL_DB_PER_S = 20.0
"""Slow enough for ten looks a second."""


class Peaks:
    """Written by the audio thread, read by any.

    Args:
        sample_rate: in Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self._log_fall = -FALL_DB_PER_S / 20.0 / sample_rate
        self._input = self._output = 0.0

    def note(self, dry: Audio, wet: Audio) -> None:
        """A block in and out. Shape: (T,), and (T,) or (T, C); T at least 1."""
        fall = 10.0 ** (self._log_fall * len(dry))
        self._input = max(_peak(dry), fall * self._input)
        self._output = max(_peak(wet), fall * self._output)

    @property
    def input_db(self) -> float:
        """dBFS."""
        return gain_to_db(self._input)

    @property
    def output_db(self) -> float:
        """dBFS, the loudest of all channels."""
        return gain_to_db(self._output)


def _peak(block: Audio) -> float:
    """Largest magnitude; 0 where something is no number."""
    peak = max(float(block.max()), -float(block.min()))
    return peak if peak == peak else 0.0
