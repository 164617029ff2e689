"""The stage view's text: everything that a performer must know, in any space."""

import random

import pytest
from rich.text import Text

from realtime.controls import CONTROLS, find_control
from realtime.keys_table import KEYS
from realtime.live_view_held import Held, Holding
from realtime.live_view_lines import colour_style, view_lines
from realtime.live_view_state import Turned, ViewState, state_of
from realtime.live_view_tuner import IN_TUNE_CENTS, Needle, tuned
from realtime.session_partners import Status

STATE = ViewState(
    song="Solveig's Song",
    next_song="Habanera",
    song_number=2,
    n_songs=7,
    preset="Hall violin",
    next_preset="Cello",
    colour="#b5442e",
    note="con sordino",
    tempo_bpm=92.0,
    input_peak_db=-18.0,
    output_peak_db=-12.0,
    f0_hz=441.0,
    is_singing=True,
    load_mean=0.09,
    load_p99=0.15,
    load_max=0.4,
    late_blocks=3,
    late_words="3 late blocks: the computer held the instrument up",
    xruns=2,
    latency_ms=21.3,
    recording_s=192.0,
    disk_free_s=20000.0,
    midi_age_s=0.1,
    midi_ports=1,
    selected=Turned("room_mix", find_control("room_mix"), 0.4),
    problems=("MIDI: nanoKONTROL is gone, waiting for it",),
    message="take 3 begins",
    message_age_s=4.0,
)


def drawn(state: ViewState, width: int = 80, height: int = 24) -> str:
    lines = view_lines(state, width, Holding().look(state, 0.0), height)
    return "\n".join(line.plain for line in lines)


def line_with(state: ViewState, words: str, held: Held | None = None) -> Text:
    lines = view_lines(state, 80, held or Holding().look(state, 0.0))
    (line,) = (line for line in lines if words in line.plain)
    return line


def style_of(line: Text, words: str) -> str:
    place = line.plain.index(words)
    return " ".join(str(span.style) for span in line.spans if span.start <= place < span.end)


def test_everything_is_there() -> None:
    text = drawn(STATE)
    for words in (
        "2/7  Solveig's Song", "next Habanera", "HALL VIOLIN", "next Cello", "con sordino",
        "A4", "+4 ct ✓", "in  ▮", "-18 dB", "out ▮", "-12 dB", "load 9/15/40 %", "late 3",
        "xruns 2", "latency 21.3 ms", "● REC 3:12", "room for 6 h", "♩ 92", "● MIDI",
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
def test_any_space_is_enough(width: int, height: int) -> None:
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


def test_in_little_space_stands_what_matters() -> None:
    text = drawn(STATE, height=3)
    assert "nanoKONTROL" in text
    assert "HALL VIOLIN" in text
    assert "room_mix" not in text


def test_long_problems_are_said_to_their_end() -> None:
    problem = "presets/flute/preset.yaml: effects[0].mix: 1.4 is above 1.0: mix takes 0 to 1: " * 2
    words = " ".join(drawn(STATE._replace(problems=(problem.strip(),))).split())
    assert problem.strip() in words


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
