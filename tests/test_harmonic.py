"""The oscillators: kernel against reference, and both against closed forms."""

import numpy as np
import pytest
import torch

from ddsp_core.harmonic import HarmonicOscillators, HarmonicState
from ddsp_core.harmonic_torch import HarmonicBatchState, HarmonicSynth

RATE = 48000
HOP = 128
TOLERANCE = {torch.float64: 1e-9, torch.float32: 2e-5}


def batch(dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor, HarmonicBatchState]:
    """f0, amplitudes that ask for gradients, and a state in the middle of a note."""
    generator = torch.Generator().manual_seed(0)

    def random(*shape: int) -> torch.Tensor:
        return torch.rand(shape, generator=generator, dtype=torch.float64)

    f0_hz = (220.0 * 2.0 ** (2.0 * random(2, 12))).to(dtype)
    harmonics = (random(2, 12, 100) / 10.0).to(dtype).requires_grad_(True)
    before = (random(2, 100) / 10.0).to(dtype).requires_grad_(True)
    return f0_hz, harmonics, HarmonicBatchState(random(2), f0_hz[:, 0] * 1.1, before)


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_kernel_and_reference_agree_in_values_and_gradients(dtype: torch.dtype) -> None:
    synth = HarmonicSynth(RATE, HOP)
    f0_hz, harmonics, state = batch(dtype)
    weights = torch.randn(2, 12 * HOP, generator=torch.Generator().manual_seed(1), dtype=dtype)
    results = []
    for play in (synth.kernel, synth.reference):
        audio, phases = play(f0_hz, harmonics, state)
        loss = (audio * weights).sum() / HOP**0.5
        slopes = torch.autograd.grad(loss, (harmonics, state.harmonics))
        results.append((audio, phases, *slopes))
    for kernel, reference in zip(*results, strict=True):
        assert kernel.dtype == reference.dtype
        torch.testing.assert_close(kernel, reference, rtol=0, atol=TOLERANCE[dtype])


def test_gradients_are_those_of_finite_differences() -> None:
    synth = HarmonicSynth(RATE, 8)
    f0_hz = torch.tensor([[3000.0, 3500.0]], dtype=torch.float64)
    phase = torch.tensor([0.3], dtype=torch.float64)

    def play(harmonics: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
        return synth.kernel(f0_hz, harmonics, HarmonicBatchState(phase, f0_hz[:, 0], before))[0]

    amplitudes = torch.rand(1, 3, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(play, (amplitudes[:, 1:], amplitudes[:, 0]))


def test_only_partials_silenced_above_nyquist_get_no_gradient() -> None:
    """Partials 4 and up of 7 kHz, masked; partial 2 is silent too, but may learn to sound."""
    synth = HarmonicSynth(RATE, HOP)
    f0_hz = torch.full((1, 3), 7000.0, dtype=torch.float64)
    harmonics = torch.ones(1, 3, 8, dtype=torch.float64)
    harmonics[:, :, 1] = 0.0
    harmonics[:, :, 3:] = 0.0
    state = HarmonicBatchState(torch.full((1,), 0.3).double(), f0_hz[:, 0], harmonics[:, 0])
    slopes = []
    for play in (synth.kernel, synth.reference):
        amplitudes = harmonics.clone().requires_grad_()
        audio, _ = play(f0_hz, amplitudes, state)
        slopes.append(torch.autograd.grad((audio**2 + audio).sum(), amplitudes)[0])
    torch.testing.assert_close(slopes[0][..., :3], slopes[1][..., :3], rtol=0, atol=1e-9)
    assert bool(slopes[0][..., 1].all())
    assert not slopes[0][..., 3:].any()


def test_pitch_is_data_and_gets_no_gradient() -> None:
    f0_hz = torch.full((1, 3), 440.0, requires_grad=True)
    harmonics = torch.ones(1, 3, 2, requires_grad=True)
    audio, _ = HarmonicSynth(RATE, HOP)((f0_hz, harmonics))
    audio.sum().backward()
    assert f0_hz.grad is None
    assert harmonics.grad is not None


def linear_glide(n_frames: int) -> tuple[np.ndarray, np.ndarray, HarmonicState]:
    """f0 and the amplitudes of three partials, straight lines in time."""
    at = np.arange(1, n_frames + 1)
    f0_hz = 200.0 + 7.3 * at
    harmonics = np.array([0.5, 0.3, 0.2]) * (0.1 + 0.01 * at)[:, None]
    return f0_hz, harmonics, HarmonicState(0.25, 200.0, np.array([0.5, 0.3, 0.2]) * 0.1)


def closed_form(n_frames: int) -> np.ndarray:
    """What `linear_glide` must sound like: no hops, one parabola of phase."""
    i = np.arange(1, n_frames * HOP + 1) / HOP
    phase = 0.25 + HOP * (200.0 * i + 7.3 * i * (i + 1 / HOP) / 2) / RATE
    partials = [
        amplitude * np.sin(2 * np.pi * k * phase)
        for k, amplitude in enumerate((0.5, 0.3, 0.2), start=1)
    ]
    return np.sum(partials, axis=0) * (0.1 + 0.01 * i)


def test_a_glide_is_the_closed_form_without_a_trace_of_frames() -> None:
    f0_hz, harmonics, state = linear_glide(60)
    audio, _ = HarmonicOscillators(RATE, HOP).forward((f0_hz, harmonics), state)
    wanted = closed_form(60)
    np.testing.assert_allclose(audio, wanted, atol=1e-9)
    np.testing.assert_allclose(np.diff(audio, 3), np.diff(wanted, 3), atol=1e-9)
    single, _ = HarmonicOscillators(RATE, HOP).forward(
        (f0_hz.astype(np.float32), harmonics.astype(np.float32)),
        state._replace(harmonics=state.harmonics.astype(np.float32)),
    )
    np.testing.assert_allclose(single, wanted, atol=1e-5)


def test_no_step_at_frame_edges_when_pitch_and_loudness_jump() -> None:
    rng = np.random.default_rng(0)
    f0_hz = 200.0 * 2.0 ** rng.uniform(-0.1, 0.1, 500)
    harmonics = rng.uniform(0.0, 0.2, (500, 4))
    audio, _ = HarmonicOscillators(RATE, HOP).forward((f0_hz, harmonics))
    phase = 2 * np.pi * np.cumsum(np.repeat(f0_hz, HOP)) / RATE
    steps = np.repeat(harmonics, HOP, axis=0) * np.sin(phase[:, None] * np.arange(1, 5))
    bends, broken = (
        np.abs(np.diff(sound, 3))[: 499 * HOP].reshape(499, HOP)[:, -3:]  # these reach over an edge
        for sound in (audio, steps.sum(axis=1))
    )
    assert np.median(bends) < 0.02 * np.median(broken)  # a corner is left of the step
    first = np.abs(np.diff(audio))[: 499 * HOP].reshape(499, HOP)
    assert first[:, -1].max() < 1.2 * first[:, :-1].max()


def test_a_note_begins_from_silence_and_without_a_click() -> None:
    audio, _ = HarmonicOscillators(RATE, HOP).forward((np.full(2, 440.0), np.full((2, 1), 1.0)))
    i = np.arange(1, HOP + 1)
    np.testing.assert_allclose(
        audio[:HOP], i / HOP * np.sin(2 * np.pi * 440 * i / RATE), atol=1e-12
    )


def test_the_phase_does_not_drift_in_a_minute() -> None:
    n_frames = 60 * RATE // HOP
    f0_hz = np.full(n_frames, 441.7)
    _, state = HarmonicOscillators(RATE, HOP).forward((f0_hz, np.zeros((n_frames, 1))))
    ahead = state.phase_cycles - 441.7 * n_frames * HOP / RATE
    assert ahead == pytest.approx(round(ahead), abs=1e-8)


def test_silent_partials_come_back_in_phase() -> None:
    """The kernel leaves out partials that are silent at both ends of a hop: nothing may show."""
    f0_hz = np.full(6, 300.0)
    harmonics = np.zeros((6, 3))
    harmonics[3:, 2] = 0.5  # above it nothing sounds, below it nothing either
    audio, _ = HarmonicOscillators(RATE, HOP).forward((f0_hz, harmonics))
    i = np.arange(1, 6 * HOP + 1)
    ramp = np.clip(i / HOP - 3, 0, 1)
    np.testing.assert_allclose(audio, 0.5 * ramp * np.sin(2 * np.pi * 900 * i / RATE), atol=1e-9)
