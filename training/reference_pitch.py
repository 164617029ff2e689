"""An offline pitch tracker to measure the live one against: swift-f0, where it is installed.

swift-f0 (Nieradzik, https://github.com/lars76/swift-f0) looks ahead and is within 50 cents on 99 %
of clean synthetic voice; the difference to the live tracker is what playing costs. It hears 47 to
2094 Hz: notes above are not compared.
"""

import importlib.util
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEARD_UP_TO_HZ = 2000.0
VOICED = 0.5
"""swift-f0 calls a frame voiced from here on; on reverberant violin 0.02 % of these are too low."""


def is_installed() -> bool:
    """Whether `reference_f0_hz` can answer."""
    return importlib.util.find_spec("swift_f0") is not None


@cache
def _detector() -> Any:
    from swift_f0 import SwiftF0

    return SwiftF0(threads=1)


def reference_f0_hz(
    audio: NDArray[np.float32], sample_rate: int, hop_size: int, delay_samples: int, n_frames: int
) -> NDArray[np.float32]:
    """Pitch at the moments that the live feature frames describe; 0 where none is heard.

    Frame n has seen the input before sample (n + 1) * hop and describes it `delay` earlier.

    Shape:
        audio (T,) -> (n_frames,) float32
    """
    found = _detector().detect(audio, sample_rate)
    times_s = ((np.arange(n_frames) + 1) * hop_size - delay_samples) / sample_rate
    after = np.clip(np.searchsorted(found.timestamps, times_s), 1, len(found.timestamps) - 1)
    share = (times_s - found.timestamps[after - 1]) / np.diff(found.timestamps)[after - 1]
    # Between two frames of a glide the pitch lies between, in cents; across a step it does not.
    low, high = found.pitch_hz[after - 1], found.pitch_hz[after]
    f0_hz = low * (high / low) ** np.clip(share, 0.0, 1.0)
    sure = np.minimum(found.confidence[after - 1], found.confidence[after]) >= VOICED
    steady = np.abs(np.log2(high / low)) < 1 / 12
    return np.where(sure & steady & (f0_hz < HEARD_UP_TO_HZ), f0_hz, 0.0).astype(np.float32)
