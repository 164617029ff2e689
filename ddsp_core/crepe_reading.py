"""What CREPE makes of the newest 32 ms: a pitch, and how far it may be trusted.

The network was trained at 16 kHz, on 64 ms. Fed with audio at 32 kHz as if it were 16 kHz it hears
everything an octave lower, in half the time: the window's centre is 16 ms ago instead of 32, at the
price of the lowest octave (below 64 Hz).
"""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ddsp_core.crepe_network import N_PITCHES, WINDOW_SIZE, crepe_tiny

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

HEARD_RATE_HZ = 32_000
TRAINED_RATE_HZ = 16_000
CENTS_A_BIN = 20.0
FIRST_BIN_CENTS = 1997.3794084376191
"""Of the first bin, above 10 Hz."""
NEIGHBOURS = 4
"""Bins on each side of the highest that the mean is taken over: 80 cents."""
HALF_TAPS = 16
"""Zero crossings of the interpolating sinc on each side."""
CUTOFF = 0.9
"""Of the lower one of the two rates, over 2."""
QUIETEST_POWER = 1e-7
"""-70 dBFS: below it the tracker hears nothing either, and the network need not run."""


class Reading(NamedTuple):
    """f0_hz > 0, and how likely the network holds it, 0...1; 0: nothing is known."""

    f0_hz: float
    periodicity: float


NO_READING = Reading(1.0, 0.0)


class CrepeReader:
    """Reads the end of a stretch of audio.

    Args:
        sample_rate: of the audio, Hz, 8000 to 192000.

    Shape:
        past (n_past,) -> a Reading of its last 32 ms.
    """

    def __init__(self, sample_rate: int) -> None:
        # Output sample i lies at i * ratio; the last one half the taps before "now".
        ratio = sample_rate / HEARD_RATE_HZ
        stretch = max(ratio, 1.0) / CUTOFF
        reach = int(np.ceil(HALF_TAPS * stretch))
        at = np.arange(WINDOW_SIZE) * ratio
        self.starts = np.floor(at).astype(np.int64)
        steps = np.arange(-reach + 1, reach + 1)
        distance = steps - (at - self.starts)[:, None]
        shape = np.cos(np.pi * np.clip(distance / (2 * reach), -0.5, 0.5)) ** 2
        self.taps = (np.sinc(distance / stretch) * shape / stretch).astype(np.float32)
        self.n_past = int(self.starts[-1]) + 2 * reach
        self.delay_s = (reach + ratio * WINDOW_SIZE / 2) / sample_rate
        """From the window's centre to "now"."""

    def read(self, past: Floats) -> Reading:
        """Deterministic: the same samples have the same reading, wherever it is computed."""
        sections = sliding_window_view(past, self.taps.shape[1])[self.starts]
        window = np.einsum("ij,ij->i", sections, self.taps)
        power = float(window @ window) / WINDOW_SIZE
        if not QUIETEST_POWER < power < np.inf:  # nor where there are no numbers in it
            return NO_READING
        return decoded(crepe_tiny().forward(window))


def decoded(likelihoods: Floats) -> Reading:
    """The mean of the pitches around the likeliest one, weighted by likelihood. Shape: (360,)."""
    peak = int(np.argmax(likelihoods))
    bins = np.arange(max(0, peak - NEIGHBOURS), min(N_PITCHES, peak + NEIGHBOURS + 1))
    weights = likelihoods[bins].astype(np.float64)
    mean_bin = float((weights * bins).sum() / max(weights.sum(), 1e-12))
    heard_hz = 10.0 * 2.0 ** ((FIRST_BIN_CENTS + CENTS_A_BIN * mean_bin) / 1200.0)
    return Reading(heard_hz * HEARD_RATE_HZ / TRAINED_RATE_HZ, float(likelihoods[peak]))
