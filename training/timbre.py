"""How far apart two timbres are: the MMD between clouds of MFCCs.

**What a frame is.** Mel-frequency cepstra (Davis and Mermelstein 1980): Hann frames of 43 ms,
half overlapping; power through 40 triangular bands, evenly spaced in mel (2595 log10(1 + f / 700))
from 60 Hz to 16 kHz, each of unit area; natural log; orthonormal DCT-II; coefficients 1 to 13.
Coefficient 0, the level, is left out, so a gain changes nothing. Frames more than 40 dB below the
loud ones (95th percentile of their power) are silence and left out.

**What the distance is.** The maximum mean discrepancy of A. Gretton et al., "A kernel two-sample
test" (JMLR 13, 2012): with k(x, y) = exp(-|x - y|^2 / (2 s^2)), their unbiased estimator (eq. 3)

    MMD^2 = mean_{i != j} k(x_i, x_j) + mean_{i != j} k(y_i, y_j) - 2 mean_{i, j} k(x_i, y_j),

s the median distance over all pairs of a pool (section 8). It is 0 on average between two samples
of one distribution, so it can fall a little below; `mmd` is its root, 0 there. Two distances to the
same recordings can be compared when both took the same s.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]
Frames = NDArray[np.float64]

FRAME_S = 0.043
N_BANDS = 40
BAND_RANGE_HZ = (60.0, 16000.0)
N_COEFFICIENTS = 13
SILENT_BELOW_DB = 40.0
MOST_FRAMES = 1500
"""Evenly spread; the kernel needs the square of it."""
FEWEST_FRAMES = 20
"""About half a second of sound; with fewer a distance says nothing."""
TINY = 1e-30


class Timbres(NamedTuple):
    """Distances of a singer and of what a voice made of the song to an instrument."""

    singer: float
    output: float

    @property
    def ratio(self) -> float:
        """What is left of the singer's distance."""
        return self.output / self.singer if self.singer > 0.0 else float("inf")


def mfcc(audio: Audio, sample_rate: int) -> Frames:
    """Cepstral coefficients 1 to 13 of every frame that sounds.

    Shape:
        (T,) -> (N, 13); N is 0 for silence and for less than a frame.
    """
    size = 2 * round(FRAME_S * sample_rate / 2)
    if len(audio) < size:
        return np.zeros((0, N_COEFFICIENTS))
    hops = np.lib.stride_tricks.sliding_window_view(audio.astype(np.float64), size)[:: size // 2]
    power = np.abs(np.fft.rfft(hops * np.hanning(size + 1)[:-1], axis=1)) ** 2
    total = power.sum(axis=1)
    sounding = total > max(np.percentile(total, 95) * 10.0 ** (-SILENT_BELOW_DB / 10.0), TINY)
    bands = power[sounding] @ mel_bands(sample_rate, size).T
    # The floor goes with the level, or else a band of nothing would tell a gain.
    floor = 1e-10 * bands.sum(axis=1, keepdims=True) + TINY
    coefficients = np.log(bands + floor) @ cosines(N_BANDS)[: N_COEFFICIENTS + 1].T
    return np.asarray(coefficients[:, 1:])


def mel_bands(sample_rate: int, size: int) -> Frames:
    """Triangular bands of unit area over the bins of a spectrum; none above Nyquist.

    Shape:
        -> (40, size / 2 + 1)
    """
    top_hz = min(BAND_RANGE_HZ[1], sample_rate / 2)
    low, high = (2595.0 * np.log10(1.0 + hz / 700.0) for hz in (BAND_RANGE_HZ[0], top_hz))
    edges_hz = 700.0 * (10.0 ** (np.linspace(low, high, N_BANDS + 2) / 2595.0) - 1.0)
    bins_hz = np.arange(size // 2 + 1) * sample_rate / size
    left, middle, right = (edges_hz[n : n + N_BANDS, None] for n in range(3))
    rising, falling = (bins_hz - left) / (middle - left), (right - bins_hz) / (right - middle)
    return np.asarray(np.clip(np.minimum(rising, falling), 0.0, None) * 2.0 / (right - left))


def cosines(size: int) -> Frames:
    """The orthonormal DCT-II as a matrix: row k is cosine k. Shape: (size, size)."""
    n = np.arange(size)
    matrix = np.sqrt(2.0 / size) * np.cos(np.pi * n[:, None] * (n + 0.5) / size)
    matrix[0] /= np.sqrt(2.0)
    return np.asarray(matrix)


def median_distance(*clouds: Frames) -> float:
    """The median heuristic: the middle distance over all pairs of the pool. Shape: (N, D) each."""
    pool = _thinned(np.concatenate([_thinned(cloud) for cloud in clouds]))
    squares = _squares(pool, pool)[np.triu_indices(len(pool), 1)]
    return float(np.sqrt(np.median(squares))) if len(squares) else 1.0


def mmd_squared(x: Frames, y: Frames, scale: float) -> float:
    """The unbiased estimate; about 0 (also below) where both come from one distribution.

    Args:
        scale: s of the kernel.

    Shape:
        (N, D), (M, D), two rows or more each.
    """
    x, y = _thinned(x), _thinned(y)
    within = sum(_mean_of_others(_kernel(cloud, cloud, scale)) for cloud in (x, y))
    return float(within - 2.0 * _kernel(x, y, scale).mean())


def mmd(x: Frames, y: Frames, scale: float) -> float:
    """The distance: the root of `mmd_squared`, 0 where that is below."""
    return float(np.sqrt(max(mmd_squared(x, y, scale), 0.0)))


def timbre_distances(singer: Audio, output: Audio, instrument: Audio, rate: int) -> Timbres | None:
    """Of a song, and of what a voice made of it, to recordings of the instrument.

    The kernel's width is the median over instrument and singer: it does not depend on the voice,
    so voices can be compared by it.

    Returns:
        None where there is not half a second of sound in each.
    """
    sung, played, real = (mfcc(audio, rate) for audio in (singer, output, instrument))
    if min(len(sung), len(played), len(real)) < FEWEST_FRAMES:
        return None
    scale = median_distance(real, sung)
    return Timbres(mmd(sung, real, scale), mmd(played, real, scale))


def _kernel(x: Frames, y: Frames, scale: float) -> Frames:
    return np.asarray(np.exp(-_squares(x, y) / (2.0 * scale**2)))


def _squares(x: Frames, y: Frames) -> Frames:
    """|x|^2 - 2 x y + |y|^2 of every pair, rounding errors below 0 cut off."""
    lengths = (x**2).sum(axis=1)[:, None] + (y**2).sum(axis=1)
    return np.asarray(np.maximum(lengths - 2.0 * x @ y.T, 0.0))


def _mean_of_others(kernel: Frames) -> float:
    n = len(kernel)
    return float((kernel.sum() - np.trace(kernel)) / (n * (n - 1)))


def _thinned(cloud: Frames) -> Frames:
    if len(cloud) <= MOST_FRAMES:
        return cloud
    return cloud[np.linspace(0, len(cloud) - 1, MOST_FRAMES).round().astype(int)]
