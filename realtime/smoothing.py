"""Control values on their way to where the performer put them."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from realtime.controls import CONTROLS

INDEX = {control.name: i for i, control in enumerate(CONTROLS)}
TIME_CONSTANTS = 3.0
"""Exponential approach: after a control's smoothing time 95 % of the way is done."""
CLOSE_ENOUGH = 1e-4


class Smoothing:
    """Moves all values once a hop towards their targets, each with its own smoothing time.

    Args:
        hop_s: seconds a hop.
    """

    def __init__(self, hop_s: float) -> None:
        rates = (
            1.0 - math.exp(-hop_s * TIME_CONSTANTS / control.smoothing_s)
            if control.smoothing_s
            else 1.0
            for control in CONTROLS
        )
        self._rates = np.array(list(rates))

    def forward(
        self, targets: NDArray[np.float64], values: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """The values one hop later; once they have arrived, the very `targets` that were given."""
        if values is None or values is targets or (values == targets).all():
            return targets
        moved = values + self._rates * (targets - values)
        return np.where(np.abs(targets - moved) < CLOSE_ENOUGH, targets, moved)


def as_vector(values: Mapping[str, float]) -> NDArray[np.float64]:
    """Values in the order of the table."""
    return np.array([values[control.name] for control in CONTROLS])
