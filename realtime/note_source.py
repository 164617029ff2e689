"""Notes in place of the microphone's pitch and loudness: what an engine asks of a keyboard."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ddsp_core.shaping import CERTAIN

__all__ = ["CERTAIN", "NoteSource"]

Curve = NDArray[np.float32]


class NoteSource(Protocol):
    """Gives an engine its notes, hop by hop."""

    def read(self, n_hops: int) -> tuple[Curve, Curve, Curve]:
        """The next hops' f0_hz, confidence and loudness_db (audio thread). Shape: (N,) each.

        Confidence is `CERTAIN` while a note sounds, 0 while there is none.
        """
