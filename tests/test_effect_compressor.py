"""The compressor follows its static curve and its time constants (Giannoulis et al. 2012)."""

from pathlib import Path

import numpy as np
import pytest
from effects import RATE, one, play, sine


def square(level_db: float, seconds: float) -> np.ndarray:
    """Its level is the same at every sample."""
    return (10 ** (level_db / 20) * np.sign(sine(100.5, seconds, 1.0) + 1e-9)).astype(np.float32)


def steady_db(level_db: float, **values: float) -> float:
    sound = square(level_db, 0.5)
    out = play(one("compressor", Path(), attack_s=0.001, **values), sound)[0]
    return 20 * np.log10(abs(out[-1]))


@pytest.mark.parametrize(
    ("level_db", "wanted_db"),
    [
        (-40.0, -40.0),
        (-26.0, -26.0),
        (-20.0, -20.0 - 0.75 * 4**2 / 16),
        (-8.0, -17.0),
        (0.0, -15.0),
    ],
)
def test_static_curve(level_db: float, wanted_db: float) -> None:
    """Ratio 4 above -20 dB, bent from -24 to -16: there slope * (over + 4)^2 / 16 is lost."""
    found = steady_db(level_db, threshold_db=-20, ratio=4, knee_db=8)
    assert found == pytest.approx(wanted_db, abs=0.01)


def test_hard_knee_and_makeup() -> None:
    assert steady_db(-20.0, threshold_db=-20, knee_db=0, makeup_db=5) == pytest.approx(
        -15, abs=0.01
    )
    assert steady_db(-10.0, threshold_db=-20, ratio=2, knee_db=0) == pytest.approx(-15, abs=0.01)


def test_ratio_one_changes_nothing() -> None:
    tone = sine(440.0, 0.1)
    assert np.array_equal(play(one("compressor", Path(), ratio=1), tone)[0], tone)


def test_attack_and_release_are_time_constants_in_db() -> None:
    sound = np.concatenate((square(-40, 0.2), square(0, 0.4), square(-40, 0.6)))
    values = {"threshold_db": -20, "ratio": 2, "knee_db": 0, "attack_s": 0.02, "release_s": 0.1}
    out = play(one("compressor", Path(), **values), sound)[0]
    lost_db = -20 * np.log10(np.abs(out / sound))
    one_neper = 1 - np.exp(-1)
    assert lost_db[9600 + 960 - 1] == pytest.approx(10 * one_neper, abs=0.02)
    end = 9600 + 19_200
    assert lost_db[end - 1] == pytest.approx(10.0, abs=0.001)
    # releases behind the attack: their sum, as two poles one after the other
    times = np.array([0.1, 0.3])
    wanted = 10 * (0.1 * np.exp(-times / 0.1) - 0.02 * np.exp(-times / 0.02)) / 0.08
    found = lost_db[end + (times * RATE).astype(int) - 1]
    assert found == pytest.approx(wanted, abs=0.02)


def test_both_channels_are_turned_down_alike() -> None:
    sound = np.stack((square(0, 0.3), square(-30, 0.3)))
    out = play(one("compressor", Path(), n_inputs=2), sound)
    assert (out / sound)[0] == pytest.approx((out / sound)[1], abs=1e-6)
