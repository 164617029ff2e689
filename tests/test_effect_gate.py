"""The gate opens and shuts at its levels, in its times, and leaves the open sound alone."""

from pathlib import Path

import numpy as np
import pytest
from effects import RATE, level_db, one, play, sine

from benchmarks.measures import clicks


def square(peak: float, seconds: float) -> np.ndarray:
    """Its level is its peak at every sample. 100 Hz."""
    return peak * np.sign(sine(100.5, seconds, 1.0) + 1e-9)


def test_what_is_above_the_threshold_passes_bit_for_bit() -> None:
    tone = sine(80.0, 0.5, 10 ** (-39 / 20))  # 1 dB above
    out = play(one("gate", Path(), threshold_db=-40), tone)[0]
    assert np.array_equal(out[4800:], tone[4800:])


def test_what_is_below_it_falls_by_the_range() -> None:
    tone = sine(440.0, 0.5, 10 ** (-41 / 20))
    out = play(one("gate", Path(), threshold_db=-40, range_db=-30), tone)
    assert level_db(out[0]) - level_db(tone) == pytest.approx(-30.0, abs=0.01)


def test_an_open_gate_stays_open_within_the_hysteresis() -> None:
    loud, soft = square(0.1, 0.2), square(10 ** (-24 / 20), 0.5)  # -20 dB, then 4 dB less
    sound = np.concatenate((loud, soft)).astype(np.float32)
    for hysteresis_db, wanted_db in ((6, -24.0), (2, -84.0)):
        gate = one("gate", Path(), threshold_db=-21, hysteresis_db=hysteresis_db, range_db=-60)
        assert level_db(play(gate, sound)[0, -9600:]) == pytest.approx(wanted_db, abs=0.1)


def test_attack_hold_and_release_take_their_times() -> None:
    sound = np.concatenate((square(0.5, 0.2), square(0.001, 0.5))).astype(np.float32)
    times = {"attack_s": 0.01, "hold_s": 0.1, "release_s": 0.2}
    out = play(one("gate", Path(), threshold_db=-20, range_db=-40, **times), sound)[0]
    gain = np.abs(out / sound)
    assert gain[479] == pytest.approx(1.0, abs=1e-3)
    assert gain[239] == pytest.approx(0.505, abs=0.01)  # halfway up a smoothstep from 0.01
    falls = 9600 + np.argmax(gain[9600:] < 1.0 - 1e-6)
    # the follower falls by 14 + 6 dB, 10 ms a neper, and then the gate is held
    assert (falls - 9600) / RATE == pytest.approx(np.log(0.5 / 0.05) * 0.01 + 0.1, abs=0.002)
    shut = 9600 + np.argmax(gain[9600:] < 0.01 * 1.001)
    assert (shut - falls) / RATE == pytest.approx(0.2, abs=0.003)


def test_both_channels_open_together() -> None:
    sound = np.stack((square(0.5, 0.3), square(0.001, 0.3))).astype(np.float32)
    out = play(one("gate", Path(), n_inputs=2, threshold_db=-20), sound)
    assert np.array_equal(out[:, 4800:], sound[:, 4800:])


def test_opening_and_shutting_do_not_click() -> None:
    tone = sine(440.0, 1.0)
    tone[:24_000] *= 0.01
    tone[36_000:] *= 0.01
    out = play(one("gate", Path(), threshold_db=-20), tone)[0]
    assert clicks(out, RATE).worst_ratio <= clicks(tone, RATE).worst_ratio
