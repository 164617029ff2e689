"""The spectrogram for the eye: tones at their place, time and level."""

import numpy as np
import pytest
from signals import tone

from ddsp_core.spectrogram import log_spectrogram


@pytest.mark.parametrize("rate", [16000, 44100, 48000])
def test_a_spectrogram_shows_each_tone_at_its_place_time_and_level(rate):
    audio = np.concatenate((tone(440.0, 1.0, rate, peak=1.0), tone(1760.0, 1.0, rate, peak=0.1)))
    times_s, edges_hz, levels_db = log_spectrogram(audio, rate)
    assert levels_db.shape == (len(edges_hz) - 1, len(times_s) - 1)
    for at_s, f0_hz, level_db in ((0.5, 440.0, 0.0), (1.5, 1760.0, -20.0)):
        column = levels_db[:, np.searchsorted(times_s, at_s) - 1]
        loudest = int(np.argmax(column))
        # Half a bin (at most 16 Hz) is wider than a row of pitch at 440 Hz.
        assert edges_hz[loudest] - 16 < f0_hz < edges_hz[loudest + 1] + 16
        # Between two bins a Hann window reads up to 1.4 dB low, linear interpolation a little more.
        assert level_db - 2.0 < column[loudest] < level_db + 0.1


@pytest.mark.parametrize("n_samples", [1, 100, 5000])
def test_short_and_silent_sound_is_finite(n_samples):
    found = log_spectrogram(np.zeros(n_samples, np.float32), 48000)
    assert found.level_db.shape[1] == min(n_samples, len(found.time_s) - 1)
    assert np.all(found.level_db == -200.0)
