import math

import numpy as np
import pytest

from training.metrics import (
    ClipMetrics,
    PitchDistance,
    loudness_distance_db,
    pitch_distance,
    summarise,
)

FRAME_RATE = 375.0


def curve(value, n_frames=100):
    return np.full(n_frames, value, dtype=np.float32)


def clip(f0=None, n_frames=375, spectral_loss=1.0):
    distance = None if f0 is None else PitchDistance(f0, 1.0 if f0 < 0.5 else 0.0)
    return ClipMetrics(n_frames, spectral_loss, 2.0, distance, distance, None)


def test_equal_curves_are_at_no_distance():
    assert pitch_distance(curve(440.0), curve(440.0), curve(1.0)) == (0.0, 1.0)
    assert loudness_distance_db(curve(-20.0), curve(-20.0)) == 0.0


def test_a_semitone_and_a_decibel():
    found = pitch_distance(curve(440.0), curve(440.0 * 2 ** (1 / 12)), curve(1.0))
    assert found.l1_semitones == pytest.approx(1.0, abs=1e-4)
    assert found.within_50_cents == 0.0
    assert loudness_distance_db(curve(-20.0), curve(-19.0)) == pytest.approx(1.0)


def test_only_sure_frames_of_the_recording_count_for_pitch():
    heard, confidence = curve(440.0), curve(0.85)
    heard[50:], confidence[50:] = 100.0, 0.84
    assert pitch_distance(curve(440.0), heard, confidence).l1_semitones == 0.0


def test_a_recording_without_sure_pitch_counts_nowhere():
    assert pitch_distance(curve(440.0), curve(100.0), curve(0.5)) is None
    summary = summarise([clip(None), clip(0.25)], FRAME_RATE)
    assert summary.f0_l1_semitones == 0.25
    assert (summary.n_clips, summary.seconds) == (2, 2.0)
    assert math.isnan(summary.f0_live_l1_semitones)
    assert math.isnan(summary.f0_live_outlier_share)


def test_clips_an_octave_off_are_counted_apart():
    summary = summarise([clip(0.125), clip(12.5)], FRAME_RATE)
    assert summary.f0_l1_semitones == 0.125
    assert summary.f0_outlier_share == 0.5
    assert summary.f0_within_50_cents == 0.5
    # Twelve semitones is no outlier yet, as in magenta/ddsp.
    assert summarise([clip(12.0)], FRAME_RATE).f0_outlier_share == 0.0


def test_a_scrap_counts_as_one():
    summary = summarise([clip(0.1, 1500, 4.0), clip(0.6, 300, 10.0)], FRAME_RATE)
    assert summary.f0_l1_semitones == pytest.approx((5 * 0.1 + 0.6) / 6)
    assert summary.spectral_loss == pytest.approx(5.0)
    assert summary.f0_asked_within_50_cents == pytest.approx(5 / 6)
