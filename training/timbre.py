"""How far apart two timbres are: the MMD between clouds of MFCCs, at equal pitch.

**What a frame is.** Mel-frequency cepstra (Davis and Mermelstein 1980): Hann frames of 43 ms,
half overlapping; power through 40 triangular bands, evenly spaced in mel (2595 log10(1 + f / 700))
from 60 Hz to 16 kHz, each of unit area; natural log; orthonormal DCT-II; coefficients 1 to 13.
Coefficient 0, the level, is left out, so a gain changes nothing. Frames more than 40 dB below the
loud ones (95th percentile of their power) are silence and left out.

**What the distance is.** The maximum mean discrepancy between the frames of two sounds, the kernel
as wide as the median distance over the frames of instrument and singer together (mmd.py).

**At equal pitch.** A violin's low notes are darker than its high ones by more than violins differ,
so a low song on a perfect violin would be far from recordings that play high. The recordings'
frames are therefore weighted so that they are spread over pitch (in steps of two semitones) as the
notes are that the song asks for; means over them become weighted means. Only frames with a clear
pitch count. `compare` gives the distances without this, too.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.units import hz_to_midi
from training.mmd import median_distance, mmd, thinned

Audio = NDArray[np.float32]
Frames = NDArray[np.float64]
Numbers = NDArray[np.float64]

FRAME_S = 0.043
N_BANDS = 40
BAND_RANGE_HZ = (60.0, 16000.0)
N_COEFFICIENTS = 13
SILENT_BELOW_DB = 40.0
FEWEST_FRAMES = 20
"""About half a second of sound; with fewer a distance says nothing."""
PITCH_STEP_SEMITONES = 2.0
TINY = 1e-30


class Cloud(NamedTuple):
    """Frames of a sound, with the note that each plays. Shape: (N, 13), (N,)."""

    frames: Frames
    midi: Numbers


class Timbres(NamedTuple):
    """Distances of a singer and of what a voice made of the song to an instrument."""

    singer: float
    output: float
    singer_at_any_pitch: float
    output_at_any_pitch: float

    @property
    def ratio(self) -> float:
        """What is left of the singer's distance."""
        return self.output / self.singer if self.singer > 0.0 else float("inf")


def mfcc(audio: Audio, sample_rate: int) -> tuple[Frames, Numbers]:
    """Cepstral coefficients 1 to 13 of every frame that sounds, and the times of their centres.

    Shape:
        (T,) -> (N, 13), (N,) in seconds; N is 0 for silence and for less than a frame.
    """
    size = 2 * round(FRAME_S * sample_rate / 2)
    if len(audio) < size:
        return np.zeros((0, N_COEFFICIENTS)), np.zeros(0)
    hops = np.lib.stride_tricks.sliding_window_view(audio.astype(np.float64), size)[:: size // 2]
    power = np.abs(np.fft.rfft(hops * np.hanning(size + 1)[:-1], axis=1)) ** 2
    total = power.sum(axis=1)
    sounding = total > max(np.percentile(total, 95) * 10.0 ** (-SILENT_BELOW_DB / 10.0), TINY)
    bands = power[sounding] @ mel_bands(sample_rate, size).T
    # The floor goes with the level, or else a band of nothing would tell a gain.
    floor = 1e-10 * bands.sum(axis=1, keepdims=True) + TINY
    coefficients = np.log(bands + floor) @ cosines(N_BANDS)[: N_COEFFICIENTS + 1].T
    time_s = (np.flatnonzero(sounding) + 1) * (size // 2) / sample_rate
    return np.asarray(coefficients[:, 1:]), time_s


def cloud(audio: Audio, sample_rate: int, time_s: Numbers, f0_hz: NDArray[np.floating]) -> Cloud:
    """The frames of a sound that play a note.

    Args:
        time_s, f0_hz: the notes, 0 Hz where there is none; read at the nearest time.

    Shape:
        (T,), (M,), (M,) with M > 1
    """
    frames, centre_s = mfcc(audio, sample_rate)
    after = np.clip(np.searchsorted(time_s, centre_s), 1, len(time_s) - 1)
    nearest = np.where(centre_s - time_s[after - 1] < time_s[after] - centre_s, after - 1, after)
    here_hz = np.asarray(f0_hz, np.float64)[nearest]
    plays = here_hz > 0.0
    return Cloud(frames[plays], np.asarray(hz_to_midi(here_hz[plays]), np.float64))


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


def pitch_weights(midi: Numbers, like: Numbers) -> Numbers:
    """Weights that spread frames over pitch as others are; 0 where those have nothing.

    Shape:
        (N,), (M,) -> (N,)

    >>> pitch_weights(np.array([60.0, 60.1, 72.0, 90.0]), np.array([60.0, 72.0]))
    array([0.5, 0.5, 1. , 0. ])
    """
    steps, others = (np.round(notes / PITCH_STEP_SEMITONES) for notes in (midi, like))
    weights = np.zeros(len(midi))
    for step in np.unique(others):
        here = steps == step
        if here.any():
            weights[here] = np.count_nonzero(others == step) / np.count_nonzero(here)
    return weights


def compare(singer: Cloud, output: Cloud, instrument: Cloud) -> Timbres | None:
    """Distances of a song, and of what a voice made of it, to recordings of the instrument.

    Args:
        singer, output: with the notes that the song asks for.

    Returns:
        None where there is not half a second of sound in each, at the pitches in question too.
    """
    singer, output = (_played(notes, instrument) for notes in (singer, output))
    there = pitch_weights(instrument.midi, singer.midi) > 0.0
    near = _thinned(Cloud(instrument.frames[there], instrument.midi[there]))
    if min(len(each.midi) for each in (singer, output, near)) < FEWEST_FRAMES:
        return None
    singer, output, anything = (_thinned(each) for each in (singer, output, instrument))
    # The kernel's width does not depend on the voice: voices can be compared by the distances.
    scale = median_distance(near.frames, singer.frames)
    any_scale = median_distance(anything.frames, singer.frames)
    weights = pitch_weights(near.midi, singer.midi)
    sides = (singer.frames, output.frames)
    return Timbres(
        *(mmd(side, near.frames, scale, weights) for side in sides),
        *(mmd(side, anything.frames, any_scale) for side in sides),
    )


def _thinned(notes: Cloud) -> Cloud:
    kept = thinned(len(notes.midi))
    return Cloud(notes.frames[kept], notes.midi[kept])


def _played(notes: Cloud, instrument: Cloud) -> Cloud:
    """Without notes that the recordings do not hold: there is nothing to compare them with."""
    there = pitch_weights(notes.midi, instrument.midi) > 0.0
    return Cloud(notes.frames[there], notes.midi[there])
