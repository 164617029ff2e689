"""How much later a signal comes back: click trains, and cross-correlation for what is sung."""

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


def correlation_lag(played: Audio, recorded: Audio, longest: int) -> int:
    """Samples, below `longest`, by which something that was played comes back later.

    All frequencies weigh alike (phase transform; Knapp and Carter 1976), so that a copy of what was
    played gives a peak one sample wide, also below an instrument that plays along.

    Shape:
        played: (T,), recorded: (T + longest,) or shorter
    """
    size = len(played) + len(recorded)
    cross = np.fft.rfft(recorded, size) * np.conj(np.fft.rfft(played, size))
    correlation = np.fft.irfft(cross / np.maximum(np.abs(cross), 1e-12), size)
    return int(np.argmax(correlation[:longest]))
