"""Loudness against IEC 61672-1's table of A-weighting and against tones of known level."""

import numpy as np
import pytest
import signals

from ddsp_core.loudness import NO_PITCH_HZ, Loudness, a_weighting_sections
from ddsp_core.units import DB_FLOOR

RATE = 48000
HOP = 128
SETTLED_S = 0.15
"""The slowest pole, 20.6 Hz, has died away by 130 dB."""

A_WEIGHTING_DB = {100.0: -19.1, 200.0: -10.9, 500.0: -3.2, 1000.0: 0.0, 2000.0: 1.2, 4000.0: 1.0}
"""IEC 61672-1, table 3, rounded to 0.1 dB there."""


def weighting_db(frequency_hz: float, sample_rate: int) -> float:
    sections = a_weighting_sections(sample_rate)
    z = np.exp(-2j * np.pi * frequency_hz / sample_rate)
    gains = (sections[:, 0] + sections[:, 1] * z) / (1 + sections[:, 2] * z)
    return float(20 * np.log10(np.prod(np.abs(gains))))


def loudness_db(
    audio: np.ndarray, hop_size: int = HOP, sample_rate: int = RATE, f0_hz: float = NO_PITCH_HZ
) -> np.ndarray:
    stage = Loudness(sample_rate, hop_size)
    hops = signals.hops_of(audio, hop_size)
    return stage.forward((hops, np.full(len(hops), f0_hz, np.float32)))[0]


@pytest.mark.parametrize("sample_rate", [44100, 48000, 96000])
@pytest.mark.parametrize(("frequency_hz", "expected_db"), A_WEIGHTING_DB.items())
def test_weighting_is_the_standard_s(
    sample_rate: int, frequency_hz: float, expected_db: float
) -> None:
    # 0.05 dB is the table's rounding; matching in z costs up to 0.15 dB around 4 kHz.
    assert weighting_db(frequency_hz, sample_rate) == pytest.approx(expected_db, abs=0.2)


@pytest.mark.parametrize(
    ("frequency_hz", "expected_db", "within_db"), [(10000.0, -2.5, 1.3), (16000.0, -6.6, 3.0)]
)
def test_weighting_near_nyquist_stays_near(
    frequency_hz: float, expected_db: float, within_db: float
) -> None:
    assert weighting_db(frequency_hz, RATE) == pytest.approx(expected_db, abs=within_db)


@pytest.mark.parametrize("frequency_hz", [196.0, 440.0, 1000.0, 3000.0])
@pytest.mark.parametrize("peak", [0.5, 0.005])
def test_a_tone_reads_its_level(frequency_hz: float, peak: float) -> None:
    read_db = loudness_db(signals.tone(frequency_hz, 0.5, RATE, peak), f0_hz=frequency_hz)
    expected_db = 20 * np.log10(peak / 2**0.5) + weighting_db(frequency_hz, RATE)
    np.testing.assert_allclose(read_db[round(SETTLED_S * RATE / HOP) :], expected_db, atol=0.1)


def test_ten_times_softer_is_20_db_less() -> None:
    sung = signals.rich_tone(300.0, 0.4, RATE)
    difference = loudness_db(sung, f0_hz=300.0) - loudness_db(0.1 * sung, f0_hz=300.0)
    np.testing.assert_allclose(difference[10:], 20.0, atol=1e-3)


@pytest.mark.parametrize("sample_rate", [22050, 44100, 48000])
def test_half_the_power_of_a_step_is_in_after_the_declared_delay(sample_rate: int) -> None:
    audio = signals.tone(5000.0, 0.2, sample_rate)
    start = round(0.1 * sample_rate)
    audio[:start] = 0.0
    read_db = loudness_db(audio, 1, sample_rate)
    half = np.flatnonzero(read_db > read_db[-1] - 3.0103)[0]
    expected = start + Loudness(sample_rate, 1).delay_samples
    assert abs(half - expected) <= sample_rate / 5000  # a period of the tone


@pytest.mark.parametrize("f0_hz", [61.7, 80.0, 97.3, 130.8, 196.0, 523.3])
def test_a_steady_voice_is_steady_however_low(f0_hz: float) -> None:
    read_db = loudness_db(signals.rich_tone(f0_hz, 0.5, RATE), f0_hz=f0_hz)
    assert np.ptp(read_db[round(SETTLED_S * RATE / HOP) :]) < 0.1


@pytest.mark.parametrize("f0_hz", [80.0, 110.0, 220.0, 440.0, 880.0])
def test_a_swell_is_followed_by_about_the_declared_delay(f0_hz: float) -> None:
    t = np.arange(RATE) / RATE
    swell_db = 3.0 * np.sin(2 * np.pi * 4.0 * t)
    sung = signals.rich_tone(f0_hz, 1.0, RATE) * 10.0 ** (swell_db / 20.0)
    read_db = loudness_db(sung.astype(np.float32), f0_hz=f0_hz)
    ends = (np.arange(len(read_db)) + 1) * HOP
    delays = np.arange(0, 600, 8)
    later = slice(round(SETTLED_S * RATE / HOP), None)
    fits = [np.corrcoef(read_db[later], swell_db[ends - d - 1][later])[0, 1] for d in delays]
    # From one period of 80 Hz (12.5 ms) to two of 220 Hz (9.1 ms), halved.
    assert 0.0045 - 0.0005 <= delays[np.argmax(fits)] / RATE <= 0.0045 + 0.0023


def test_silence_is_at_the_floor() -> None:
    np.testing.assert_array_equal(loudness_db(signals.silence(0.1, RATE)), np.float32(DB_FLOOR))


def test_after_a_shout_silence_is_silent_again() -> None:
    shout = signals.rich_tone(200.0, 0.2, RATE, peak=1.0)
    read_db = loudness_db(np.concatenate((shout, signals.silence(0.5, RATE))))
    assert read_db[-1] == DB_FLOOR
    assert np.all(np.diff(read_db[round(0.23 * RATE / HOP) :]) <= 0)


def test_the_hop_does_not_change_the_reading() -> None:
    audio = signals.rich_tone(300.0, 0.3, RATE)
    np.testing.assert_allclose(
        loudness_db(audio, 384), loudness_db(audio, 128)[2::3][: len(audio) // 384], atol=1e-4
    )
