"""Wavetable oscillators: kernel against reference, and both against closed forms."""

import numpy as np
import pytest
import torch

from ddsp_core.harmonic import HarmonicOscillators
from ddsp_core.synths import N_TABLES
from ddsp_core.wavetable import WavetableOscillators, saw
from ddsp_core.wavetable_torch import WavetableSynth

RATE = 48000
HOP = 128
TOLERANCE = {torch.float64: 1e-9, torch.float32: 4e-5}


def random_tables(n_tables: int, n_harmonics: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((n_tables, 2, n_harmonics))


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_kernel_and_reference_agree_in_values_and_gradients(dtype: torch.dtype) -> None:
    synth = WavetableSynth(60, RATE, HOP)
    generator = torch.Generator().manual_seed(0)
    f0_hz = (220.0 * 2.0 ** (3.0 * torch.rand(2, 13, generator=generator))).to(dtype)
    audible = f0_hz[..., None, None] * torch.arange(1, 61) < RATE / 2
    spectra = (torch.randn(2, 13, 2, 60, generator=generator) / 30.0).to(dtype) * audible
    spectra.requires_grad_(True)
    phases = torch.rand(2, generator=generator, dtype=torch.float64)
    heard = torch.randn(2, 12 * HOP, generator=generator, dtype=dtype)
    results = []
    for play in (synth.kernel, synth.reference):
        audio, ends = play(f0_hz, spectra, phases)
        (slope,) = torch.autograd.grad((audio * heard).sum() / HOP**0.5, spectra)
        results.append((audio, ends, slope * audible))
    for kernel, reference in zip(*results, strict=True):
        assert kernel.dtype == reference.dtype
        torch.testing.assert_close(kernel, reference, rtol=0, atol=TOLERANCE[dtype])


def test_gradients_are_those_of_finite_differences() -> None:
    synth = WavetableSynth(3, RATE, 8).double()
    f0_hz = torch.tensor([[3000.0, 7000.0, 9000.0]], dtype=torch.float64)  # some above Nyquist

    def play(amplitudes: torch.Tensor, tables: torch.Tensor) -> torch.Tensor:
        audio, _ = torch.func.functional_call(synth, {"tables": tables}, ((f0_hz, amplitudes),))
        return audio

    amplitudes = torch.rand(1, 3, N_TABLES, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(play, (amplitudes, synth.tables))


def test_what_is_played_is_what_was_trained() -> None:
    synth = WavetableSynth(40, RATE, HOP)
    live = WavetableOscillators(synth.tables.detach().numpy(), RATE, HOP)
    f0_hz = np.geomspace(100.0, 3000.0, 50, dtype=np.float32)
    amplitudes = np.random.default_rng(0).random((50, N_TABLES), dtype=np.float32) / N_TABLES
    played, end = live.forward((f0_hz, amplitudes))
    batch = torch.from_numpy(f0_hz)[None], torch.from_numpy(amplitudes)[None]
    trained, state = synth(batch)
    np.testing.assert_allclose(played, trained[0].detach(), atol=2e-6)
    assert end.phase_cycles == pytest.approx(state.phase_cycles.item(), abs=1e-9)


def test_a_table_of_sines_is_a_harmonic_synth() -> None:
    tables = np.zeros((1, 2, 20))
    tables[0, 0] = 1.0 / saw(20)
    f0_hz = np.geomspace(200.0, 900.0, 40)
    loudness = np.linspace(0.01, 0.1, 40)[:, None]
    harmonic, _ = HarmonicOscillators(RATE, HOP).forward((f0_hz, np.tile(loudness, 20)))
    table, _ = WavetableOscillators(tables, RATE, HOP).forward((f0_hz, loudness))
    np.testing.assert_allclose(table, harmonic, atol=1e-9)


def test_it_is_the_cycle_that_the_table_says() -> None:
    """A pitch of one cycle a hop: once the attack is over, each hop is the table itself."""
    tables = random_tables(3, 30)
    mixture = np.array([0.5, 0.2, 0.3])
    synth = WavetableOscillators(tables, RATE, HOP)
    audio, _ = synth.forward((np.full(3, RATE / HOP), np.tile(mixture, (3, 1))))
    k, cycles = np.arange(1, 31), np.arange(1, HOP + 1)[:, None] / HOP
    sines, cosines = np.einsum("w,wpk->pk", mixture, tables) * saw(30)
    turns = 2 * np.pi * k * cycles
    cycle = (sines * np.sin(turns) + cosines * np.cos(turns)).sum(axis=1)
    np.testing.assert_allclose(audio[HOP:], np.tile(cycle, 2), atol=1e-9)


def test_nothing_aliases_at_any_pitch() -> None:
    """Everything between the harmonics lies below -200 dB of the tone, far above their range."""
    for bins in (441, 1777, 5003):  # f0 in FFT bins: a whole number, prime to the FFT's size
        n_samples = 2**15
        synth = WavetableOscillators(random_tables(2, 100), RATE, HOP)
        n_frames = n_samples // HOP + 1
        f0_hz = np.full(n_frames, bins * RATE / n_samples)
        audio, _ = synth.forward((f0_hz, np.full((n_frames, 2), 0.5)))
        power = np.abs(np.fft.rfft(audio[HOP:])) ** 2
        tone = power[bins::bins].sum()
        power[bins::bins] = 0.0
        assert 10 * np.log10(power.sum() / tone) < -200.0


def test_a_harmonic_that_crosses_nyquist_fades_within_a_hop() -> None:
    tables = np.zeros((1, 2, 10))
    tables[0, 0, 9] = 1.0 / saw(10)[9]
    f0_hz = np.linspace(2300.0, 2500.0, 40)  # the tenth harmonic reaches 24 kHz on the way
    audio, _ = WavetableOscillators(tables, RATE, HOP).forward((f0_hz, np.ones((40, 1))))
    hops = np.abs(audio.reshape(40, HOP))
    crossed = int(np.argmax(10 * f0_hz >= RATE / 2))
    assert hops[crossed - 1].max() > 0.7
    assert hops[crossed, -2:].max() < 0.02
    assert not hops[crossed + 1 :].any()


def test_an_untrained_voice_can_be_bright_and_dull() -> None:
    spectra = WavetableSynth(50, RATE, HOP).mix(
        torch.eye(N_TABLES)[None], torch.full((1, 8), 100.0)
    )
    magnitudes = spectra[0].square().sum(dim=1).sqrt()
    torch.testing.assert_close(magnitudes.sum(dim=1), torch.ones(N_TABLES))
    centre = (magnitudes * torch.arange(1, 51)).sum(dim=1)
    assert (centre[:-1] > centre[1:]).all()
    assert centre[0] > 20
    assert centre[-1] < 3
