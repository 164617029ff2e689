"""Transforms inside a kernel: against numpy's, stage by stage, and as convolution."""

import numpy as np
import pytest

from ddsp_core.fourier import (
    circle,
    load_samples,
    load_spectrum,
    n_stages,
    newest_samples,
    size_for,
    spectra_of_pieces,
    transform,
)


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng(len(shape)).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("size", [2, 16, 128, 2048])
def test_all_stages_in_any_shares_are_the_transform(size: int) -> None:
    work = np.zeros((2, 2, size), np.float32)
    work[0] = signal = random(2, size)
    stages = n_stages(work)
    assert 1 << stages == size
    transform(work, circle(size), 0, stages // 3)
    transform(work, circle(size), stages // 3, stages)
    wanted = np.fft.fft(signal[0] + 1j * signal[1])
    found = work[stages % 2]
    np.testing.assert_allclose(found[0] + 1j * found[1], wanted, atol=3e-7 * size)


@pytest.mark.parametrize("piece_size", [1, 48, 128, 160])
def test_products_of_spectra_are_convolutions(piece_size: int) -> None:
    response, signal = random(piece_size), random(2 * piece_size)
    points = circle(size_for(piece_size))
    (piece,) = spectra_of_pieces(response, piece_size)
    work = np.zeros((2, *piece.shape), np.float32)
    stages = n_stages(work)
    load_samples(signal, points, work)
    transform(work, points, 0, stages)
    spectrum = (work[stages % 2][0] + 1j * work[stages % 2][1]) * (piece[0] + 1j * piece[1])
    load_spectrum(np.stack((spectrum.real, spectrum.imag)).astype(np.float32), work)
    transform(work, points, 0, stages)
    out = np.empty(piece_size, np.float32)
    newest_samples(work, points, out)
    wanted = np.convolve(signal, response)[piece_size : 2 * piece_size]
    np.testing.assert_allclose(out, wanted, atol=2e-5)


def test_pieces_of_nothing_are_none() -> None:
    assert spectra_of_pieces(np.empty(0, np.float32), 128).shape == (0, 2, 128)
