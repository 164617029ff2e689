"""The envelope over every learned impulse response; shared by `room` and `live_voice`."""

import numpy as np
from numpy.typing import NDArray


def tail_envelope(length: int) -> NDArray[np.float64]:
    """-60 dB over the response, last tenth faded out, 0 at the direct sound. Shape: (length,)."""
    position = np.arange(length) / length
    fade = np.cos(0.5 * np.pi * np.clip((position - 0.9) / 0.1, 0.0, 1.0)) ** 2
    envelope = 10.0 ** (-3.0 * position) * fade
    envelope[:1] = 0.0
    return np.asarray(envelope)
