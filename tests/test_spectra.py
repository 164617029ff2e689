"""Spectra of known tones, and A-weighting against the standard's table."""

import math

import pytest
import torch

from training.spectra import a_weighting, magnitudes


def test_magnitudes_of_a_tone() -> None:
    t = torch.arange(4096, dtype=torch.float64)
    spectrum = magnitudes(torch.sin(2 * math.pi * 32 / 256 * t)[None], 256)
    assert spectrum.shape == (1, 129, (4096 - 256) // 64 + 1)
    # Half the Hann window's sum.
    torch.testing.assert_close(spectrum[0, 32], torch.full_like(spectrum[0, 32], 64.0))
    assert float(spectrum[0, 40:].max()) < 1e-9


def test_centred_and_normalised_magnitudes_of_a_constant() -> None:
    # Mirrored, a constant has no edges: half the window's sum everywhere, over sqrt(16).
    spectrum = magnitudes(torch.ones(1, 64, dtype=torch.float64), 16, True, True)
    assert spectrum.shape == (1, 9, 64 // 4 + 1)
    torch.testing.assert_close(spectrum[0, 0], torch.full_like(spectrum[0, 0], 8.0 / 4.0))
    torch.testing.assert_close(spectrum[0, 1], torch.full_like(spectrum[0, 1], 4.0 / 4.0))


def test_a_weighting_is_that_of_the_standard() -> None:
    # IEC 61672-1:2013, table 3, nominal frequencies; rounded there to 0.1 dB.
    weights = a_weighting(48000, 4800)  # bins of 10 Hz
    table = {10: -70.4, 100: -19.1, 500: -3.2, 1000: 0.0, 4000: 1.0, 10_000: -2.5, 20_000: -9.3}
    found = {f_hz: 10 * math.log10(float(weights[f_hz // 10])) for f_hz in table}
    assert found == pytest.approx(table, abs=0.06)
    assert float(weights[0]) == pytest.approx(1e-8)
