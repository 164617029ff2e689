"""Flat tops at full scale are clipping; a loud peak is none."""

import numpy as np
import pytest
import signals

from training.clipping import MARGIN_S, clipped_stretches

RATE = 48000


def test_a_flat_top_is_found_with_a_margin():
    audio = signals.tone(440.0, 1.0, RATE, peak=0.5)
    audio[24000:24010] = -1.0
    ((start_s, end_s),) = clipped_stretches(audio[:, None], RATE)
    assert start_s == pytest.approx(0.5 - MARGIN_S)
    assert end_s == pytest.approx(0.5 + MARGIN_S, abs=1e-3)


@pytest.mark.parametrize("f0_hz", [65.0, 440.0, 2000.0])
def test_a_tone_that_just_fits_is_not_clipped(f0_hz):
    audio = signals.tone(f0_hz, 0.5, RATE, peak=1.0)
    assert clipped_stretches(np.round(audio[:, None] * 32767) / 32768, RATE) == []


def test_an_overdriven_tone_is_one_stretch_and_one_channel_is_enough():
    good = signals.tone(200.0, 1.0, RATE)
    overdriven = np.clip(3.0 * good, -1.0, 1.0)
    stretches = clipped_stretches(np.stack([good, overdriven], axis=1), RATE)
    assert len(stretches) == 1
    assert stretches[0][1] - stretches[0][0] > 0.9
