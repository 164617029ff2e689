"""Click trains, and by how many samples they come back later."""

import numpy as np

from rig.transport import Audio

PEAK = 0.5


def click_train(duration_s: float, sample_rate: int, every_s: float = 0.25, seed: int = 0) -> Audio:
    """Single samples, spaced a little unevenly so that no place within a period is special.

    Shape:
        returns (T,)
    """
    rng = np.random.default_rng(seed)
    audio = np.zeros(round(duration_s * sample_rate), np.float32)
    spacing, jitter = round(every_s * sample_rate), round(0.04 * every_s * sample_rate)
    at = spacing // 2
    while at < len(audio):
        audio[at] = PEAK
        at += spacing + int(rng.integers(-jitter, jitter + 1))
    return audio


def click_lags(played: Audio, recorded: Audio) -> list[int]:
    """Samples from each click played to the loudest sample recorded before the next is played.

    Shape:
        played: (T,), recorded: (T + tail,)
    """
    places = np.flatnonzero(played)
    ends = [*places[1:], len(recorded)]
    spans = zip(places, ends, strict=True)
    return [int(np.argmax(np.abs(recorded[at:end]))) for at, end in spans]
