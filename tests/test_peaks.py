"""Meters that miss no peak, and fall at a known pace whatever the blocks."""

import numpy as np
import pytest

from realtime.peaks import FALL_DB_PER_S, Peaks

RATE = 48000


def silence(n_samples: int) -> np.ndarray:
    return np.zeros(n_samples, np.float32)


def test_a_single_sample_is_seen_in_both_directions() -> None:
    peaks = Peaks(RATE)
    dry, wet = silence(128), np.zeros((128, 2), np.float32)
    dry[5], wet[7, 1] = -0.5, 0.25
    peaks.note(dry, wet)
    assert peaks.input_db == pytest.approx(-6.02, abs=0.01)
    assert peaks.output_db == pytest.approx(-12.04, abs=0.01)


@pytest.mark.parametrize("size", [1, 64, 1000])
def test_it_falls_at_the_same_pace_whatever_the_blocks(size: int) -> None:
    peaks = Peaks(RATE)
    peaks.note(np.ones(1, np.float32), np.ones(1, np.float32))
    for _ in range(RATE // 2 // size):
        peaks.note(silence(size), silence(size))
    assert peaks.output_db == pytest.approx(-FALL_DB_PER_S / 2, abs=0.2)


def test_what_is_no_number_does_not_stay() -> None:
    peaks = Peaks(RATE)
    peaks.note(np.full(8, np.nan, np.float32), silence(8))
    peaks.note(silence(8), silence(8))
    assert peaks.input_db == peaks.output_db == Peaks(RATE).input_db
