"""The limiter's ceiling holds, at any height, for both channels at once."""

from pathlib import Path

import numpy as np
import pytest
from effects import RATE, one, play, sine

from realtime.limiter import Limiter


@pytest.mark.parametrize("ceiling_db", [-24, -6, 0])
def test_no_sample_is_above_the_ceiling(ceiling_db: float) -> None:
    noise = np.random.default_rng(0).standard_normal((2, 20_000)).astype(np.float32)
    out = play(one("limiter", Path(), n_inputs=2, ceiling_db=ceiling_db), 3 * noise)
    assert 0.98 * 10 ** (ceiling_db / 20) < np.abs(out).max() <= 10 ** (ceiling_db / 20) + 1e-6


def test_at_its_default_it_is_the_hosts_limiter() -> None:
    tone = sine(330.0, 0.2, 2.0)
    wanted, _ = Limiter(RATE).forward(tone)
    assert np.abs(play(one("limiter", Path()), tone)[0] - wanted).max() < 1e-6


def test_soft_sound_passes_bit_for_bit() -> None:
    tone = sine(330.0, 0.2, 0.5)
    assert np.array_equal(play(one("limiter", Path()), tone)[0], tone)


def test_release_is_its_time_constant() -> None:
    sound = np.concatenate((np.full(100, 4.0), np.full(RATE, 0.25))).astype(np.float32)
    out = play(one("limiter", Path(), ceiling_db=0, release_s=0.05), sound)[0]
    gain = out / sound
    # open again when the follower is at the knee, 5 dB below the ceiling: ln(4 / 0.562) nepers
    opened = 100 + np.argmax(gain[100:] >= 1.0)
    assert (opened - 100) / RATE == pytest.approx(0.05 * np.log(4 / 10 ** (-5 / 20)), rel=0.01)
