"""Every synth learns, from the spectral loss alone, what it can make."""

import dataclasses

import numpy as np
import pytest
import torch
import voices

from ddsp_core.synths import SYNTHS, SynthName
from ddsp_core.units import cents_between
from ddsp_core.voice import Voice, VoiceInputs
from training.losses import SpectralLoss

RATE, HOP, N_FRAMES = 16000, 64, 40
SIZES = voices.config(
    n_units=16, n_harmonics=10, n_bands=5, reverb_len=1, sample_rate=RATE, hop_size=HOP
)


def notes(ratios: list[float]) -> tuple[VoiceInputs, torch.Tensor]:
    """Notes of different pitch and loudness, with partials at these multiples of f0."""
    f0_hz = torch.tensor([[300.0], [400.0], [500.0], [600.0]]).expand(-1, N_FRAMES)
    loudness_db = torch.tensor([[-26.0], [-20.0], [-23.0], [-20.0]]).expand(-1, N_FRAMES)
    times_s = np.arange(N_FRAMES * HOP) / RATE
    partials_hz = f0_hz[:, :1, None].numpy() * np.array(ratios)[:, None]
    waves = np.sin(2 * np.pi * partials_hz * times_s) / np.arange(1, len(ratios) + 1)[:, None]
    audio = waves.sum(axis=1) * 10.0 ** (loudness_db[:, :1].numpy() / 20.0)
    white = torch.zeros(len(f0_hz), N_FRAMES * HOP)
    return VoiceInputs(f0_hz, loudness_db, white), torch.from_numpy(audio).float()


def trained(synth: SynthName, ratios: list[float], n_steps: int) -> tuple[Voice, list[float]]:
    """A new voice after some steps, and the loss at each."""
    torch.manual_seed(0)
    voice = Voice(dataclasses.replace(SIZES, synth=synth))
    inputs, target = notes(ratios)
    optimizer = torch.optim.Adam(voice.parameters(), lr=1e-2)
    distance = SpectralLoss([1024, 256])
    losses = []
    for _ in range(n_steps):
        optimizer.zero_grad()
        loss = distance(voice(inputs)[0], target)
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    return voice, losses


@pytest.mark.parametrize("synth", SYNTHS)
def test_the_loss_falls(synth: SynthName) -> None:
    _, losses = trained(synth, [1.0, 2.0, 3.0, 4.0], 40)
    assert np.mean(losses[-5:]) < 0.6 * losses[0]


def test_partials_off_the_harmonic_series_are_found() -> None:
    """A stiff string's: 17 to 26 cents sharp, half a lobe of the longer window.

    Where each note's partials end up is luck; in the best note, nearer to their place than to the
    harmonic's.
    """
    ratios = [1.0, 2.02, 3.045, 4.06]
    voice, losses = trained("sinusoidal", ratios, 300)
    _, harmonic_losses = trained("harmonic", ratios, 300)
    assert np.mean(losses[-10:]) < 0.8 * np.mean(harmonic_losses[-10:])
    inputs, _ = notes(ratios)
    controls, _ = voice.decoder((inputs.f0_hz, inputs.loudness_db))
    second = controls.frequencies_hz[..., 1] / inputs.f0_hz
    off_cents = np.abs(cents_between(second.detach().numpy(), 2.02))
    assert off_cents.min() < 0.5 * cents_between(2.02, 2.0)
