"""What stands on the stage view, in words, and what a browser may ask for."""

import math

import pytest

from ddsp_core.units import NOTE_NAMES
from realtime.commands import BY_NAME as COMMANDS
from realtime.console.stage_parts import HERE
from realtime.console.stage_words import stage_colours, stage_flags, stage_words, view_state
from realtime.keys_table import KEYS
from realtime.link_live import LiveFrame
from realtime.live_view_state import NEVER_S, ViewState


def test_what_is_infinite_comes_as_nothing_and_stays_so() -> None:
    """JSON has no infinity; a take's length is what the live frame says."""
    state = {"preset": "Violin", "midi_age_s": None, "problems": ["no card"], "take": "x"}
    seen = view_state(state, LiveFrame(recording_s=12.5))
    assert seen == ViewState(preset="Violin", problems=("no card",), recording_s=12.5)
    assert seen.midi_age_s == NEVER_S
    assert view_state({"recording_s": 3.0}, LiveFrame()).recording_s is None


def test_words_are_empty_where_there_is_nothing_to_say() -> None:
    words = stage_words(ViewState())
    filled = {name: text for name, text in words._asdict().items() if text}
    assert filled == {
        "take": "Record",
        "latency": "0.0 ms",
        "load": "0 %",
        "load_max": "0 %",
        "late": "0",
        "xruns": "0",
        "tempo": "–",
        "a4": "440 Hz",
        "midi": "none",
    }


def test_words_of_a_show() -> None:
    state = ViewState(
        song="Autumn leaves", song_number=2, n_songs=12, recording_s=3792.0, disk_free_s=20000.0,
        late_blocks=3, late_words="late 3: 3 machine", midi_ports=2, load_p99=0.314,
        message="recording", message_age_s=1.0, problems=("no card", "no MIDI"),
    )  # fmt: skip
    words = stage_words(state)
    assert (words.song_place, words.take, words.disk) == ("2 / 12", "1:03:12", "room for 5 h")
    assert (words.late, words.late_why, words.load) == ("3", "late 3: 3 machine", "31 %")
    assert (words.midi, words.message, words.problems) == (
        "2 ports",
        "recording",
        "no card · no MIDI",
    )


@pytest.mark.parametrize(
    ("message", "age_s"), [("old", 61.0), ("console: http://127.0.0.1:8320/?token=secret", 0.0)]
)
def test_an_old_message_and_our_own_address_are_not_shown(message: str, age_s: float) -> None:
    """The hall would read its token."""
    assert not stage_words(ViewState(message=message, message_age_s=age_s)).message


@pytest.mark.parametrize(
    ("fields", "flag"),
    [
        ({"is_bypassed": True}, "is-bypassed"),
        ({"recording_s": 0.0}, "is-recording"),
        ({"load_p99": 0.9}, "is-busy"),
        ({"late_blocks": 1}, "is-late"),
        ({"xruns": 1}, "has-xruns"),
        ({"midi_age_s": 1.0}, "has-midi"),
        ({"n_songs": 2, "song_number": 2}, "has-songs"),
        ({"disk_free_s": 30.0}, "is-short-of-disk"),
    ],
)
def test_flags(fields: dict[str, float], flag: str) -> None:
    assert flag not in stage_flags(ViewState())
    assert stage_flags(ViewState(**fields)) == flag  # type: ignore[arg-type]


def test_what_stands_on_a_colour_can_be_read() -> None:
    """Contrast is 4.5 or more, as the luminance of black and white leaves no gap."""
    for grey in range(256):
        style = stage_colours(f"#{grey:02x}{grey:02x}{grey:02x}")
        part = grey / 255.0
        light = part / 12.92 if part <= 0.04045 else math.pow((part + 0.055) / 1.055, 2.4)
        ink = 0.0 if style.endswith("#000000") else 1.0
        assert (max(light, ink) + 0.05) / (min(light, ink) + 0.05) >= 4.5
    assert "var(--ch-raised)" in stage_colours("")


def test_keys_are_those_of_the_terminal() -> None:
    """All that are commands; what chooses and turns controls there is the desk view's here."""
    assert {key.action for key in HERE} == {
        key.action for key in KEYS if key.action in COMMANDS
    } | {"help"}


def test_there_are_twelve_notes() -> None:
    """static/notes.js counts them, too."""
    assert len(NOTE_NAMES) == 12
