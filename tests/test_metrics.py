import math

import numpy as np
import pytest

from ddsp_core.features import Features
from training.metrics import compare_clip, summarise


def curves(f0_hz, confidence=1.0, loudness_db=-20.0, n_frames=100):
    values = (f0_hz, confidence, loudness_db)
    return Features(*(np.full(n_frames, value, dtype=np.float32) for value in values))


def test_equal_features_are_at_no_distance():
    clip = compare_clip(curves(440.0), curves(440.0), spectral_loss=3.0)
    assert clip == (3.0, 0.0, 0.0, 1.0)


def test_a_semitone_and_a_decibel():
    played = curves(440.0 * 2 ** (1 / 12), loudness_db=-19.0)
    clip = compare_clip(curves(440.0), played, spectral_loss=0.0)
    assert clip.f0_l1_semitones == pytest.approx(1.0, abs=1e-4)
    assert clip.loudness_l1_db == pytest.approx(1.0)
    assert clip.f0_within_50_cents == 0.0


def test_only_sure_frames_of_the_recording_count_for_pitch():
    recorded = curves(440.0)
    recorded.confidence[50:] = 0.8
    played = curves(440.0)
    played.f0_hz[50:] = 100.0
    assert compare_clip(recorded, played, 0.0).f0_l1_semitones == 0.0


def test_a_recording_without_sure_pitch_counts_nowhere():
    clip = compare_clip(curves(440.0, confidence=0.5), curves(100.0), 1.0)
    assert clip.f0_l1_semitones is None
    summary = summarise([clip])
    assert math.isnan(summary.f0_l1_semitones)
    assert math.isnan(summary.f0_outlier_share)
    assert summary.spectral_loss == 1.0


def test_clips_an_octave_off_are_counted_apart():
    near = compare_clip(curves(440.0), curves(440.0 * 2 ** (0.1 / 12)), 1.0)
    far = compare_clip(curves(440.0), curves(440.0 * 2.1), 3.0)
    summary = summarise([near, far])
    assert summary.f0_l1_semitones == pytest.approx(0.1, abs=1e-4)
    assert summary.f0_outlier_share == 0.5
    assert summary.f0_within_50_cents == 0.5
    assert summary.spectral_loss == 2.0
