import numpy as np
import pytest
from signals import click, glide, harmonic, noise, rich_tone, silence, tone

from benchmarks.measures import (
    above_floor,
    clicks,
    correlation,
    high_share_db,
    levels,
    loudness_curve,
    match_pitch,
    pitch_at,
)

RATE = 48000
TIMES_S = np.arange(200) / 100.0
TRUTH_HZ = np.where(TIMES_S % 0.5 < 0.4, 220.0 * 2.0 ** (0.1 * np.sin(9 * TIMES_S)), 0.0)


def test_a_curve_matches_itself_and_itself_an_octave_up():
    for octaves in (0.0, 1.0, -2.0):
        match = match_pitch(TIMES_S, TRUTH_HZ * 2.0**octaves, TIMES_S, TRUTH_HZ, octaves)
        assert match.within_50_cents == 100.0
        assert match.median_cents == pytest.approx(0.0, abs=1e-9)
        assert match.missing == match.octave_errors == 0.0


def test_octave_errors_and_missing_frames_are_counted_apart():
    voiced = np.flatnonzero(TRUTH_HZ > 0)
    f0_hz = TRUTH_HZ.copy()
    f0_hz[voiced[: len(voiced) // 4]] *= 2.0
    f0_hz[voiced[-len(voiced) // 4 :]] = 0.0
    match = match_pitch(TIMES_S, f0_hz, TIMES_S, TRUTH_HZ)
    assert match.octave_errors == pytest.approx(25.0, abs=1.0)
    assert match.missing == pytest.approx(25.0, abs=1.0)
    assert match.within_50_cents == pytest.approx(50.0, abs=1.0)


def test_a_constant_lag_is_found_and_named():
    trill_hz = 220.0 * 2.0 ** (0.2 * np.sin(2 * np.pi * 6 * TIMES_S))
    match = match_pitch(TIMES_S + 0.02, trill_hz, TIMES_S, trill_hz)
    assert match.best_lag_ms == pytest.approx(20.0, abs=2.5)
    assert match.within_50_cents < 70.0
    assert match.within_50_cents_at_best_lag > 98.0


def test_a_truth_without_voice_is_an_error():
    with pytest.raises(ValueError, match="no voiced frame"):
        match_pitch(TIMES_S, TRUTH_HZ, TIMES_S, 0.0 * TRUTH_HZ)


def test_a_pitch_curve_is_read_along_glides_and_at_the_nearest_row_of_jumps():
    times_s, f0_hz = np.array([0.0, 1.0, 2.0, 3.0]), np.array([100.0, 105.0, 210.0, 0.0])
    found = pitch_at(times_s, f0_hz, np.array([0.5, 1.4, 1.6, 2.4, 2.6, 9.0]))
    assert found == pytest.approx([np.sqrt(100 * 105), 105.0, 210.0, 210.0, 0.0, 0.0])


def test_a_click_stands_out_and_a_tone_or_noise_does_not():
    held = rich_tone(440.0, 1.0, RATE)
    assert clicks(tone(440.0, 1.0, RATE), RATE).worst_ratio < 12.0
    assert clicks(noise(1.0, RATE), RATE).n_above == 0
    broken = tone(440.0, 1.0, RATE, peak=0.5) + click(1.0, RATE, at_s=0.6, peak=0.1)
    found = clicks(broken, RATE)
    assert found.n_above == 1
    assert found.worst_at_s == pytest.approx(0.6, abs=0.001)
    held[24000:] = 0.0  # cut off in the middle of a period
    assert clicks(held, RATE).worst_at_s == pytest.approx(0.5, abs=0.001)


def test_silence_and_its_last_bits_hold_no_click():
    assert clicks(silence(0.1, RATE), RATE).worst_ratio == 0.0
    assert clicks(click(0.1, RATE, at_s=0.05, peak=1e-6), RATE).n_above == 0


def test_energy_above_8_khz():
    low, high = tone(1000.0, 1.0, RATE), tone(12000.0, 1.0, RATE, peak=0.05)
    assert high_share_db(low + high, RATE) == pytest.approx(-20.0, abs=0.2)
    assert high_share_db(high, RATE) == pytest.approx(0.0, abs=0.01)
    assert high_share_db(noise(2.0, RATE), RATE) == pytest.approx(10 * np.log10(2 / 3), abs=0.1)


def test_loudness_follows_a_swell_and_the_floor_hides_what_is_far_below():
    swell = harmonic(glide(440.0, 440.0, 2.0, RATE), RATE) * np.geomspace(1e-4, 1.0, 2 * RATE)
    curve = loudness_curve(swell.astype(np.float32), RATE)
    assert len(curve) == 200
    assert np.diff(curve[20:]).min() > 0.0
    assert np.ptp(above_floor(curve)) < 50.0
    assert correlation(curve, 3.0 * curve - 7.0) == pytest.approx(1.0)
    assert np.isnan(correlation(curve, np.zeros(200)))


def test_levels_tell_peak_silence_and_dc():
    found = levels(np.concatenate((silence(0.5, RATE), tone(440.0, 0.5, RATE) + 0.01)), RATE)
    assert found["peak_db"] == pytest.approx(20 * np.log10(0.51), abs=0.01)
    assert found["silent"] == pytest.approx(50.0)
    assert found["dc"] == pytest.approx(0.005, abs=1e-4)
