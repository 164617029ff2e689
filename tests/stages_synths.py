"""The oscillators of the three synths as the law sees them; `stages` has the rest."""

import numpy as np
import torch
from law import Subject
from stages import BATCH, HOP, N_FRAMES, N_TORCH_FRAMES, RATE, curves, random, subject, tensor

from ddsp_core.harmonic import HarmonicOscillators
from ddsp_core.harmonic_torch import HarmonicSynth
from ddsp_core.sinusoidal import SinusoidalOscillators
from ddsp_core.sinusoidal_torch import SinusoidalSynth
from ddsp_core.synths import N_TABLES
from ddsp_core.wavetable import WavetableOscillators
from ddsp_core.wavetable_torch import WavetableSynth


@subject("HarmonicOscillators", HarmonicOscillators, "float32", "float64")
def _oscillators(dtype: str) -> Subject:
    f0_hz, _ = curves(N_FRAMES)
    inputs = f0_hz.astype(dtype), random(N_FRAMES, 20).astype(dtype)
    return Subject(HarmonicOscillators(RATE, HOP).forward, inputs, N_FRAMES)


def _batch_of_tones(dtype: str) -> tuple[torch.Tensor, torch.Tensor]:
    f0_hz, _ = curves(BATCH, N_TORCH_FRAMES)
    return tensor(f0_hz, dtype), tensor(random(BATCH, N_TORCH_FRAMES, 20), dtype, True)


@subject("HarmonicSynth.kernel", HarmonicSynth, "float32", "float64")
def _kernel(dtype: str) -> Subject:
    return Subject(HarmonicSynth(RATE, HOP).forward, _batch_of_tones(dtype), N_TORCH_FRAMES, 1)


@subject("HarmonicSynth.reference", HarmonicSynth, "float32", "float64")
def _reference(dtype: str) -> Subject:
    synth = HarmonicSynth(RATE, HOP)
    synth.kernel = synth.reference  # type: ignore[method-assign]  # as on a GPU
    return Subject(synth.forward, _batch_of_tones(dtype), N_TORCH_FRAMES, 1)


def places(*shape: int) -> np.ndarray:
    """Frequencies of sinusoids, some above Nyquist."""
    return 220.0 * 2.0 ** random(*shape, low=-1.0, high=7.0)


@subject("SinusoidalOscillators", SinusoidalOscillators, "float32", "float64")
def _sinusoids(dtype: str) -> Subject:
    inputs = places(N_FRAMES, 20).astype(dtype), random(N_FRAMES, 20).astype(dtype)
    return Subject(SinusoidalOscillators(RATE, HOP).forward, inputs, N_FRAMES)


@subject("SinusoidalSynth.kernel", SinusoidalSynth, "float32", "float64")
def _sinusoidal_kernel(dtype: str, reference: bool = False) -> Subject:
    synth = SinusoidalSynth(RATE, HOP)
    synth.kernel = synth.reference if reference else synth.kernel  # type: ignore[method-assign]
    shape = BATCH, N_TORCH_FRAMES, 20
    inputs = tensor(places(*shape), dtype, True), tensor(random(*shape), dtype, True)
    return Subject(synth.forward, inputs, N_TORCH_FRAMES, 1)


@subject("SinusoidalSynth.reference", SinusoidalSynth, "float32", "float64")
def _sinusoidal_reference(dtype: str) -> Subject:
    return _sinusoidal_kernel(dtype, reference=True)


@subject("WavetableOscillators", WavetableOscillators, "float32", "float64")
def _wavetables(dtype: str) -> Subject:
    inputs = curves(N_FRAMES)[0].astype(dtype), random(N_FRAMES, 3).astype(dtype)
    tables = random(3, 2, 20, low=-1.0).astype(dtype)
    return Subject(WavetableOscillators(tables, RATE, HOP).forward, inputs, N_FRAMES)


@subject("WavetableSynth.kernel", WavetableSynth, "float32", "float64")
def _wavetable_kernel(dtype: str, reference: bool = False) -> Subject:
    synth = WavetableSynth(20, RATE, HOP).to(getattr(torch, dtype))
    synth.kernel = synth.reference if reference else synth.kernel  # type: ignore[method-assign]
    shape = BATCH, N_TORCH_FRAMES
    inputs = tensor(curves(*shape)[0], dtype), tensor(random(*shape, N_TABLES), dtype, True)
    return Subject(synth.forward, inputs, N_TORCH_FRAMES, 1, list(synth.parameters()))


@subject("WavetableSynth.reference", WavetableSynth, "float32", "float64")
def _wavetable_reference(dtype: str) -> Subject:
    return _wavetable_kernel(dtype, reference=True)
