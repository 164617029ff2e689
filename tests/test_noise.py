"""Filtered noise: the live step against torch, its spectrum, and its frame edges."""

import numpy as np
import pytest
import torch
import voices
from test_decoder import melody

from ddsp_core.live_decoder import DecoderStep
from ddsp_core.live_noise import NoiseStep
from ddsp_core.noise import FilteredNoise, band_filters

HOP = voices.HOP_SIZE
FILES = voices.parity_files()


def white(n_frames: int, hop_size: int = HOP, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.uniform(-1.0, 1.0, (n_frames, hop_size)).astype(np.float32)


def by_torch(bands: np.ndarray, noise: np.ndarray) -> np.ndarray:
    inputs = torch.from_numpy(bands)[None], torch.from_numpy(noise.reshape(1, -1))
    return FilteredNoise(noise.shape[1])(inputs)[0][0].reshape(noise.shape).numpy()


@pytest.mark.parametrize("n_bands", [2, 9, 65, 129])
@pytest.mark.parametrize("hop_size", [48, 128])
def test_the_live_step_computes_what_was_trained(n_bands: int, hop_size: int) -> None:
    rng = np.random.default_rng(1)
    bands = rng.uniform(0.0, 1.0, (40, n_bands)).astype(np.float32)
    noise = white(40, hop_size)
    live, _ = NoiseStep(n_bands, hop_size).forward((bands, noise))
    np.testing.assert_allclose(live, by_torch(bands, noise), atol=5e-6)


@pytest.mark.parametrize("name", FILES)
def test_parity_on_a_voice_s_own_bands(name: str) -> None:
    (_, _, bands), _ = DecoderStep(FILES[name]).forward(melody(FILES[name]))
    noise = white(len(bands))
    live, _ = NoiseStep(bands.shape[1], HOP).forward((bands, noise))
    np.testing.assert_allclose(live, by_torch(bands, noise), atol=1e-6)


def test_the_spectrum_follows_the_bands() -> None:
    n_bands, n_frames = 65, 3000
    shape_db = -20.0 + 15.0 * np.cos(2 * np.pi * np.arange(n_bands) / 32.0)
    bands = np.tile(10.0 ** (shape_db / 20.0), (n_frames, 1)).astype(np.float32)
    audio, _ = NoiseStep(n_bands, HOP).forward((bands, white(n_frames)))
    pieces = audio.reshape(-1, 128)[1:]  # as many bins as bands
    power = np.mean(np.abs(np.fft.rfft(pieces * np.hanning(129)[:-1], axis=1)) ** 2, axis=0)
    power /= np.sum(np.hanning(129)[:-1] ** 2) / 3.0  # of white noise in -1...1
    # Two Hann windows smear neighbouring bands into the valleys; the rest is chance, 0.1 dB.
    np.testing.assert_allclose(10 * np.log10(power)[1:-1], shape_db[1:-1], atol=2.0)
    hills = shape_db > -12.0
    np.testing.assert_allclose(10 * np.log10(power)[hills][1:-1], shape_db[hills][1:-1], atol=0.8)


def test_equal_bands_only_delay_the_noise() -> None:
    noise = white(10)
    audio, _ = NoiseStep(65, HOP).forward((np.ones((10, 65), np.float32), noise))
    np.testing.assert_allclose(audio.reshape(-1)[64:], noise.reshape(-1)[:-64], atol=1e-5)


def test_no_step_at_frame_edges_when_the_bands_jump() -> None:
    """Every sample has one filter from its birth on: in the mean, all places of a hop are alike."""
    rng = np.random.default_rng(2)
    bands = rng.uniform(0.0, 1.0, (4000, 65)) * rng.choice([0.05, 1.0], (4000, 1))
    audio, _ = NoiseStep(65, HOP).forward((bands.astype(np.float32), white(4000)))
    bends = np.diff(audio.reshape(-1), 3)[: 3999 * HOP].reshape(3999, HOP)
    level = np.sqrt(np.mean(bends**2, axis=0))
    delay = (64 - 1) % HOP  # where a new filter's centre is heard first
    for edge in (0, HOP - 3, delay - 1):
        assert np.mean(level[edge : edge + 3]) == pytest.approx(np.mean(level), rel=0.1)
    assert level.max() < 1.2 * level.mean()


def test_filters_are_symmetric_and_end_softly() -> None:
    filters = band_filters(torch.rand(5, 65, generator=torch.Generator().manual_seed(0)))
    assert filters.shape == (5, 128)
    torch.testing.assert_close(filters[:, 1:], filters[:, 1:].flip(-1), atol=1e-6, rtol=0)
    assert float(filters[:, [0, 1, -1]].abs().max()) < 1e-3
