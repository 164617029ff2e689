"""What was turned is written into a preset's YAML, and everything else stays as it was written."""

import random
from pathlib import Path

import pytest

from ddsp_core.errors import ChanterelleError, PresetError
from realtime.controls import CONTROLS
from realtime.effects.kinds import KINDS
from realtime.places import VARIABLE, user_presets_dir
from realtime.preset import list_presets, load_preset, parse_preset
from realtime.preset_edit import Words, describe, edited, save, worded
from realtime.preset_edit_check import Turned, chain_of, is_as_turned
from realtime.preset_places import find_preset

TEXT = """\
# mine
voice: violin   # the good one
title: "A: b"

controls:
  # as loud as the flute
  output_gain_db: 4.0 # about
  key: D

effects:
  output: # behind the voices
    # first the echo
    - {kind: delay, name: echo, beats: 0.75, mix: 0.2} # dotted
    - kind: chorus
      mix: 0.3   # not too much

    # and last
    - kind: eq
      name: tone

midi:
  - {cc: 22, control: echo.mix}
"""

PATH = Path("mine") / "preset.yaml"


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return user_presets_dir()


def written(own: Path, text: str = TEXT, name: str = "mine") -> Path:
    path = own / name / "preset.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_only_the_values_change() -> None:
    turned = Turned({"output_gain_db": -1.5, "echo.mix": 0.1 + 0.2, "chorus.mix": 0.5})
    expected = TEXT.replace("4.0 #", "-1.5 #").replace("mix: 0.2}", "mix: 0.3}")
    assert edited(TEXT, PATH, turned) == expected.replace("mix: 0.3   #", "mix: 0.5   #")


def test_what_does_not_stand_there_is_added_where_it_belongs() -> None:
    turned = Turned({"room_mix": 0.5, "scale": 1.0, "echo.feedback": 0.25, "tone.low_db": 3.0})
    new = edited(TEXT, PATH, turned)
    assert "  key: D\n  room_mix: 0.5\n  scale: major\n" in new
    assert "mix: 0.2, feedback: 0.25} # dotted\n" in new
    assert "      name: tone\n      low_db: 3\n\nmidi:" in new


def test_a_preset_without_controls_gets_them_below_its_head() -> None:
    turned = Turned({"room_mix": 0.5, "key": 6.0})
    text = "voice: violin\nnote: >-\n  two\n  lines\n\n# knobs\nmidi: []\n"
    new = edited(text, PATH, turned)
    assert "  lines\n\ncontrols:\n  room_mix: 0.5\n  key: F#/Gb\n\n# knobs\nmidi: []\n" in new
    assert edited("{voice: violin}", PATH, turned) == (
        "{voice: violin, controls: {room_mix: 0.5, key: F#/Gb}}"
    )


def test_effects_are_left_out_and_brought_back() -> None:
    out = edited(TEXT, PATH, Turned(effects_out=frozenset({"echo", "tone"})))
    assert "mix: 0.2, bypassed: true} # dotted" in out
    assert "name: tone\n      bypassed: true\n" in out
    back = edited(out, PATH, Turned(effects_out=frozenset({"tone"})))
    assert "bypassed: false} # dotted" in back
    assert edited(out, PATH, Turned()) == out


def test_effects_change_places_with_their_comments() -> None:
    turned = Turned({"tone.low_db": 1.0}, order={"output": ("tone", "echo", "chorus")})
    new = edited(TEXT, PATH, turned)
    assert (
        """\
  output: # behind the voices

    # and last
    - kind: eq
      name: tone
      low_db: 1
    # first the echo
    - {kind: delay, name: echo, beats: 0.75, mix: 0.2} # dotted
    - kind: chorus
      mix: 0.3   # not too much

midi:
"""
        in new
    )
    again = edited(new, PATH, Turned(order={"output": ("echo", "chorus", "tone")}))
    names = [spec.name for spec in parse_preset(again, PATH).output_effects]
    assert names == ["echo", "chorus", "tone"]


def test_effects_that_are_numbered_keep_their_names_in_another_order() -> None:
    text = "voice: violin\neffects: {output: [{kind: delay}, {kind: delay, mix: 0.1}]}\n"
    new = edited(text, PATH, Turned(order={"output": ("delay-2", "delay")}))
    chain = parse_preset(new, PATH).output_effects
    assert [(spec.name, spec.values) for spec in chain] == [
        ("delay-2", {"mix": 0.1}),
        ("delay", {}),
    ]


def test_a_plugin_keeps_its_parameters_apart(tmp_path: Path) -> None:
    text = "voice: violin\neffects: {output: [{kind: plugin, name: max, file: /x.vst3}]}\n"
    new = edited(text, PATH, Turned({"max.mix": 0.5, "max.threshold": -6.0, "max.on": 1.0}))
    assert 'mix: 0.5, parameters: {threshold: -6, "on": 1}}' in new
    again = edited(new, PATH, Turned({"max.threshold": -3.0}))
    assert "threshold: -3," in again


@pytest.mark.parametrize("name", list_presets())
@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_turned_is_what_loads_then(name: str, seed: int) -> None:
    dice = random.Random(f"{name} {seed}")
    path = find_preset(name)
    text, before = path.read_text(), load_preset(name)
    values = {
        control.name: control.check(dice.uniform(control.minimum, control.maximum))
        for control in CONTROLS
        if dice.random() < 0.4
    }
    specs = (*before.input_effects, *before.output_effects)
    for spec in specs:
        for control in KINDS[spec.kind].parameters:
            if dice.random() < 0.4:
                value = control.check(dice.uniform(control.minimum, control.maximum))
                values[f"{spec.name}.{control.name}"] = value
    order = {}
    for side in ("input", "output"):
        names = [spec.name for spec in chain_of(before, side)]
        order[side] = dice.sample(names, len(names))
    out = frozenset(spec.name for spec in specs if dice.random() < 0.5)
    turned = Turned(values, out, order)
    new = edited(text, path, turned)
    assert is_as_turned(parse_preset(new, path), before, turned)
    comments = [line.partition(" #")[2] for line in text.splitlines()]
    assert all(comment in new for comment in comments)


def test_a_difference_is_seen() -> None:
    preset = load_preset("echo")
    other = parse_preset(find_preset("echo").read_text(), preset.path)
    assert is_as_turned(other, preset, Turned())
    for turned in (
        Turned({"room_mix": 0.31}),
        Turned({"echo.mix": 0.31}),
        Turned({"echo.time_s": 0.5}),
        Turned(effects_out=frozenset({"echo"})),
    ):
        assert not is_as_turned(other, preset, turned)


@pytest.mark.parametrize(
    "turned",
    [
        Turned({"echo.size": 0.5}),
        Turned({"hall.mix": 0.5}),
        Turned({"romm_mix": 0.5}),
        Turned({"room_mix": 1.5}),
        Turned({"echo.mix": 7.0}),
        Turned({"room_mix": float("nan")}),
        Turned(order={"output": ("echo", "tone")}),
        Turned(order={"input": ("echo",)}),
    ],
)
def test_what_does_not_fit_leaves_the_file_alone(own: Path, turned: Turned) -> None:
    path = written(own)
    with pytest.raises(ChanterelleError):
        save(path, turned)
    assert path.read_text() == TEXT
    assert [file.name for file in path.parent.iterdir()] == ["preset.yaml"]


def test_what_was_edited_meanwhile_stays(own: Path) -> None:
    path = written(own, TEXT.replace("4.0 # about", "7.0 # louder"))
    preset = save(path, Turned({"room_mix": 0.5}))
    assert preset == load_preset("mine")
    assert (preset.controls["output_gain_db"], preset.controls["room_mix"]) == (7.0, 0.5)
    path.write_text("voice: violin\n")
    with pytest.raises(PresetError, match="no effect 'echo' in it"):
        save(path, Turned({"echo.mix": 0.5}))


def test_words_are_written_and_taken_away(own: Path) -> None:
    path = written(own)
    words = Words('The "best": #1', "first line\nsecond", "#4a7fb5")
    preset = describe(path, words)
    assert Words(preset.title, preset.note, preset.colour) == words
    assert "voice: violin   # the good one" in path.read_text()
    preset = describe(path, Words("", "", ""))
    assert (preset.title, preset.note, preset.colour) == ("", "", "")


@pytest.mark.parametrize(
    "words", [Words("x" * 101, "", ""), Words("", "", "red"), Words("a\x1b[2J", "", "")]
)
def test_words_that_do_not_fit_are_refused(words: Words) -> None:
    with pytest.raises(PresetError):
        worded(TEXT, PATH, words)
