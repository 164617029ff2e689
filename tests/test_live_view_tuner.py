"""Tuner and meters of the stage view: notes, needle, held peaks, marks."""

import pytest
from view_states import STATE, drawn, line_with, style_of

from realtime import live_view_lines
from realtime.live_view_held import Holding
from realtime.live_view_tuner import IN_TUNE_CENTS, Needle, tuned


@pytest.fixture(autouse=True)
def small_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which can be read by a test."""
    monkeypatch.setattr(live_view_lines, "BIG_COLUMNS", 1000)


@pytest.mark.parametrize(
    ("f0_hz", "a4_hz", "note", "cents"),
    [
        (440.0, 440.0, "A4", 0),
        (432.0, 432.0, "A4", 0),
        (442.0, 440.0, "A4", 8),
        (82.4, 440, "E2", 0),
    ],
)
def test_the_tuner(f0_hz: float, a4_hz: float, note: str, cents: int) -> None:
    found = tuned(f0_hz, a4_hz)
    assert found.note == note
    assert found.cents == pytest.approx(cents, abs=0.5)
    state = STATE._replace(f0_hz=f0_hz, a4_hz=a4_hz)
    line = line_with(state, " ct")
    assert (f" {note} ") in line.plain
    is_green = "green" in style_of(line, " ct")
    assert is_green == ("✓" in line.plain) == (abs(cents) <= IN_TUNE_CENTS)


def test_the_needle_stands_right_of_the_middle_where_it_is_too_high() -> None:
    for f0_hz, is_high in ((436.0, False), (446.0, True)):
        text = line_with(STATE._replace(f0_hz=f0_hz), " ct").plain
        assert (text.index("▲") > text.index("┼")) == is_high
    assert "┼" not in line_with(STATE._replace(f0_hz=440.0), " ct").plain


def test_silence_has_no_note() -> None:
    assert " ct" not in drawn(STATE._replace(is_singing=False))
    for f0_hz in (0.0, -1.0, float("nan"), float("inf")):
        assert " ct" not in drawn(STATE._replace(f0_hz=f0_hz))


def test_the_needle_is_calm_and_leaps_to_a_new_note() -> None:
    needle = Needle()
    assert needle.look(440.0).cents == 0.0
    moved = needle.look(445.0)
    assert 0.0 < moved.cents < tuned(445.0).cents
    assert needle.look(660.0) == tuned(660.0)
    assert needle.look(0.0).note == ""
    assert needle.look(445.0) == tuned(445.0)


def test_peaks_are_held_then_fall_and_clipping_stays_marked() -> None:
    holding = Holding()
    loud, soft = STATE._replace(input_peak_db=0.0), STATE._replace(input_peak_db=-40.0)
    assert holding.look(loud, 10.0).input_db == 0.0
    held = holding.look(soft, 11.0)
    assert (held.input_db, held.input_clipped, held.output_limited) == (0.0, "CLIP", "")
    assert "CLIP" in line_with(soft, " in ", held).plain
    assert "┃" in line_with(soft, " in ", held).plain
    fallen = [holding.look(soft, 11.6 + step / 10).input_db for step in range(20)]
    assert fallen[0] > fallen[1] > fallen[-1] == -40.0
    assert holding.look(soft, 14.0).input_clipped == ""


def test_the_limiter_is_seen_at_work() -> None:
    held = Holding().look(STATE._replace(output_peak_db=-1.0), 0.0)
    assert "LIMIT" in line_with(STATE._replace(output_peak_db=-1.0), " out", held).plain
