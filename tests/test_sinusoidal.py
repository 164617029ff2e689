"""Sinusoidal oscillators: kernel against reference, and both against closed forms."""

import numpy as np
import pytest
import torch

from ddsp_core.decoder import detuned
from ddsp_core.harmonic import HarmonicOscillators
from ddsp_core.sinusoidal import SinusoidalOscillators, SinusoidalState, cosine
from ddsp_core.sinusoidal_torch import SinusoidalSynth
from ddsp_core.synths import DETUNING_SEMITONES

RATE = 48000
HOP = 128
TOLERANCE = {torch.float64: 1e-9, torch.float32: 2e-5}

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def batch(dtype: torch.dtype, n_frames: int = 12, n_partials: int = 30) -> Batch:
    """Frequencies and amplitudes of 1 + n frames, and phases, all asking for gradients."""
    generator = torch.Generator().manual_seed(0)

    def random(*shape: int) -> torch.Tensor:
        return torch.rand(shape, generator=generator, dtype=torch.float64)

    shape = 2, 1 + n_frames, n_partials
    places = 300.0 * torch.arange(1, n_partials + 1) * 2.0 ** (random(*shape) - 0.5)
    parts = places.to(dtype), (random(*shape) / 10.0).to(dtype), random(2, n_partials)
    return tuple(part.requires_grad_(True) for part in parts)  # type: ignore[return-value]


def test_the_cosine_is_a_cosine() -> None:
    cycles = np.linspace(-7.0, 7.0, 2001)
    found = np.array([cosine(x) for x in cycles])
    np.testing.assert_allclose(found, np.cos(2 * np.pi * cycles), atol=1e-11)


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_kernel_and_reference_agree_in_values_and_gradients(dtype: torch.dtype) -> None:
    synth = SinusoidalSynth(RATE, HOP)
    inputs = batch(dtype)
    generator = torch.Generator().manual_seed(1)
    heard = torch.randn(2, 12 * HOP, generator=generator, dtype=dtype)
    ends = torch.randn(2, 30, generator=generator, dtype=torch.float64)
    results = []
    for play in (synth.kernel, synth.reference):
        audio, phases = play(*inputs)
        loss = (audio * heard).sum() / HOP**0.5 + (phases * ends).sum()
        results.append((audio, phases, *torch.autograd.grad(loss, inputs)))
    for kernel, reference in zip(*results, strict=True):
        assert kernel.dtype == reference.dtype
        torch.testing.assert_close(kernel, reference, rtol=0, atol=TOLERANCE[dtype])


def test_gradients_are_those_of_finite_differences() -> None:
    """Of frequencies, amplitudes and phases, at odd hops, into audio and the phases at the end."""
    synth = SinusoidalSynth(RATE, 7)
    assert torch.autograd.gradcheck(synth.kernel, batch(torch.float64, 3, 2))


def test_only_what_is_silent_above_nyquist_gets_no_gradient() -> None:
    synth = SinusoidalSynth(RATE, HOP)
    frequencies_hz = torch.tensor([9e3, 23e3, 25e3, 26e3], dtype=torch.float64).repeat(1, 3, 1)
    amplitudes = torch.tensor([0.0, 1.0, 1.0, 0.0], dtype=torch.float64).repeat(1, 3, 1)
    slopes = []
    for play in (synth.kernel, synth.reference):
        loud = amplitudes.clone().requires_grad_(True)
        audio, _ = play(frequencies_hz, loud, torch.full((1, 4), 0.3, dtype=torch.float64))
        slopes.append(torch.autograd.grad((audio**2 + audio).sum(), loud)[0])
    torch.testing.assert_close(slopes[0][..., :3], slopes[1][..., :3], rtol=0, atol=1e-9)
    assert bool(slopes[0][..., 0].any())
    assert not slopes[0][..., 3].any()


def test_a_frequency_is_found_by_gradient_descent_within_a_lobe() -> None:
    """What `synths` says: half a semitone off it is found, a fifth off it is not."""

    def descend(semitones: float) -> float:
        wanted = spectrum(torch.full((1, 12, 1), 440.0))
        octaves = torch.tensor(semitones / 12.0, requires_grad=True)
        optimizer = torch.optim.Adam([octaves], lr=0.002)
        for _ in range(60):
            optimizer.zero_grad()
            loss = (spectrum(440.0 * 2.0 ** octaves.expand(1, 12, 1)) - wanted).abs().mean()
            loss.backward()
            optimizer.step()
        return 12.0 * octaves.item()

    def spectrum(frequencies_hz: torch.Tensor) -> torch.Tensor:
        audio, _ = SinusoidalSynth(RATE, HOP)((frequencies_hz, torch.ones(1, 12, 1)))
        return torch.fft.rfft(audio * torch.hann_window(12 * HOP), dim=-1).abs()

    assert abs(descend(0.5)) < 0.1
    assert abs(descend(7.0)) > 4.0


def test_in_tune_it_is_the_harmonic_synth() -> None:
    f0_hz = 330.0 * 2.0 ** np.random.default_rng(0).uniform(-0.2, 0.2, 40)
    amplitudes = np.random.default_rng(1).uniform(0.0, 0.1, (40, 20))
    partials_hz = f0_hz[:, None] * np.arange(1, 21)
    harmonic, _ = HarmonicOscillators(RATE, HOP).forward((f0_hz, amplitudes))
    sinusoidal, _ = SinusoidalOscillators(RATE, HOP).forward((partials_hz, amplitudes))
    np.testing.assert_allclose(sinusoidal, harmonic, atol=1e-9)


def test_a_stiff_string_s_glide_is_the_closed_form_without_a_trace_of_frames() -> None:
    at = np.arange(1, 61)[:, None]
    ratios = np.array([1.0, 2.003, 3.01])
    loud = np.array([0.5, 0.3, 0.2])
    state = SinusoidalState(np.array([0.25, 0.0, 0.6]), 200.0 * ratios, 0.1 * loud)
    inputs = (200.0 + 7.3 * at) * ratios, (0.1 + 0.01 * at) * loud
    audio, _ = SinusoidalOscillators(RATE, HOP).forward(inputs, state)
    i = np.arange(1, 60 * HOP + 1)[:, None] / HOP
    cycles = HOP * (200.0 * i + 7.3 * i * (i + 1 / HOP) / 2) / RATE * ratios
    partials = np.sin(2 * np.pi * (state.phases_cycles + cycles)) * loud * (0.1 + 0.01 * i)
    np.testing.assert_allclose(audio, partials.sum(axis=1), atol=1e-9)
    np.testing.assert_allclose(np.diff(audio, 3), np.diff(partials.sum(axis=1), 3), atol=1e-9)


def test_the_phases_do_not_drift_in_a_minute() -> None:
    n_frames = 60 * RATE // HOP
    frequencies_hz = np.tile([441.7, 9871.3], (n_frames, 1))
    inputs = frequencies_hz, np.zeros((n_frames, 2))
    _, state = SinusoidalOscillators(RATE, HOP).forward(inputs)
    ahead = state.phases_cycles - frequencies_hz[0] * n_frames * HOP / RATE
    np.testing.assert_allclose(ahead, np.round(ahead), rtol=0, atol=1e-7)


def test_detuning_reaches_everything_from_a_little_below_f0_up() -> None:
    series = torch.arange(1.0, 9.0, dtype=torch.float64)
    lowest = detuned(series, torch.full((8,), -1e9, dtype=torch.float64))
    highest = detuned(series, torch.full((8,), 1e9, dtype=torch.float64))
    torch.testing.assert_close(detuned(series, torch.zeros(8)), series)
    torch.testing.assert_close(12 * torch.log2(highest / series)[0].item(), DETUNING_SEMITONES)
    assert lowest[0] < 0.71
    assert (highest[:-1] >= lowest[1:] - 1e-9).all()
