"""Wavetables as Fourier coefficients beside tables of samples per octave: alias, treble, cost.

    python -m benchmarks.wavetable

A saw of 100 harmonics at whole FFT bins, so that everything that is not on a harmonic is error:
aliases and what interpolation leaves. Tables per octave (mip-maps) hold what fits below Nyquist at
the octave's bottom (`full`: the top of the octave aliases) or at its top (`safe`: the bottom of the
octave lacks treble). The cost is a hop of 128 samples with eight tables mixed anew, called back to
back.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.harmonic import Reals
from ddsp_core.wavetable import WavetableOscillators, saw

RATE, HOP, N_HARMONICS, N_TABLES = 48000, 128, 100, 8
LOWEST_HZ, N_OCTAVES, TABLE_SIZE = 27.5, 8, 2048
N_SAMPLES = 2**16
TONES_BINS = (301, 601, 1201, 2399, 4799)
"""Prime to the FFT's size; 220 Hz to 3.5 kHz."""


class Row(NamedTuple):
    """At the worst of the tones: error, and harmonics there of those that fit; time a hop."""

    what: str
    error_db: float
    kept: float
    hop_us: float


@njit(nogil=True, cache=True)
def _cubic(table: Reals, phase: float) -> float:
    """Four points around the phase, in cycles (Catmull and Rom)."""
    at = phase * len(table)
    i = int(at)
    t, mask = at - i, len(table) - 1
    a, b = table[(i - 1) & mask], table[i & mask]
    c, d = table[(i + 1) & mask], table[(i + 2) & mask]
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))


@njit(nogil=True, cache=True)
def _play_octaves(
    levels: Reals, f0_hz: Reals, amplitudes: Reals, cubic: bool, audio: Reals
) -> None:
    """Mixes (octaves, W, size) by amplitudes (N, W) for each hop, reads by interpolation."""
    size, phase = levels.shape[2], 0.0
    mixed = np.empty((2, size), levels.dtype)
    for n in range(len(f0_hz)):
        octave = min(max(int(np.floor(np.log2(f0_hz[n] / LOWEST_HZ))), 0), N_OCTAVES - 1)
        mixed[:] = 0.0
        for end in range(2):
            for w in range(levels.shape[1]):
                amplitude = amplitudes[max(n - 1 + end, 0), w]
                for i in range(size):
                    mixed[end, i] += amplitude * levels[octave, w, i]
        for j in range(HOP):
            phase += f0_hz[n] / RATE
            phase -= np.floor(phase)
            if cubic:
                before, now = _cubic(mixed[0], phase), _cubic(mixed[1], phase)
            else:
                i, t = int(phase * size), phase * size - int(phase * size)
                after = (i + 1) % size
                before = mixed[0, i] + t * (mixed[0, after] - mixed[0, i])
                now = mixed[1, i] + t * (mixed[1, after] - mixed[1, i])
            audio[n * HOP + j] = before + (now - before) * (j + 1) / HOP


def octave_tables(safe: bool) -> NDArray[np.float32]:
    """The saw, as many times as there are tables. Shape: (octaves, W, size)."""
    k, t = np.arange(1, N_HARMONICS + 1), np.arange(TABLE_SIZE) / TABLE_SIZE
    sines = saw(N_HARMONICS)[:, None] * np.sin(2 * np.pi * k[:, None] * t)
    bottoms_hz = LOWEST_HZ * 2.0 ** np.arange(N_OCTAVES)
    highest = RATE / 2 / (bottoms_hz * (2 if safe else 1))
    levels = np.array([sines[k < most].sum(axis=0) for most in highest])
    return np.tile(levels[:, None], (1, N_TABLES, 1)).astype(np.float32)


def players() -> dict[str, Callable[[Reals, Reals], Reals]]:
    tables = np.zeros((N_TABLES, 2, N_HARMONICS), np.float32)
    tables[:, 0] = 1.0
    fourier = WavetableOscillators(tables, RATE, HOP)

    def octaves(safe: bool, cubic: bool) -> Callable[[Reals, Reals], Reals]:
        levels = octave_tables(safe)

        def play(f0_hz: Reals, amplitudes: Reals) -> Reals:
            audio = np.empty(len(f0_hz) * HOP, np.float32)
            _play_octaves(levels, f0_hz, amplitudes, cubic, audio)
            return audio

        return play

    return {
        "Fourier coefficients": lambda f0_hz, amplitudes: fourier.forward((f0_hz, amplitudes))[0],
        "octaves, full, linear": octaves(safe=False, cubic=False),
        "octaves, safe, linear": octaves(safe=True, cubic=False),
        "octaves, safe, cubic": octaves(safe=True, cubic=True),
    }


def measured(what: str, play: Callable[[Reals, Reals], Reals]) -> Row:
    n_frames = N_SAMPLES // HOP + 1
    amplitudes = np.full((n_frames, N_TABLES), 1.0 / N_TABLES, np.float32)
    errors_db, kept = [], []
    for bins in TONES_BINS:
        f0_hz = np.full(n_frames, bins * RATE / N_SAMPLES)
        power = np.abs(np.fft.rfft(play(f0_hz, amplitudes)[HOP:].astype(float))) ** 2
        places = bins * np.arange(1, min(N_HARMONICS, (N_SAMPLES // 2) // bins) + 1)
        harmonics = power[places]
        power[places] = 0.0
        errors_db.append(10 * np.log10(power.sum() / harmonics.sum()))
        wanted = (saw(N_HARMONICS)[: len(places)] * N_SAMPLES / 2) ** 2
        kept.append(float(np.mean(harmonics > 0.5 * wanted)))
    one = f0_hz[:1], amplitudes[:1]
    return Row(what, max(errors_db), min(kept), microseconds(lambda: play(*one)))


def microseconds(call: Callable[[], object]) -> float:
    """The fastest of many runs: another program on the core is not what is measured."""
    best_s = float("inf")
    for _ in range(200):
        begun_s = time.perf_counter()
        for _ in range(20):
            call()
        best_s = min(best_s, (time.perf_counter() - begun_s) / 20)
    return 1e6 * best_s


def main() -> None:
    print("| wavetable | error, dB | harmonics kept | us a hop |\n|---|---|---|---|")
    for name, play in players().items():
        row = measured(name, play)
        print(f"| {row.what} | {row.error_db:.0f} | {100 * row.kept:.0f} % | {row.hop_us:.1f} |")


if __name__ == "__main__":
    main()
