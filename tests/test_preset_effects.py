"""What presets hold beside one voice: further voices, effects, knobs on them, a colour."""

from pathlib import Path

import pytest

from benchmarks.fuzz_presets import EVERYTHING
from ddsp_core.errors import PresetError
from realtime.preset import list_presets, load_preset, presets_dir, problems_of
from realtime.preset_places import is_users


def write(folder: Path, text: str) -> Path:
    path = folder / "solo.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_everything_that_can_stand_in_a_preset(tmp_path: Path) -> None:
    preset = load_preset(str(write(tmp_path, EVERYTHING)))
    assert preset.colour == "#b5442e"
    assert preset.note == "two\nlines\n"
    assert preset.controls["key"] == 2.0, "D"
    assert [part.voice_dir.name for part in preset.also] == ["cello", "flute"]
    assert preset.also[0].controls == {"octave_shift": -1.0, "output_gain_db": -3.0}
    assert preset.also[1].controls == {}, "all its controls follow the knobs"
    assert [spec.name for spec in preset.input_effects] == ["gate", "high_pass", "compressor"]
    assert [spec.name for spec in preset.output_effects] == [
        "eq",
        "chorus",
        "echo",
        "max",
        "limiter",
    ]
    echo = preset.output_effects[2]
    assert (echo.kind, echo.values["beats"], echo.options["ping_pong"]) == ("delay", 0.75, True)
    assert preset.output_effects[0].is_bypassed


ECHO = "effects: {output: [{kind: delay, name: echo}]}\n"
PLUGIN = "effects: {output: [{kind: plugin, name: max, file: /x.vst3}]}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("effects: 3", "effects: 3: effects takes two lists"),
        ("effects: {outpt: []}", "effects: unknown key 'outpt': did you mean output?"),
        ("effects: {output: {kind: delay}}", "effects.output: {'kind': 'delay'}: output takes a"),
        ("effects: {output: [3]}", "effects.output[0]: 3: keys, such as"),
        ("effects: {output: [{kind: dely}]}", "effects.output[0].kind: unknown kind 'dely': did"),
        ("effects: {output: [{kind: delay, mix: 1.4}]}", "effects.output[0].mix: 1.4 is above 1"),
        ("effects: {input: [{kind: gate, mix: 1}]}", "effects.input[0]: unknown key 'mix' for"),
        ("effects: {output: [{kind: room, file: no.wav}]}", "effects.output[0].file: no file"),
        (
            "effects: {input: [{kind: eq, name: a}], output: [{kind: gate, name: a}]}",
            "effects.output[0].name: 'a' stands twice",
        ),
        (f"effects: {{input: [{'{kind: eq}, ' * 17}]}}", "effects.input: [{'kind': 'eq'}, {'kin"),
        (ECHO + "midi: [{cc: 1, control: echo.mx}]", "midi[0].control: unknown control 'echo.mx'"),
        (ECHO + "midi: [{cc: 1, control: ech.mix}]", "midi[0].control: unknown control 'ech.mix'"),
        (ECHO + "midi: [{cc: 1, control: echo.mix, range: [0, 2]}]", "midi[0].range: 2 is above"),
        ("also: [{voice: violn}]", "also[0].voice: no voice 'violn': a name"),
        ("also: [{controls: {}}]", "also[0].voice: it is missing: voice takes"),
        ("also: [{voice: cello, controls: {x: 1}}]", "also[0].controls.x: unknown control 'x'"),
        ("also: [{voice: cello, gain: 1}]", "also[0]: unknown key 'gain': there are: controls"),
        (f"also: [{'{voice: cello}, ' * 4}]", "also: [{'voice': 'cello'}, "),
        ("colour: red", "colour: 'red': colour takes a colour such as"),
        ('colour: "#12345"', "colour: '#12345': colour takes"),
        ('title: "a\\nb"', "title: 'a\\nb': title takes a text"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, f"voice: violin\n{text}")
    with pytest.raises(PresetError) as caught:
        load_preset(str(path))
    assert str(caught.value).removeprefix(f"{path}: ").startswith(message)


def test_parameters_of_a_plugin_are_known_when_it_is_loaded(tmp_path: Path) -> None:
    path = write(tmp_path, f"voice: violin\n{PLUGIN}midi: [{{cc: 1, control: max.anything}}]")
    assert load_preset(str(path)).midi[0].control == "max.anything"


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = """
        voice: violn
        colr: "#000000"
        title: 3
        controls: {room_mix: 2, gate: 1}
        also: [{voice: x, controls: {y: 1}}]
        effects:
          input: [{kind: gat}, {kind: eq}, {kind: delay, mix: 2}]
          output: [{kind: eq, a: 1}]
        midi: [{cc: 1, control: nothing}, {cc: 2, control: room_mix}, {cc: 3, command: stop}]
    """
    path = write(tmp_path, text)
    told = [str(problem).removeprefix(f"{path}: ") for problem in problems_of(path)]
    places = ["unknown key 'colr'", "title", "controls.room_mix", "controls.gate", "voice"]
    places += ["also[0].voice", "also[0].controls.y", "effects.input[0]", "effects.input[2]"]
    places += ["effects.output[0]", "midi[0].control", "midi[2].command"]
    assert [next((p for p in places if t.startswith(p)), t) for t in told] == places
    assert not problems_of(write(tmp_path, EVERYTHING))


def test_a_persons_own_presets_go_first_and_are_known_as_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHANTERELLE_CONFIG", str(tmp_path))
    shipped = set(list_presets())
    for name in ("violin", "mine"):
        (tmp_path / "presets" / name).mkdir(parents=True)
        (tmp_path / "presets" / name / "preset.yaml").write_text("voice: flute\ntitle: My own")
    (tmp_path / "presets" / "empty").mkdir()
    (tmp_path / "presets" / ".import-x").mkdir()
    assert set(list_presets()) == shipped | {"mine"}
    assert load_preset("violin").title == "My own"
    assert is_users(load_preset("violin").path)
    assert not is_users(load_preset("cello").path)
    assert load_preset(str(presets_dir() / "violin")).title == "Violin", "by its path still there"
