"""The equalizer's gains are those of the audio EQ cookbook."""

import math
from pathlib import Path

import numpy as np
import pytest
from effects import RATE, gain_db, one

FLAT = one("eq", Path())


def cookbook_db(shape: str, hz: float, at_hz: float, db: float, q: float) -> float:
    """R. Bristow-Johnson's analogue prototypes, H(s) with s = j w / w0 after the bilinear bend."""
    level = 10 ** (db / 40)
    s = 1j * math.tan(math.pi * hz / RATE) / math.tan(math.pi * at_hz / RATE)
    root = math.sqrt(level)
    if shape == "peak":
        h = (s * s + s * level / q + 1) / (s * s + s / (level * q) + 1)
    elif shape == "low":
        h = level * (s * s + root / q * s + level) / (level * s * s + root / q * s + 1)
    else:
        h = level * (level * s * s + root / q * s + 1) / (s * s + root / q * s + level)
    return 20 * math.log10(abs(h))


@pytest.mark.parametrize("hz", [60.0, 400.0, 1000.0, 5000.0, 15_000.0])
@pytest.mark.parametrize(
    ("shape", "band", "at_hz", "db", "q"),
    [
        ("low", "low", 300.0, 9.0, math.sqrt(0.5)),
        ("low", "low", 300.0, -12.0, math.sqrt(0.5)),
        ("peak", "low_mid", 400.0, 6.0, 2.0),
        ("peak", "high_mid", 5000.0, -9.0, 0.5),
        ("high", "high", 5000.0, 6.0, math.sqrt(0.5)),
        ("high", "high", 5000.0, -18.0, math.sqrt(0.5)),
    ],
)
def test_each_band(shape: str, band: str, at_hz: float, db: float, q: float, hz: float) -> None:
    values = {f"{band}_hz": at_hz, f"{band}_db": db}
    if shape == "peak":
        values[f"{band}_q"] = q
    wanted = cookbook_db(shape, hz, at_hz, db, q)
    assert gain_db(one("eq", Path(), **values), hz) == pytest.approx(wanted, abs=0.05)


def test_flat_changes_nothing() -> None:
    noise = np.random.default_rng(0).uniform(-1, 1, (1, 5000)).astype(np.float32)
    assert np.abs(FLAT.process(noise) - noise).max() < 1e-6


def test_bands_above_what_a_rate_can_carry_stay_stable() -> None:
    chain = one("eq", Path(), high_hz=20_000, high_db=24, high_mid_hz=16_000, high_mid_db=24)
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, (1, 50_000)).astype(np.float32)
    assert np.abs(chain.process(noise)).max() < 10.0


def test_everything_turned_up_is_loud_but_not_wrong() -> None:
    up = {"low_db": 24, "low_hz": 1000, "low_mid_db": 24, "high_mid_db": 24, "high_mid_hz": 400}
    assert gain_db(one("eq", Path(), **up), 400.0, peak=0.9) > 60.0  # `play` sees no problem
