"""The tone as it plays: a hop of whichever oscillators the voice has, added to what sounds.

The compiled voice calls this one kernel, and it the kernels of `harmonic`, `sinusoidal` and
`wavetable`, which also those files' stages call.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.checkpoint import VoiceConfig, VoiceFile
from ddsp_core.harmonic import add_partials, phasor
from ddsp_core.sinusoidal import add_sinusoids
from ddsp_core.synths import SHARES, SYNTHS, head_sizes
from ddsp_core.wavetable import WavetableOscillators, add_waves, mix_tables

Array = NDArray[np.float32]

HARMONIC, SINUSOIDAL, WAVETABLE = (SYNTHS.index(s) for s in ("harmonic", "sinusoidal", "wavetable"))


class ToneTables(NamedTuple):
    """What does not change while a voice plays."""

    synth: int  # HARMONIC, SINUSOIDAL or WAVETABLE
    sample_rate: float
    tables: Array  # (W, 2, K) of a wavetable voice; else (0, 2, 1)


class ToneState(NamedTuple):
    """Where the oscillators stand at the end of a hop; P is K for sinusoids, else 1."""

    phases_cycles: NDArray[np.float64]  # (P,), 0...1
    frequencies_hz: NDArray[np.float64]  # (P,); 0 before the first hop, which does not glide
    amplitudes: Array  # (C,), of partials or tables


def tone_tables(file: VoiceFile) -> ToneTables:
    """Of a voice."""
    config = file.config
    tables = np.empty((0, 2, 1), np.float32)
    if config.synth == "wavetable":
        learned = file.tensors["oscillators.tables"]
        tables = WavetableOscillators(learned, config.sample_rate, config.hop_size).tables
    return ToneTables(SYNTHS.index(config.synth), float(config.sample_rate), tables)


def silent_tone(config: VoiceConfig) -> ToneState:
    """The state before the first hop."""
    sizes = head_sizes(config.synth, config.decoder.n_harmonics, config.decoder.n_bands)
    n_shares = sizes[SHARES[config.synth]]
    n_phases = n_shares if config.synth == "sinusoidal" else 1
    return ToneState(np.zeros(n_phases), np.zeros(n_phases), np.zeros(n_shares, np.float32))


@njit(nogil=True, cache=True)
def _add_waves_of(
    tone: ToneTables, state: ToneState, f0_hz: float, amplitudes: Array, re: Array, im: Array,
    out: Array,
) -> None:  # fmt: skip
    """The wavetables' part of `add_tone`."""
    nyquist_hz = tone.sample_rate / 2.0
    before, now = np.empty_like(tone.tables[0]), np.empty_like(tone.tables[0])
    mix_tables(tone.tables, state.amplitudes, state.frequencies_hz[0], nyquist_hz, before)
    mix_tables(tone.tables, amplitudes, f0_hz, nyquist_hz, now)
    add_waves(before, now, re, im, out)


@njit(nogil=True, cache=True)
def add_tone(
    tone: ToneTables, state: ToneState, frequencies_hz: NDArray[np.float64], amplitudes: Array,
    out: Array,
) -> None:  # fmt: skip
    """Adds one hop to out (H,), from the frame before to frequencies (P,) and amplitudes (C,)."""
    if state.frequencies_hz[0] == 0.0:
        state.frequencies_hz[:] = frequencies_hz
    rate, f0_hz = tone.sample_rate, frequencies_hz[0]
    if tone.synth == SINUSOIDAL:
        add_sinusoids(
            state.frequencies_hz, frequencies_hz, state.phases_cycles, state.amplitudes,
            amplitudes, rate, out,
        )  # fmt: skip
    else:
        re, im = np.empty_like(out), np.empty_like(out)
        from_hz, phase = state.frequencies_hz[0], state.phases_cycles[0]
        state.phases_cycles[0] = phasor(from_hz, f0_hz, phase, rate, re, im)
        if tone.synth == WAVETABLE:
            _add_waves_of(tone, state, f0_hz, amplitudes, re, im, out)
        else:
            add_partials(state.amplitudes, amplitudes, re, im, out)
    state.frequencies_hz[:] = frequencies_hz
    state.amplitudes[:] = amplitudes
