"""Finds clipped passages: runs of samples that stand still at full scale."""

import numpy as np
from numpy.typing import NDArray

FULL_SCALE = 32766 / 32768
"""The largest sample of 16 bits, less one step."""
SHORTEST_RUN = 4
"""Samples. The crest of a sine of 65 Hz at full scale is flat for less at 48 kHz."""
MARGIN_S = 0.05
"""Left out on either side: the pitch tracker and the loudness hear that far around."""


def clipped_stretches(channels: NDArray[np.float32], sample_rate: int) -> list[tuple[float, float]]:
    """Stretches in seconds around clipped runs in any channel, in order, without overlap.

    A single sample at full scale is a loud peak; several in a row are a flat top.

    Shape:
        channels: (T, channels)
    """
    runs: list[tuple[int, int]] = []
    for channel in channels.T:
        at_limit = (np.abs(channel) >= FULL_SCALE).astype(np.int8)
        edges = np.flatnonzero(np.diff(at_limit, prepend=0, append=0)).reshape(-1, 2)
        runs += [(int(a), int(b)) for a, b in edges if b - a >= SHORTEST_RUN]
    stretches: list[tuple[float, float]] = []
    for start, end in sorted(runs):
        from_s, to_s = max(start / sample_rate - MARGIN_S, 0.0), end / sample_rate + MARGIN_S
        if stretches and from_s <= stretches[-1][1]:
            stretches[-1] = (stretches[-1][0], max(to_s, stretches[-1][1]))
        else:
            stretches.append((from_s, to_s))
    return stretches
