"""Figures that say how much an output is like its input, and how much like a violin. numpy only.

Curves of pitch come as two arrays, times_s and f0_hz, with 0 where there is none.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.loudness import Loudness
from ddsp_core.units import power_to_db

Audio = NDArray[np.float32]
Curve = NDArray[np.float64]
Flags = NDArray[np.bool_]

LAGS_S = np.arange(-0.05, 0.0501, 0.0025)
FLOOR_DB = 40.0
"""Loudness curves end this far below their loud frames (95th percentile): the singer's breath
between two lines is not to be played, and how silent a silence is says nothing."""
CLICK_WINDOW_S = 0.02
LOUDNESS_WINDOW_S = 0.016
QUIET_RMS = 1e-5
"""Floor of the click measure: a third difference of -100 dBFS, below the last bit of a CD."""
CLICK_RATIO = 12.0
SILENT_DB = -80.0
HIGH_HZ = 8000.0


class PitchMatch(NamedTuple):
    """How well one pitch curve follows another, octave shift taken out."""

    within_50_cents: float  # share of the truth's voiced frames, in percent; no pitch is a miss
    median_cents: float  # absolute, over the voiced frames that have a pitch
    bias_cents: float  # median with its sign
    missing: float  # percent of voiced frames without any pitch
    octave_errors: float  # percent of voiced frames within 50 cents of another octave
    best_lag_ms: float  # by how much the curve should be earlier to fit best
    within_50_cents_at_best_lag: float


def match_pitch(
    times_s: Curve, f0_hz: Curve, truth_times_s: Curve, truth_hz: Curve, octaves: float = 0.0
) -> PitchMatch:
    """Compares a pitch curve with the truth.

    Args:
        octaves: by how much the curve was meant to lie above the truth.

    Raises:
        ValueError: the truth has no voiced frame.
    """
    voiced = truth_hz > 0
    if not voiced.any():
        raise ValueError("no voiced frame in the truth")
    at_s, aim_hz = truth_times_s[voiced], truth_hz[voiced] * 2.0**octaves

    def cents(lag_s: float) -> Curve:
        return _cents(pitch_at(times_s, f0_hz, at_s + lag_s), aim_hz)

    here = cents(0.0)
    found = here[~np.isnan(here)]
    best_s = min(LAGS_S, key=lambda lag_s: _distance(cents(lag_s)))
    return PitchMatch(
        within_50_cents=_percent(np.abs(here) < 50),
        median_cents=float(np.median(np.abs(found))) if len(found) else float("nan"),
        bias_cents=float(np.median(found)) if len(found) else float("nan"),
        missing=_percent(np.isnan(here)),
        octave_errors=_percent(_is_other_octave(here)),
        best_lag_ms=1e3 * float(best_s),
        within_50_cents_at_best_lag=_percent(np.abs(cents(best_s)) < 50),
    )


def pitch_at(times_s: Curve, f0_hz: Curve, at_s: Curve) -> Curve:
    """A pitch curve read anywhere: along glides (in cents), else the nearest row; 0: no pitch."""
    after = np.clip(np.searchsorted(times_s, at_s), 1, len(times_s) - 1)
    low, high = f0_hz[after - 1], f0_hz[after]
    share = (at_s - times_s[after - 1]) / (times_s[after] - times_s[after - 1])
    outside = (share < -1) | (share > 2)
    share = np.clip(share, 0.0, 1.0)
    near = np.where(share < 0.5, low, high)
    glides = (low > 0) & (high > 0) & (np.abs(high - low) < 0.1 * np.maximum(low, 1.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        between = low * (high / low) ** share
    return np.where(outside, 0.0, np.where(glides, between, near))


def loudness_curve(audio: Audio, sample_rate: int) -> NDArray[np.float32]:
    """A-weighted loudness in dB, a value every 10 ms. (T,) -> (N,)."""
    hop_size = round(0.01 * sample_rate)
    n_hops = len(audio) // hop_size
    hops = np.ascontiguousarray(audio[: n_hops * hop_size], np.float32).reshape(n_hops, hop_size)
    smooth = np.full(n_hops, 1.0 / LOUDNESS_WINDOW_S, np.float32)
    return Loudness(sample_rate, hop_size).forward((hops, smooth))[0]


def above_floor(
    loudness_db: NDArray[np.float32], floor_db: float = FLOOR_DB
) -> NDArray[np.float32]:
    """The curve with everything lower than `floor_db` under its loud frames raised to that."""
    return np.maximum(loudness_db, np.percentile(loudness_db, 95) - floor_db)


def correlation(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """Pearson's; nan where one of them does not move."""
    if len(a) < 2 or np.std(a) == 0 or np.std(b) == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


class Clicks(NamedTuple):
    """The third difference against its rms over 20 ms around."""

    worst_ratio: float
    worst_at_s: float
    n_above: int  # separate places above CLICK_RATIO, 5 ms apart or more
    places_s: tuple[float, ...]  # the first few of them


def clicks(audio: Audio, sample_rate: int) -> Clicks:
    """Looks for steps: a click stands out of the third difference, where slow waves vanish.

    The rms is over `CLICK_WINDOW_S` centred on each sample, the sample included (one click in
    silence reaches the square root of the window's samples, 31 at 48 kHz), with a floor of
    `QUIET_RMS`. (T,), 0.02 s or more.
    """
    third = np.diff(np.asarray(audio, dtype=np.float64), n=3)
    window = round(CLICK_WINDOW_S * sample_rate)
    sums = np.concatenate(([0.0], np.cumsum(third**2)))
    first = np.clip(np.arange(len(third)) - window // 2, 0, max(len(third) - window, 0))
    power = (sums[np.minimum(first + window, len(third))] - sums[first]) / window
    ratio = np.abs(third) / np.maximum(np.sqrt(np.maximum(power, 0.0)), QUIET_RMS)
    places = np.flatnonzero(ratio > CLICK_RATIO)
    apart = np.diff(places, prepend=-sample_rate) > 0.005 * sample_rate
    worst = int(np.argmax(ratio))
    starts_s = tuple(float(place / sample_rate) for place in places[apart][:20])
    return Clicks(float(ratio[worst]), worst / sample_rate, int(apart.sum()), starts_s)


def average_spectrum(audio: Audio, n_fft: int = 4096) -> Curve:
    """Long-term mean power of Hann windows with half overlap. (T,) -> (n_fft // 2 + 1,)."""
    padded = np.pad(np.asarray(audio, np.float64), (0, max(0, n_fft - len(audio))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[:: n_fft // 2]
    window = np.hanning(n_fft)
    total = np.zeros(n_fft // 2 + 1)
    for start in range(0, len(frames), 64):
        total += (np.abs(np.fft.rfft(frames[start : start + 64] * window)) ** 2).sum(axis=0)
    return np.asarray(total / len(frames) / (window**2).sum())


def high_share_db(audio: Audio, sample_rate: int) -> float:
    """Energy above 8 kHz against all energy above 20 Hz, in dB."""
    power = average_spectrum(audio)
    freqs_hz = np.linspace(0, sample_rate / 2, len(power))
    total = power[freqs_hz > 20.0].sum()
    return float(power_to_db(power[freqs_hz >= HIGH_HZ].sum() / max(total, 1e-30)))


def levels(audio: Audio, sample_rate: int) -> dict[str, float]:
    """Peak in dBFS, percent of 10-ms frames whose rms is below -80 dBFS, and DC."""
    n = len(audio) // (sample_rate // 100)
    frames = audio[: n * (sample_rate // 100)].reshape(n, -1).astype(np.float64)
    rms_db = power_to_db((frames**2).mean(axis=1))
    return {
        "peak_db": float(power_to_db(float(np.abs(audio).max()) ** 2)),
        "silent": _percent(rms_db < SILENT_DB),
        "dc": float(np.mean(audio, dtype=np.float64)),
    }


def _cents(f0_hz: Curve, aim_hz: Curve) -> Curve:
    """Distance in cents, nan where there is no pitch."""
    with np.errstate(divide="ignore"):
        return np.where(f0_hz > 0, 1200.0 * np.log2(f0_hz / aim_hz), np.nan)


def _distance(cents: Curve) -> float:
    return float(np.minimum(np.nan_to_num(np.abs(cents), nan=50.0), 50.0).mean())


def _is_other_octave(cents: Curve) -> Flags:
    octaves = np.round(np.nan_to_num(cents) / 1200.0)
    return np.asarray((octaves != 0) & (np.abs(cents - 1200.0 * octaves) < 50))


def _percent(flags: Flags) -> float:
    return 100.0 * float(np.mean(flags)) if len(flags) else float("nan")
