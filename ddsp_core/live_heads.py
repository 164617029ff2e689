"""The decoder's last step as it plays: from the heads' outputs to what the synthesizers need.

`Decoder._heads` in torch is the reference.
"""

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.synths import DETUNING_SCALE, DETUNING_SEMITONES, SynthName

Array = NDArray[np.float32]

_LN_10 = math.log(10.0)


@njit(nogil=True, cache=True, fastmath=True)
def sigmoid(x: np.float32) -> Any:
    """1 / (1 + exp(-x))."""
    return np.float32(1.0) / (np.float32(1.0) + np.exp(-x))


@njit(nogil=True, cache=True, fastmath=True)
def _modified_sigmoid(x: np.float32) -> Any:
    return np.float32(2.0) * sigmoid(x) ** np.float32(_LN_10) + np.float32(1e-7)


@njit(nogil=True, cache=True, fastmath=True)
def _place_and_share(
    heads: Array, f0_hz: float, numbers: Array, nyquist_hz: float, octaves: float, scale: float,
    frequencies_hz: Array, amplitudes: Array, noise_bands: Array,
) -> None:  # fmt: skip
    """Fills frequencies (C,), amplitudes (C,) and noise (F,) from heads (C + 1 + F [+ C],).

    Detuning's depth and scale are arguments: a compiled kernel on disk keeps another module's
    constants as they were.
    """
    n_shares, n_bands = len(amplitudes), len(noise_bands)
    detuning = heads[n_shares + 1 + n_bands :]
    total = np.float32(1e-12)
    for k in range(n_shares):
        hz = f0_hz * numbers[k]
        if len(detuning) > 0:
            hz *= np.exp2(octaves * np.tanh(detuning[k] / scale))
        frequencies_hz[k] = hz
        amplitudes[k] = _modified_sigmoid(heads[k]) if hz < nyquist_hz else np.float32(0.0)
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
        self.nyquist_hz = sample_rate / 2
        numbers = np.arange(1, n_shares + 1, dtype=np.float32)
        self.numbers = np.zeros_like(numbers) if synth == "wavetable" else numbers

    def controls(self, heads: Array, f0_hz: Array) -> tuple[Array, Array, Array]:
        """What drives the oscillators and the noise."""
        shape = len(heads), len(self.numbers)
        frequencies_hz, amplitudes = np.empty(shape, np.float32), np.empty(shape, np.float32)
        noise_bands = np.empty((len(heads), self.n_bands), np.float32)
        for n, hz in enumerate(f0_hz):
            _place_and_share(
                heads[n], hz, self.numbers, self.nyquist_hz, DETUNING_SEMITONES / 12.0,
                DETUNING_SCALE, frequencies_hz[n], amplitudes[n], noise_bands[n],
            )  # fmt: skip
        return (frequencies_hz if self.synth == "sinusoidal" else f0_hz), amplitudes, noise_bands
