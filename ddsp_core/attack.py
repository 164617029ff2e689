"""The noise with which a note begins, before there is a pitch to play.

A trained decoder gives a steady bow or breath noise, 30 dB and more under the tone: too little to
be heard as a beginning. While the tone is still closed the noise stands in for it: its level is
raised towards the level that the tone would have, which is what a bow's scratch or a flute's
chiff does.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float32]

_WHITE_POWER = 1.0 / 3.0  # of noise that is spread evenly over -1...1
_NOTHING = 1e-20


@njit(nogil=True, cache=True)
def raise_noise(amplitudes: Array, bands: Array, share: float) -> None:
    """Raises noise bands until the noise has this share of the tone's rms; never lowers them.

    The noise's power is that of its filter's response, by Parseval the mean square of its bands.

    Args:
        amplitudes: of the partials, peak, as the decoder gives them. Shape: (K,).
        bands: magnitudes of the noise filter, rewritten. Shape: (F,).
        share: linear, 0 for none.
    """
    if share <= 0.0:
        return
    tone, noise = 0.0, _NOTHING
    for k in range(len(amplitudes)):
        tone += 0.5 * amplitudes[k] * amplitudes[k]
    for i in range(len(bands)):
        noise += _WHITE_POWER * bands[i] * bands[i] / len(bands)
    factor = share * math.sqrt(tone / noise)
    if factor > 1.0:
        for i in range(len(bands)):
            bands[i] *= factor
