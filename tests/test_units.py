import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddsp_core import units


@given(st.floats(-99.0, 60.0))
def test_decibels_there_and_back(level_db: float) -> None:
    assert units.gain_to_db(units.db_to_gain(level_db)) == pytest.approx(level_db, abs=1e-9)
    assert units.gain_to_db(-units.db_to_gain(level_db)) == pytest.approx(level_db, abs=1e-9)


@given(st.floats(0.0, 127.0))
def test_notes_there_and_back(note: float) -> None:
    assert float(units.hz_to_midi(units.midi_to_hz(note))) == pytest.approx(note, abs=1e-9)


@pytest.mark.parametrize("gain", [0.0, 1e-9, math.nan])
def test_levels_stop_at_the_floor(gain: float) -> None:
    assert units.gain_to_db(gain) == units.DB_FLOOR


def test_power_is_ten_logs_and_stops_at_the_floor() -> None:
    levels_db = units.power_to_db(np.array([1.0, 0.5, 1e-30, 0.0]))
    np.testing.assert_allclose(levels_db, [0.0, -3.0103, -100.0, -100.0], atol=1e-4)


@pytest.mark.parametrize(
    ("f0_hz", "name", "cents"),
    [(261.6256, "C4", 0.0), (196.0, "G3", 0.0), (455.0, "A#4", -42.0), (27.5, "A0", 0.0)],
)
def test_note_names(f0_hz: float, name: str, cents: float) -> None:
    found, off = units.note_name(f0_hz)
    assert found == name
    assert off == pytest.approx(cents, abs=0.1)


def test_cents_are_hundredths_of_a_semitone() -> None:
    semitone_up = units.midi_to_hz(70.0)
    assert float(units.cents_between(semitone_up, 440.0)) == pytest.approx(100.0)
    assert float(units.cents_between(440.0, semitone_up)) == pytest.approx(-100.0)


def test_a_tuner_counts_from_its_own_a4() -> None:
    assert units.note_name(440.0, a4_hz=430.0) == ("A4", pytest.approx(39.80, abs=0.01))
    assert units.note_name(261.63 * 432 / 440, a4_hz=432.0) == ("C4", pytest.approx(0.0, abs=0.1))
