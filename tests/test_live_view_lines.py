"""The stage view's text: everything that a performer must know, in any space."""

import random

import pytest
from view_states import STATE, drawn, line_with, style_of

from realtime import live_view_lines
from realtime.controls import CONTROLS, find_control
from realtime.keys_table import KEYS
from realtime.live_view_big import big
from realtime.live_view_heads import colour_style
from realtime.live_view_held import Holding
from realtime.live_view_lines import view_lines
from realtime.live_view_state import Turned, ViewState, state_of
from realtime.session_partners import Status


@pytest.fixture(autouse=True)
def small_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which can be read by a test."""
    monkeypatch.setattr(live_view_lines, "BIG_COLUMNS", 1000)


def test_everything_is_there() -> None:
    text = drawn(STATE)
    for words in (
        "2/7  Solveig's Song", "next Habanera", "HALL VIOLIN", "next Cello", "con sordino",
        "A4", "+4 ct ✓", "in  ▮", "-18 dB", "out ▮", "-12 dB", "load 9/15/40 %", "late 3",
        "xruns 2", "latency 21.3 ms", "● REC 3:12", "room for 5 h", "♩ 92", "● MIDI",
        "room_mix", "0.4", "nanoKONTROL is gone", "held the instrument up", "take 3 begins",
        "4 s ago", "? help", "q quit",
    ):  # fmt: skip
        assert words in text, words


def test_what_is_not_known_is_left_out() -> None:
    text = drawn(ViewState(preset="Violin"))
    for words in ("next", "REC", "♩", "MIDI", "ago", "±", "ct", "CLIP", "nan", "inf"):
        assert words not in text, words
    assert "VIOLIN" in text
    assert "late 0" in text


@pytest.mark.parametrize("width", [1, 7, 20, 40, 57, 80, 81, 200])
@pytest.mark.parametrize("height", [1, 4, 8, 16, 40])
@pytest.mark.parametrize("big_columns", [60, 1000])
def test_any_space_is_enough(
    width: int, height: int, big_columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_view_lines, "BIG_COLUMNS", big_columns)
    for state in (STATE, ViewState(), STATE._replace(shows_help=True)):
        lines = view_lines(state, width, Holding().look(state, 0.0), height)
        assert 1 <= len(lines) <= height
        assert max(line.cell_len for line in lines) <= width
        assert not any("\n" in line.plain for line in lines)


def test_on_a_stage_of_80_columns_nothing_is_cut() -> None:
    assert "…" not in drawn(STATE)
    assert len(drawn(STATE).splitlines()) < 24


def test_why_blocks_were_late_is_said_if_some_were() -> None:
    assert "held the instrument up" not in drawn(STATE._replace(late_blocks=0))


def test_preset_and_note_are_large_where_there_is_space(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_view_lines, "BIG_COLUMNS", 60)
    text = drawn(STATE, 80, 24)
    for words in ("Hall violin", "A4"):
        letters = big(words)
        assert letters
        assert all(line in text for line in letters)
    for words in ("next Habanera", "next Cello", "+4 ct ✓", "con sordino", "q quit"):
        assert words in text
    assert "HALL VIOLIN" not in text
    assert "HALL VIOLIN" in drawn(STATE, 80, 16)
    assert "HALL VIOLIN" in drawn(STATE, 59, 40)
    for title in ("Solo für Åse & Co", "A title that is far too long for large letters", "∮", ""):
        assert "next Cello" in drawn(STATE._replace(preset=title), 80, 24)
    assert "FAR TOO LONG" in drawn(STATE._replace(preset="A title that is far too long"), 80, 24)


def test_large_letters_leave_out_accents_and_nothing_else() -> None:
    assert big("Ärger") == big("ARGER")
    assert big("∮") is big("") is None
    assert [len(line.rstrip()) for line in big("8") or []] == [2, 3, 3]


def test_in_little_space_stands_what_matters() -> None:
    text = drawn(STATE, height=3)
    assert "nanoKONTROL" in text
    assert "HALL VIOLIN" in text
    assert "room_mix" not in text


def test_long_problems_are_said_to_their_end() -> None:
    problem = "presets/flute/preset.yaml: effects[0].mix: 1.4 is above 1.0: mix takes 0 to 1: " * 2
    words = " ".join(drawn(STATE._replace(problems=(problem.strip(),))).split())
    assert problem.strip() in words


def test_warnings_are_red() -> None:
    assert "red" in style_of(line_with(STATE, "xruns 2"), "xruns")
    assert "red" in style_of(line_with(STATE._replace(load_p99=0.9), "load"), "load")
    calm = STATE._replace(late_blocks=0, xruns=0)
    assert "red" not in style_of(line_with(calm, "xruns 0"), "xruns")


def test_a_disk_that_fills_is_said_also_without_a_take() -> None:
    assert "room for" not in drawn(STATE._replace(recording_s=None))
    text = drawn(STATE._replace(recording_s=None, disk_free_s=90.0))
    assert "room for 90 s" in text


def test_learning_and_bypass_are_seen() -> None:
    assert "move a knob for room_mix" in drawn(STATE._replace(learning="room_mix"))
    assert "BYPASS" in drawn(STATE._replace(is_bypassed=True))
    assert "BYPASS" not in drawn(STATE)


def test_every_control_can_be_shown_anywhere_in_its_range() -> None:
    for control in CONTROLS:
        for value in (control.minimum, control.default, control.maximum):
            state = STATE._replace(selected=Turned(control.name, control, float(value)))
            assert control.name in drawn(state)
    key = STATE._replace(selected=Turned("key", find_control("key"), 3.0))
    assert "D#/Eb" in drawn(key)


def test_help_is_made_of_the_table_of_keys() -> None:
    text = drawn(STATE._replace(shows_help=True))
    assert all(key.doc[:50] in text for key in KEYS)
    assert len(text.splitlines()) <= 24
    assert "?" in drawn(STATE._replace(shows_help=True), height=1)


def test_a_preset_stands_on_its_colour_and_can_be_read() -> None:
    assert colour_style("#ffffff").startswith("bold #000000 on")
    assert colour_style("#20104f").startswith("bold #ffffff on")
    assert style_of(line_with(STATE, "HALL"), "HALL") == colour_style("#b5442e")
    for odd in ("", "red", "#12", "#gggggg"):
        assert colour_style(odd) == "bold reverse"


def test_odd_figures_do_no_harm() -> None:
    rng = random.Random(5)
    odd = [0.0, -1.0, float("nan"), float("inf"), -float("inf"), 1e30]
    names = [name for name, kind in ViewState.__annotations__.items() if kind is float]
    assert len(names) > 8
    for _ in range(300):
        state = STATE._replace(**{name: rng.choice(odd) for name in names if rng.random() < 0.3})
        drawn(state, rng.randrange(1, 90))


def test_what_a_session_says_is_shown() -> None:
    status = Status(0.1, 0.2, 1, 2, 20.0, "recording stopped (disk full)", "why", 0.11, 0.3)

    class Quiet:
        input_peak_db = output_peak_db = loudness_db = -100.0
        f0_hz, gate_open = 0.0, False

    text = drawn(state_of(status, Quiet(), "Violin"))
    for words in ("VIOLIN", "load 11/20/30 %", "late 1", "xruns 2", "20.0 ms", "disk full", "why"):
        assert words in text
