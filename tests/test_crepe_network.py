"""CREPE without torch: the likelihoods are those of the torch network, and readings are in tune."""

import numpy as np
import pytest
import signals
import torch

from ddsp_core.crepe_network import WEIGHTS_PATH, crepe_tiny
from ddsp_core.crepe_reading import NO_READING, CrepeReader, decoded
from training.crepe import _network, weights_path

RATE = 48_000


def sung(f0_hz: float, sample_rate: int = RATE, seconds: float = 0.2) -> signals.Audio:
    audio = signals.rich_tone(f0_hz, seconds, sample_rate)
    return audio + signals.noise(seconds, sample_rate, 0.003)


@pytest.mark.skipif(weights_path("tiny") is None, reason="pip install 'chanterelle[crepe]'")
@pytest.mark.parametrize("f0_hz", [82.4, 220.0, 987.8])
def test_likelihoods_are_those_of_the_torch_network(f0_hz: float) -> None:
    window = sung(f0_hz, 16_000)[:1024]
    with torch.inference_mode():
        expected = _network("tiny")(torch.from_numpy(window)[None])[0].numpy()
    # The weights are rounded to 16 bits here; unrounded ones agree to 1.2e-7.
    np.testing.assert_allclose(crepe_tiny().forward(window), expected, atol=2e-3)


def test_the_weights_come_along_and_are_small() -> None:
    assert WEIGHTS_PATH.stat().st_size < 1_000_000
    assert "MIT License" in (WEIGHTS_PATH.parent / "LICENSE").read_text()


@pytest.mark.parametrize("sample_rate", [16_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("f0_hz", [110.0, 311.1, 987.8, 1568.0])
def test_readings_are_in_tune(sample_rate: int, f0_hz: float) -> None:
    reader = CrepeReader(sample_rate)
    reading = reader.read(sung(f0_hz, sample_rate)[-reader.n_past :])
    # The network's own error on steady tones; its bins are 20 cents apart.
    assert abs(1200.0 * np.log2(reading.f0_hz / f0_hz)) < 12.0
    assert reading.periodicity > 0.6


def test_noise_has_less_periodicity_than_a_tone() -> None:
    reader = CrepeReader(RATE)
    hiss = signals.noise(0.5, RATE, 0.1)
    ends = range(reader.n_past, len(hiss), 2048)
    of_noise = [reader.read(hiss[end - reader.n_past : end]).periodicity for end in ends]
    assert np.median(of_noise) < 0.4  # single windows of noise reach 0.5
    assert reader.read(sung(220.0)[-reader.n_past :]).periodicity > 0.8


def test_level_plays_no_part_and_silence_is_not_read() -> None:
    reader = CrepeReader(RATE)
    past = sung(220.0)[-reader.n_past :]
    loud, soft = reader.read(past), reader.read(0.01 * past)
    assert soft.f0_hz == pytest.approx(loud.f0_hz, rel=1e-4)
    assert reader.read(0.0 * past) == NO_READING
    assert reader.read(1e-5 * past) == NO_READING
    assert reader.read(np.full_like(past, np.nan)) == NO_READING
    with np.errstate(over="ignore"):
        assert reader.read(np.full_like(past, 1e30)) == NO_READING


def test_a_window_says_what_was_sung_in_its_middle() -> None:
    """16.6 ms ago; the network was trained on windows of 64 ms, centred 32 ms ago."""
    reader = CrepeReader(RATE)
    assert reader.delay_s == pytest.approx(0.0166, abs=2e-4)
    curve = signals.glide(200.0, 400.0, 0.5, RATE)
    audio = signals.harmonic(curve, RATE, [1.0, 0.8, 0.6, 0.4, 0.2])
    ends = range(reader.n_past, len(audio), 480)
    heard_hz = np.array([reader.read(audio[end - reader.n_past : end]).f0_hz for end in ends])
    truth_hz = np.array([curve[end - round(reader.delay_s * RATE)] for end in ends])
    # An octave in 0.5 s: 10 cents are 4 ms.
    assert abs(np.median(1200.0 * np.log2(heard_hz / truth_hz))) < 10.0


def test_pitch_between_two_bins() -> None:
    likelihoods = np.zeros(360, np.float32)
    likelihoods[200:202] = 0.6
    # Bins are counted from 10 * 2 ** (1997.38 / 1200) Hz; the network hears an octave lower.
    expected = 2.0 * 10.0 * 2 ** ((1997.3794 + 20.0 * 200.5) / 1200.0)
    assert decoded(likelihoods).f0_hz == pytest.approx(expected, rel=1e-5)
    assert decoded(likelihoods).periodicity == pytest.approx(0.6)
