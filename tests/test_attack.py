"""The noise with which a note begins: as loud as asked for, beside a tone of known level."""

import numpy as np
import pytest

from ddsp_core.attack import raise_noise
from ddsp_core.live_noise import NoiseStep

HOP, N_BANDS, N_HOPS = 128, 65, 400


def noise_rms(bands: np.ndarray) -> float:
    white = np.random.default_rng(0).uniform(-1.0, 1.0, (N_HOPS, HOP)).astype(np.float32)
    audio, _ = NoiseStep(N_BANDS, HOP).forward((np.tile(bands, (N_HOPS, 1)), white))
    return float(np.sqrt(np.mean(audio[1:].astype(float) ** 2)))


@pytest.mark.parametrize("share", [0.1, 0.3, 1.0])
@pytest.mark.parametrize("level", [1e-6, 1e-3, 0.01])
def test_the_noise_gets_its_share_of_the_tone_s_level(share: float, level: float) -> None:
    amplitudes = np.array([0.3, 0.2, 0.1], np.float32)
    bands = level * np.linspace(2.0, 1.0, N_BANDS, dtype=np.float32)
    raise_noise(amplitudes, bands, share)
    tone_rms = np.sqrt(0.5 * np.sum(amplitudes.astype(float) ** 2))
    # Bands that change smoothly lose next to nothing to the filter's window.
    assert noise_rms(bands) == pytest.approx(share * tone_rms, rel=0.05)
    np.testing.assert_allclose(bands / bands[0], np.linspace(1.0, 0.5, N_BANDS), rtol=1e-5)


def test_noise_that_is_loud_enough_stays() -> None:
    bands = np.full(N_BANDS, 0.5, np.float32)
    for amplitude, share in ((0.01, 0.3), (1.0, 0.0), (0.0, 0.3)):
        raise_noise(np.full(3, amplitude, np.float32), bands, share)
        np.testing.assert_array_equal(bands, np.float32(0.5))
