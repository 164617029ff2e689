import string
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ddsp_core.errors import PresetError
from realtime.controls import default_values
from realtime.mapping import MidiEntry
from realtime.preset import list_presets, load_preset, presets_dir
from realtime.strict_yaml import MAX_BYTES


@pytest.fixture
def voice(tmp_path):
    """A voice's folder beside the preset; `voice: ./mine` names it."""
    (tmp_path / "mine").mkdir()
    return tmp_path / "mine"


def write(folder: Path, text: str) -> str:
    path = folder / "preset.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def error_of(path: str) -> str:
    with pytest.raises(PresetError) as caught:
        load_preset(path)
    return str(caught.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize("name", list_presets())
def test_the_presets_that_come_along_load(name):
    preset = load_preset(name)
    assert preset.name == name
    assert preset.voice_dir.is_dir()


def test_the_violin_moves_octave_and_room_by_midi():
    assert {entry.cc: entry.control for entry in load_preset("violin").midi} == {
        20: "octave_shift",
        21: "room_mix",
    }


def test_what_stands_in_the_file_is_what_comes_out(tmp_path, voice):
    text = """
        voice: ./mine
        title: Süß
        note: for small halls
        pitch: nsdf+crepe
        controls: {room_mix: 0.25, octave_shift: 1}
        midi:
          - {cc: 20, control: octave_shift, range: [1, -1], channel: 16}
          - {cc: 0, control: room_mix}
    """
    preset = load_preset(write(tmp_path, text))
    assert preset.voice_dir == voice
    assert preset.controls == default_values() | {"room_mix": 0.25, "octave_shift": 1.0}
    assert preset.midi == (
        MidiEntry(cc=20, control="octave_shift", range=(1.0, -1.0), channel=16),
        MidiEntry(cc=0, control="room_mix"),
    )
    assert (preset.title, preset.note) == ("Süß", "for small halls")
    assert preset.pitch == "nsdf+crepe"


def test_a_folder_or_a_file_of_any_name_is_a_preset(tmp_path, voice):
    write(tmp_path, "voice: ./mine")
    (tmp_path / "solo.yml").write_text("voice: ./mine")
    assert load_preset(str(tmp_path)).name == tmp_path.name
    assert load_preset(str(tmp_path / "solo.yml")).name == "solo"


def test_a_voice_that_comes_along_is_found_by_its_name(tmp_path):
    expected = presets_dir() / "voices" / "violin"
    assert load_preset(write(tmp_path, "voice: violin")).voice_dir == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("controls: {room_mix: 1.4}", "controls.room_mix: 1.4 is above 1: room_mix takes 0 to 1"),
        ("controls: {room_mix: yes}", "controls.room_mix: True is not a number"),
        ("controls: {room_mix: .nan}", "controls.room_mix: nan is not finite"),
        ("controls: {rom_mix: 1}", "controls.rom_mix: unknown control 'rom_mix': did you mean"),
        ("controls: [1]", "controls: [1]: controls takes lines of `NAME: value`"),
        ("control: {}", "unknown key 'control': did you mean controls? There are: also, "),
        ("title: 3", "title: 3: title takes a text"),
        ("pitch: 3", "pitch: 3: pitch takes the name of a pitch tracker"),
        ("pitch: crep", "pitch: no pitch tracker 'crep': did you mean crepe? There are: crepe, ns"),
        ("midi: 3", "midi: 3: midi takes a list"),
        ("midi: [3]", "midi[0]: 3: midi takes a list"),
        ("midi: [{cc: 128, control: room_mix}]", "midi[0].cc: 128: cc takes a whole number, 0"),
        ("midi: [{cc: '1', control: room_mix}]", "midi[0].cc: '1': cc takes a whole number"),
        ("midi: [{control: room_mix}]", "midi[0]: none of these: a line takes"),
        ("midi: [{cc: 1, control: rom}]", "midi[0].control: unknown control 'rom': there are: a4"),
        ("midi: [{cc: 1, contrl: a}]", "midi[0]: unknown key 'contrl': did you mean control?"),
        ("midi: [{cc: 1, control: room_mix, channel: 0}]", "midi[0].channel: 0: channel takes"),
        ("midi: [{cc: 1, control: room_mix, range: [0]}]", "midi[0].range[1]: [0]: range takes"),
        ("midi: [{cc: 1, control: room_mix, range: [0, 2]}]", "midi[0].range: 2 is above 1"),
        ("midi: [{cc: 1, control: room_mix, range: [1, 1]}]", "midi[0].range: 1 at both ends"),
        ("midi: [{cc: 1, control: room_mix, value: []}]", "midi[0].value: []: value takes what"),
        ("midi: [{cc: 1, command: next}]", "midi[0].command: unknown command 'next': did you"),
        ("midi: [{cc: 1, control: echo.mix}]", "midi[0].control: unknown control 'echo.mix'"),
        ('controls: {"\\e[2J": 1}', "controls.'\\x1b[2J': unknown control '\\x1b[2J'"),
        ("controls: {" + "a" * 900 + ": 1}", "controls.'aaaa"),
        ('"\\e[2J": 1', "unknown key '\\x1b[2J'"),
        ("title: [", "line 3, column 1: "),
        ("title: a: b", "line 2, column 9: mapping values are not allowed here"),
        ("voice: other", "line 2, column 1: the key 'voice' stands twice"),
        ("title: &a x\nnote: *a", "line 3, column 7: an alias (*) is not allowed"),
        ("title: a\x07", "line 2, column 9: a character that YAML forbids"),
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(tmp_path, voice, line, message):
    assert error_of(write(tmp_path, f"voice: ./mine\n{line}\n")).startswith(message)


@pytest.mark.parametrize("text", ["", "# nothing", "violin", "- voice: violin"])
def test_a_file_without_keys_is_told_what_belongs_there(tmp_path, text):
    assert "at least `voice: NAME`" in error_of(write(tmp_path, text))


def test_a_missing_voice_is_asked_for(tmp_path):
    assert error_of(write(tmp_path, "title: x")).startswith("voice: it is missing")


def test_an_unknown_voice_lists_the_voices(tmp_path):
    message = error_of(write(tmp_path, "voice: violn"))
    assert message.startswith("voice: no voice 'violn'")
    assert "did you mean violin?" in message


def test_an_unknown_preset_lists_the_presets():
    with pytest.raises(PresetError, match=r"no preset 'violn'.*did you mean violin\?"):
        load_preset("violn")


@pytest.mark.parametrize("name", ["", ".", "/", "a\0b", "x" * 5000, "/dev/zero", "nowhere.yaml"])
def test_names_that_are_no_presets(name):
    with pytest.raises(PresetError, match="no preset"):
        load_preset(name)


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "preset.yaml"
    path.write_bytes(b"voice: a\ntitle: \xff")
    assert error_of(str(path)).startswith("line 2: not UTF-8")
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    assert error_of(str(path)).startswith("larger than 64 KiB")


def test_the_largest_file_is_still_read(tmp_path, voice):
    text = "voice: ./mine\n#"
    assert load_preset(write(tmp_path, text + "x" * (MAX_BYTES - len(text)))).voice_dir == voice


@pytest.mark.parametrize(
    "text",
    [
        "[" * 30000,
        "voice: 2026-13-45",
        "voice: 1" + "0" * 5000,
        "voice: !!python/object/apply:os.system [true]",
        "voice: violin\ncontrols: {room_mix: 1" + "0" * 400 + "}",
        "? [a]\n: 3",
        'voice: violin\ncontrols: {"a\\nb": 3}',
        "1: 3",
    ],
)
def test_what_trips_the_yaml_reader_is_a_preset_error(tmp_path, text):
    assert "\n" not in error_of(write(tmp_path, text))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
KEYS = st.sampled_from(["voice", "title", "controls", "midi", "cc", "range"]) | st.text(max_size=3)
KNOBS = st.dictionaries(st.sampled_from(["cc", "control", "channel", "range"]), VALUES)


@settings(max_examples=200, deadline=None)
@given(values=st.dictionaries(KEYS, VALUES) | VALUES, knobs=st.lists(KNOBS, max_size=2))
def test_any_values_load_or_raise_a_preset_error(tmp_path_factory, values, knobs):
    if isinstance(values, dict) and knobs:
        values = {"voice": "violin", "midi": knobs} | values
    loads_or_raises_preset_error(tmp_path_factory, yaml.safe_dump(values, allow_unicode=True))


@settings(max_examples=200, deadline=None)
@given(text=st.text(string.printable + "ä\0\ufeff\u2028", max_size=60))
def test_any_text_loads_or_raises_a_preset_error(tmp_path_factory, text):
    loads_or_raises_preset_error(tmp_path_factory, "voice: violin\n" + text)


def loads_or_raises_preset_error(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "fuzz.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        load_preset(str(path))
        message = ""
    except PresetError as error:
        message = str(error)
    assert "\n" not in message, "an error is one line"
    assert len(message) < 2000, "and not a page"


def test_paths_are_shown_as_seen_from_here(tmp_path, voice, monkeypatch):
    (tmp_path / "small").mkdir()
    write(tmp_path / "small", "voice: 3")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PresetError, match=r"^small/preset\.yaml: voice: 3: "):
        load_preset("small")


def test_a_thousand_nested_lists_leave_the_recursion_limit_alone(tmp_path):
    limit = sys.getrecursionlimit()
    error_of(write(tmp_path, "[" * 30000))
    assert sys.getrecursionlimit() == limit
