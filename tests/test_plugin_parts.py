"""What plug-ins are made of: options, parameters, shared frames, foretold sound."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import signals

from ddsp_core.errors import PresetError
from realtime.effects.pace import OFFLINE, Pace, live, pace, paced
from realtime.effects.plugin_bridge import go_on
from realtime.effects.plugin_frames import (
    FRAME,
    MAX_CHANGES,
    N_SLOTS,
    PluginFrames,
    Question,
    new_file,
)
from realtime.effects.plugin_kind import check_plugin
from realtime.effects.plugin_scale import scales_of

RATE = 48_000


def test_a_file_counts_from_the_preset_s_folder(tmp_path):
    options = check_plugin({"file": "x/Y.vst3", "parameters": {"on": True}}, "w", tmp_path)
    assert options.file == str(tmp_path / "x/Y.vst3")
    assert options.parameters == {"on": 1.0}
    assert options.mix == 1.0


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "w.file: nothing"),
        ({"file": 3}, "w.file: 3: a text"),
        ({"file": "a\0b"}, "w.file"),
        ({"file": "~nobody-here/x"}, "w.file"),
        ({"file": "x", "fil": "y"}, "did you mean file?"),
        ({"file": "x", "mix": 1.4}, "w.mix: 1.4 is above 1"),
        ({"file": "x", "parameters": [1]}, "w.parameters"),
        ({"file": "x", "parameters": {3: 1}}, "the key 3"),
        ({"file": "x", "parameters": {"a": None}}, "w.parameters.a: None"),
        ({"file": "x", "parameters": {f"p{i}": 0 for i in range(257)}}, "at most 256"),
    ],
)
def test_mistakes_in_a_preset_are_found_without_the_plug_in(values, words):
    with pytest.raises(PresetError) as error:
        check_plugin(values, "w", Path())
    assert words in str(error.value)


def parameter(values, kind=float, label="", now=0.0):
    """As pedalboard's: which of the values 0 to 1, in so many even steps, stand for what."""
    n = len(values)
    ranges = {(i / n, (i + 1) / n): value for i, value in enumerate(values)}
    return SimpleNamespace(ranges=ranges, type=kind, label=label, raw_value=now)


def test_numbers_become_controls_with_unit_and_short_name():
    table = {
        "drive_db": parameter(np.linspace(0, 40, 1001), label="dB", now=0.5),
        "cutoff_hz": parameter(np.geomspace(20, 20_000, 1001), label="Hz"),
        "voices": parameter([1.0, 2.0, 3.0, 4.0], now=0.3),
        "latency_frames": parameter(np.arange(1001.0), label="frames"),
        "midi_cc_1": parameter(np.arange(128.0)),
        "fixed": parameter(["one"], str),
    }
    drive, cutoff, voices = scales_of(table)
    control = drive.control
    assert (control.name, control.minimum, control.maximum, control.unit) == ("drive", 0, 40, "dB")
    assert control.default == pytest.approx(20, abs=0.05)
    assert drive.to_raw(10.0) == pytest.approx(0.25, abs=1e-3)
    assert (cutoff.control.curve, cutoff.control.smoothing_s) == ("log", 0.02)
    assert cutoff.to_raw(632.5) == pytest.approx(0.5, abs=1e-2)
    assert (voices.control.step, voices.control.smoothing_s) == (1.0, 0.0)


def test_words_and_switches_are_chosen_by_their_words():
    mode, on = scales_of(
        {"mode": parameter(["soft", "hard", "fold"], str, now=0.5), "on": parameter([0, 1], bool)}
    )
    assert mode.control.check("Hard") == 1.0
    assert mode.control.default == 1.0
    assert 1 / 3 < mode.to_raw(1.0) < 2 / 3
    assert (on.control.check("on"), on.to_raw(1.0)) == (1.0, 1.0)


def test_two_with_one_short_name_keep_their_long_ones_and_falling_numbers_are_turned_round():
    falling = parameter(np.linspace(0, -60, 1001), label="dB")
    names = [s.control.name for s in scales_of({"mix_db": falling, "mix_%": parameter([0.0, 1.0])})]
    assert names == ["mix", "mix_%"]
    both = {"mix_db": falling, "mix_ms": parameter([0.0, 1.0], label="ms")}
    scales = scales_of(both)
    assert [scale.control.name for scale in scales] == ["mix_db", "mix_ms"]
    assert scales[0].to_raw(-60.0) == 1.0
    assert scales[0].to_raw(0.0) == 0.0


def test_numbers_in_no_order_stay_as_the_plug_in_has_them():
    (scale,) = scales_of({"odd": parameter([0.0, 5.0, 1.0], label="dB", now=0.4)})
    control = scale.control
    assert (control.minimum, control.maximum, control.unit) == (0.0, 1.0, "")
    assert scale.to_raw(0.3) == pytest.approx(0.3)


@pytest.fixture
def frames():
    """The rings as both sides see them."""
    with new_file(2, 2) as file:
        yield PluginFrames(file.fileno(), 2, 2), PluginFrames(file.fileno(), 2, 2)


def sound(seed: int) -> np.ndarray:
    return signals.noise(1.0, 2 * FRAME, 0.1, seed).reshape(2, FRAME)


def test_frames_and_changes_cross(frames):
    engine, plugin = frames
    changes = [(number, 0.5 * number) for number in range(MAX_CHANGES)]
    engine.ask(7, Question(sound(1), changes, True))
    question = plugin.question(7)
    assert (question.changes, question.is_reset) == (changes, True)
    np.testing.assert_array_equal(question.frame, sound(1))
    assert plugin.question(7 + N_SLOTS) is None
    assert engine.answer(7) is None
    plugin.reply(7, sound(2))
    np.testing.assert_array_equal(engine.answer(7), sound(2))
    engine.ask(7 + N_SLOTS, Question(sound(3), [], False))
    assert plugin.question(7) is None


def test_a_frame_that_is_being_written_is_none(frames):
    engine, plugin = frames
    plugin.reply(3, sound(1))
    ring = plugin._answers
    at = ring._start + 3 * ring._stride + 16
    ring._memory[at : at + FRAME] = sound(2).tobytes()[:FRAME]
    assert engine.answer(3) is None
    plugin.reply(3, sound(2))
    np.testing.assert_array_equal(engine.answer(3), sound(2))


@pytest.mark.parametrize("f0_hz", [110.0, 233.0, 660.0, 1900.0])
def test_a_tone_goes_on_at_its_pitch(f0_hz):
    tone = signals.rich_tone(f0_hz, 0.1, RATE, n_harmonics=8)
    found = go_on(tone[np.newaxis, 1000:2280], 960)[0]
    wanted = tone[2280:3240]
    assert np.sqrt(np.mean((found - wanted) ** 2) / np.mean(wanted**2)) < 0.1
    joined = np.concatenate((tone[2200:2280], found))
    assert np.abs(np.diff(joined, n=3)).max() < 1.5 * np.abs(np.diff(tone, n=3)).max()


def test_what_has_no_pitch_dies_away_and_silence_stays():
    noise = signals.noise(0.1, RATE, 0.1, 1)[np.newaxis, :1280]
    assert np.abs(go_on(noise, 2000)[0, 1000:]).max() < 0.3 * np.abs(noise).max()
    assert not go_on(np.zeros((2, 1280), np.float32), 960).any()


def test_it_goes_on_where_scipy_is_left_out():
    program = """
from realtime.lean import leave_out
leave_out()
import numpy as np
from realtime.effects.plugin_bridge import go_on
print(go_on(np.ones((1, 1280), np.float32), 960).shape)
"""
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout == "(1, 960)\n"


def test_the_pace_is_what_was_said_last():
    before = pace()
    with paced(Pace(256, waits=True)):
        with paced(Pace(64)):
            assert pace().longest_block == 64
        assert pace() == Pace(256, True)
    with paced(OFFLINE):
        assert pace().waits
    assert live(64, 48_000, 48_000) == Pace(64)
    assert live(128, 44_100, 48_000) == Pace(140)
    assert pace() == before
