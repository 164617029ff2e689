"""A preset or a voice in one file: what went in comes out, in another person's folder."""

import zipfile
from pathlib import Path

import pytest
from bundles import a_preset_folder, a_voice, everything_below, members_of

from ddsp_core.checkpoint import load_voice
from ddsp_core.errors import ChanterelleError, PresetError
from realtime.bundle_export import export_preset, export_voice
from realtime.bundle_import import import_bundle
from realtime.preset import load_preset
from realtime.preset_places import find_voice


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHANTERELLE_CONFIG", str(tmp_path / "own"))
    return tmp_path / "own"


def exported(folder: Path, **more: str) -> Path:
    export_preset(str(a_preset_folder(folder)), folder / "solo.chanterelle", **more)
    return folder / "solo.chanterelle"


def test_a_preset_arrives_with_its_voice_once_and_its_comments(tmp_path: Path, own: Path) -> None:
    done = import_bundle(exported(tmp_path / "there"))
    assert (done.kind, done.name, done.folder) == ("preset", "solo", own / "presets" / "solo")
    assert everything_below(own) == {
        "presets",
        "presets/solo",
        "presets/solo/preset.yaml",
        "presets/solo/voices",
        "presets/solo/voices/mine",
        "presets/solo/voices/mine/card.md",
        "presets/solo/voices/mine/voice.safetensors",
        "presets/solo/voices/mine/voice.yaml",
    }
    preset = load_preset("solo")
    assert preset.voice_dir == preset.also[0].voice_dir == done.folder / "voices" / "mine"
    assert preset.also[0].controls == {"octave_shift": -1.0}
    assert load_voice(preset.voice_dir).config.decoder.n_units == 8
    assert "# the teacher's" in preset.path.read_text()


def test_the_same_preset_gives_the_same_bytes(tmp_path: Path) -> None:
    first = exported(tmp_path / "there")
    again = tmp_path / "again.chanterelle"
    export_preset(str(tmp_path / "there" / "solo.yaml"), again)
    assert first.read_bytes() == again.read_bytes()
    with zipfile.ZipFile(first) as file:
        assert {info.date_time for info in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    import_bundle(first)
    third = tmp_path / "third.chanterelle"
    export_preset("solo", third)
    assert third.read_bytes() == first.read_bytes(), "passed on, it is what it was"


@pytest.mark.parametrize("name", ["violin", "cello"])
def test_a_preset_that_comes_along_travels_whole(tmp_path: Path, name: str) -> None:
    export_preset(name, tmp_path / "a.chanterelle")
    names = [member for member, _ in members_of(tmp_path / "a.chanterelle")]
    assert names[0] == "manifest.json"
    assert f"voices/{name}/card.md" in names, "whom to thank travels along"
    import_bundle(tmp_path / "a.chanterelle", name="copy")
    copy, original = load_preset("copy"), load_preset(name)
    assert copy.controls == original.controls
    assert copy.midi == original.midi
    assert copy.voice_dir != original.voice_dir


def test_a_name_in_use_is_kept_unless_asked(tmp_path: Path, own: Path) -> None:
    bundle = exported(tmp_path / "there")
    import_bundle(bundle)
    mark = own / "presets" / "solo" / "mark"
    mark.touch()
    with pytest.raises(PresetError, match=r"there is a preset 'solo' already.*--replace"):
        import_bundle(bundle)
    assert mark.exists()
    import_bundle(bundle, replace=True)
    assert not mark.exists()
    assert {path.name for path in own.iterdir()} == {"presets"}, "nothing hidden is left"


def test_a_preset_that_comes_along_is_not_hidden_by_accident(tmp_path: Path) -> None:
    bundle = exported(tmp_path / "there", name="violin")
    with pytest.raises(PresetError, match="'violin' already"):
        import_bundle(bundle)
    import_bundle(bundle, replace=True)
    assert load_preset("violin").title == "Solo", "the person's own goes first"


def test_a_voice_travels_alone(tmp_path: Path, own: Path) -> None:
    folder = a_voice(tmp_path / "viola")
    export_voice(str(folder), tmp_path / "v.chanterelle")
    done = import_bundle(tmp_path / "v.chanterelle")
    assert (done.kind, done.name) == ("voice", "viola")
    assert find_voice("viola", tmp_path, "") == own / "voices" / "viola"
    for file in folder.iterdir():
        assert (own / "voices" / "viola" / file.name).read_bytes() == file.read_bytes()


def test_a_persons_own_voice_goes_first(tmp_path: Path, own: Path) -> None:
    a_voice(own / "voices" / "violin")
    assert load_preset("violin").voice_dir == own / "voices" / "violin"


def test_two_voices_of_one_name_travel_side_by_side(tmp_path: Path) -> None:
    a_voice(tmp_path / "a" / "mine", 0)
    a_voice(tmp_path / "b" / "mine", 1)
    (tmp_path / "x.yaml").write_text("voice: a/mine\nalso: [{voice: b/mine}]")
    export_preset(str(tmp_path / "x.yaml"), tmp_path / "x.chanterelle")
    import_bundle(tmp_path / "x.chanterelle")
    preset = load_preset("x")
    dirs = [preset.voice_dir, preset.also[0].voice_dir]
    assert [folder.name for folder in dirs] == ["mine", "mine-2"]
    weights = [load_voice(folder).tensors["room.taps"] for folder in dirs]
    assert (weights[0] != weights[1]).any()


@pytest.mark.parametrize("name", ["Größe", "a b", "nul", "../x"])
def test_a_name_that_not_every_system_takes_does_not_travel(tmp_path: Path, name: str) -> None:
    with pytest.raises(PresetError, match="cannot be a name"):
        exported(tmp_path / "there", name=name)


def test_a_preset_with_a_mistake_does_not_travel(tmp_path: Path) -> None:
    path = a_preset_folder(tmp_path / "there", "voice: ./mine\ncontrols: {room_mix: 3}")
    with pytest.raises(PresetError, match="3 is above 1"):
        export_preset(str(path), tmp_path / "x.chanterelle")
    path.write_text("voice: ./mine")
    (tmp_path / "there" / "mine" / "voice.safetensors").write_bytes(b"cut")
    with pytest.raises(ChanterelleError, match="cut short"):
        export_preset(str(path), tmp_path / "x.chanterelle")
    assert not list(tmp_path.glob("*.chanterelle*"))


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(PresetError, match="cannot be written"):
        export_preset("violin", tmp_path / "no" / "x.chanterelle")
    with pytest.raises(PresetError, match="no such file"):
        import_bundle(tmp_path / "no.chanterelle")
