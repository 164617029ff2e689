"""The high-pass loses what Butterworth's formula says, and sweeps without a click."""

from pathlib import Path

import numpy as np
import pytest
from effects import RATE, blocks_of, gain_db, one, play, sine

from benchmarks.measures import clicks


@pytest.mark.parametrize("slope_db", [12, 24])
@pytest.mark.parametrize("hz", [100.0, 200.0, 400.0, 3000.0])
def test_gain_is_butterworths(hz: float, slope_db: int) -> None:
    order = slope_db // 6
    # the bilinear transform bends the axis of frequency, exact at the corner
    ratio = np.tan(np.pi * 200.0 / RATE) / np.tan(np.pi * hz / RATE)
    wanted = -10 * np.log10(1 + ratio ** (2 * order))
    chain = one("high_pass", Path(), frequency_hz=200, slope_db=slope_db)
    assert gain_db(chain, hz) == pytest.approx(wanted, abs=0.05)


def test_direct_current_is_gone() -> None:
    out = play(one("high_pass", Path()), np.full(RATE, 0.5, np.float32))
    assert np.abs(out[0, -100:]).max() < 1e-5


def test_a_sweep_from_end_to_end_and_a_change_of_slope_make_no_click() -> None:
    tone = sine(220.0, 1.0)
    turns = {
        12_000: lambda chain: chain.set("high_pass.frequency_hz", 2000.0),
        24_000: lambda chain: chain.set("high_pass.frequency_hz", 20.0),
        36_000: lambda chain: chain.set("high_pass.slope_db", 24.0),
    }
    out = play(one("high_pass", Path(), frequency_hz=20), tone, blocks_of(128, len(tone)), turns)
    assert clicks(out[0, 4800:], RATE).worst_ratio < 4.0
