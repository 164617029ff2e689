"""What the desk says of controls and voices, before any browser sees it."""

import math
from pathlib import Path

import pytest

from ddsp_core.checkpoint import FILE_NAME, load_voice, save_voice
from ddsp_core.errors import ControlError, VoiceError
from realtime.console.desk_controls import OTHERS, grouped
from realtime.console.desk_knobs import label_of, number_of
from realtime.console.desk_range import QUANTILES, learned_by
from realtime.controls import BY_NAME, CONTROLS, Control

VOICES = Path(__file__).resolve().parent.parent / "presets" / "voices"


def test_every_control_stands_in_one_group() -> None:
    groups = grouped(CONTROLS)
    names = [name for group in groups for name in group.controls]
    assert sorted(names) == sorted(BY_NAME)
    assert OTHERS not in [group.title for group in groups]


def test_a_control_that_nobody_has_sorted_is_shown_too() -> None:
    new = Control("wobble", 0, 1, 0, "", 0.0, "")
    assert grouped((*CONTROLS, new))[-1].controls == {"wobble": new}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("gate_db", " -42.5 ", -42.5),
        ("gate_db", "-42,5 dB", -42.5),
        ("gate_db", "\N{MINUS SIGN}42.5dB", -42.5),
        ("input_gain_db", "+3", 3.0),
        ("octave_shift", "1.2", 1.0),
        ("key", "eb", 3.0),
    ],
)
def test_numbers_as_people_type_them(name: str, text: str, value: float) -> None:
    assert number_of(BY_NAME[name], text) == value


@pytest.mark.parametrize("text", ["", "loud", "7", "-91", "nan", "1e999"])
def test_what_is_no_value_is_refused(text: str) -> None:
    with pytest.raises(ControlError, match="gate_db takes -90 to 0 dB"):
        number_of(BY_NAME["gate_db"], text)


def test_labels_leave_the_unit_away() -> None:
    names = ("input_gain_db", "autotune_time_s", "a4_hz", "transpose_semitones", "echo.mix")
    said = ["Input gain", "Autotune time", "A4", "Transpose", "Mix"]
    assert [label_of(name) for name in names] == said


def test_what_the_shipped_voices_have_learned_rises() -> None:
    for folder in VOICES.iterdir():
        learned = learned_by(folder)
        assert learned is not None
        for kind in ("midi", "db"):
            levels = [learned[kind][key] for key in QUANTILES]
            assert levels == sorted(levels)
    violin = learned_by(VOICES / "violin")
    assert violin is not None
    hz = load_voice(VOICES / "violin").statistics["f0_quantiles_hz"]["5"]
    assert violin["midi"]["5"] == pytest.approx(69 + 12 * math.log2(hz / 440))


def test_a_voice_that_does_not_say_and_one_that_is_none(tmp_path: Path) -> None:
    silent = load_voice(VOICES / "violin")._replace(statistics={})
    save_voice(tmp_path / FILE_NAME, silent)
    assert learned_by(tmp_path) is None
    (tmp_path / FILE_NAME).write_bytes(b"no voice")
    with pytest.raises(VoiceError):
        learned_by(tmp_path)
