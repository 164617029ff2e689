"""The decoder's last step as it plays: from the heads' outputs to what the synthesizers need.

`Decoder._heads` in torch is the reference.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.elementary import log2, power_of_two, sigmoid, tanh
from ddsp_core.synths import DETUNING_SCALE, DETUNING_SEMITONES, SynthName

Array = NDArray[np.float32]

_LN_10 = np.float32(math.log(10.0))


class HeadTables(NamedTuple):
    """What the last step needs to know."""

    numbers: Array  # (C,): multiples of f0; 0 for tables, band-limited where they are read
    nyquist_hz: float
    detuning_octaves: float
    detuning_scale: float


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def _modified_sigmoid(x: np.float32) -> Any:
    """2 sigmoid(x)^ln 10 + 1e-7."""
    return np.float32(2.0) * power_of_two(_LN_10 * log2(sigmoid(x))) + np.float32(1e-7)


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def place_and_share(
    tables: HeadTables, heads: Array, f0_hz: float,
    frequencies_hz: Array, amplitudes: Array, noise_bands: Array,
) -> None:  # fmt: skip
    """Fills frequencies (C,), amplitudes (C,) and noise (F,) from heads (C + 1 + F [+ C],)."""
    n_shares, n_bands = len(amplitudes), len(noise_bands)
    detuning = heads[n_shares + 1 + n_bands :]
    for k in range(n_shares):
        frequencies_hz[k] = f0_hz * tables.numbers[k]
    for k in range(len(detuning)):
        bend = tanh(np.float32(detuning[k] / tables.detuning_scale))
        frequencies_hz[k] *= power_of_two(np.float32(tables.detuning_octaves) * bend)
    total = np.float32(1e-12)
    for k in range(n_shares):
        is_heard = frequencies_hz[k] < tables.nyquist_hz
        amplitudes[k] = _modified_sigmoid(heads[k]) if is_heard else np.float32(0.0)
        total += amplitudes[k]
    share = _modified_sigmoid(heads[n_shares]) / total
    for k in range(n_shares):
        amplitudes[k] *= share
    for i in range(n_bands):
        noise_bands[i] = _modified_sigmoid(heads[n_shares + 1 + i])


class HeadStep:
    """The heads of one synth.

    Args:
        synth: which; see `synths`.
        n_shares: C, harmonics, sinusoids or tables.
        n_bands: F.
        sample_rate: Hz.

    Shape:
        heads (N, C + 1 + F [+ C]), f0_hz (N,) -> frequencies_hz (N,), of sinusoids (N, C);
        amplitudes (N, C); noise_bands (N, F).
    """

    def __init__(self, synth: SynthName, n_shares: int, n_bands: int, sample_rate: int) -> None:
        self.synth = synth
        self.n_bands = n_bands
        numbers = np.arange(1, n_shares + 1, dtype=np.float32)
        self.tables = HeadTables(
            np.zeros_like(numbers) if synth == "wavetable" else numbers,
            sample_rate / 2,
            DETUNING_SEMITONES / 12.0,
            DETUNING_SCALE,
        )

    def controls(self, heads: Array, f0_hz: Array) -> tuple[Array, Array, Array]:
        """What drives the oscillators and the noise."""
        shape = len(heads), len(self.tables.numbers)
        frequencies_hz, amplitudes = np.empty(shape, np.float32), np.empty(shape, np.float32)
        noise_bands = np.empty((len(heads), self.n_bands), np.float32)
        for n, hz in enumerate(f0_hz):
            place_and_share(
                self.tables, heads[n], hz, frequencies_hz[n], amplitudes[n], noise_bands[n]
            )
        return (frequencies_hz if self.synth == "sinusoidal" else f0_hz), amplitudes, noise_bands
