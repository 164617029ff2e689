"""`chanterelle presets` and `set-list`: what they print, where, and with which exit code."""

import json
from pathlib import Path

import cli_fixtures
import pytest
import yaml
from bundles import a_voice
from cli_fixtures import Run, is_one_error_line

from realtime.preset import list_presets, load_preset

run = cli_fixtures.run


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's own folder; commands run beside it."""
    monkeypatch.setenv("CHANTERELLE_CONFIG", str(tmp_path / "own"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "own"


def test_every_preset_is_listed_with_title_and_voices(run: Run) -> None:
    code, out, err = run("presets")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert [line.split()[0] for line in lines] == list_presets()
    assert any(line.split() == ["violin", "Violin", "violin"] for line in lines)


def test_the_list_as_json(run: Run, own: Path) -> None:
    run("presets", "new", "mine")
    listed = json.loads(run("presets", "--json")[1])["presets"]
    assert listed == json.loads(run("presets", "list", "--json")[1])["presets"]
    mine = next(preset for preset in listed if preset["name"] == "mine")
    assert mine["is_yours"]
    assert mine["voices"] == ["violin"]
    assert mine["path"] == str(own / "presets" / "mine" / "preset.yaml")
    assert [preset["name"] for preset in listed if preset["is_yours"]] == ["mine"]


def test_a_preset_with_a_mistake_is_listed_with_it(run: Run, own: Path) -> None:
    (own / "presets" / "bad").mkdir(parents=True)
    (own / "presets" / "bad" / "preset.yaml").write_text("voice: 3")
    code, out, _ = run("presets")
    assert code == 0
    assert "voice: 3: voice takes" in next(line for line in out.splitlines() if "bad" in line)


def test_show_tells_what_differs_from_the_usual(run: Run) -> None:
    code, out, _ = run("presets", "show", "violin")
    assert code == 0
    assert "midi      cc 20: octave_shift" in out
    shown = json.loads(run("presets", "show", "violin", "--json")[1])
    assert shown["controls"] == load_preset("violin").controls
    assert shown["name"] == "violin"


def test_new_writes_a_preset_that_loads_and_explains_itself(run: Run, own: Path) -> None:
    code, out, err = run("presets", "new", "big-hall", "--from", "cello")
    assert (code, err) == (0, "")
    text = Path(out.strip()).read_text()
    assert text.startswith("# Big hall, begun from cello.")
    assert yaml.safe_load(text)["title"] == "Big hall"
    assert load_preset("big-hall").controls == load_preset("cello").controls
    assert run("presets", "check", "big-hall")[:2] == (0, "big-hall: in order\n")


def test_the_comments_of_a_new_preset_are_good_yaml(run: Run) -> None:
    (Path("bare.yaml")).write_text("voice: violin")
    path = Path(run("presets", "new", "mine", "--from", "bare.yaml")[1].strip())
    text = path.read_text()
    hints = text[text.index("# More that") :].splitlines()[1:]
    path.write_text(text + "\n" + "\n".join(line.removeprefix("# ") for line in hints))
    assert run("presets", "check", "mine")[2] == ""
    assert len(load_preset("mine").also) == 1


@pytest.mark.parametrize("name", ["violin", "Violin", "../x", "a/b", "", "nul"])
def test_new_refuses_names_that_exist_or_cannot_be(run: Run, own: Path, name: str) -> None:
    code, out, err = run("presets", "new", name)
    assert (code, out) == (2, "")
    assert is_one_error_line(err)
    assert not own.exists()


def test_check_tells_every_mistake_and_exits_2(run: Run) -> None:
    Path("a.yaml").write_text("voice: violn\nvoce: x\ncontrols: {room_mix: 2, gate: 1}\nmidi: [3]")
    code, out, err = run("presets", "check", "a.yaml", "violin")
    assert code == 2
    assert out == "violin: in order\n"
    assert all(line.startswith("error: a.yaml: ") for line in err.splitlines())
    for place in ("unknown key 'voce'", "voice: no voice", "room_mix: 2", "gate", "midi[0]"):
        assert sum(place in line for line in err.splitlines()) == 1
    code, out, err = run("presets", "check", "a.yaml", "--json")
    assert (code, err) == (2, "")
    assert len(json.loads(out)["presets"][0]["problems"]) == 5


def test_check_reads_the_voice_as_well(run: Run) -> None:
    Path("mine").mkdir()
    Path("mine/voice.safetensors").write_bytes(b"no voice")
    Path("a.yaml").write_text("voice: ./mine")
    code, _, err = run("presets", "check", "a.yaml")
    assert code == 2
    assert "damaged or cut short" in err


def test_voices_that_cannot_play_together_are_told(run: Run) -> None:
    a_voice(Path("mine"), sample_rate=44_100)
    Path("a.yaml").write_text("voice: ./mine")
    Path("b.yaml").write_text("voice: ./mine\nalso: [{voice: violin}]")
    Path("show.yaml").write_text("songs: [{title: A, presets: [a.yaml, violin]}]")
    assert run("presets", "check", "a.yaml")[0] == 0
    for words in (("presets", "check", "b.yaml"), ("set-list", "check", "show.yaml")):
        code, _, err = run(*words)
        assert code == 2
        assert "mine with 44100 Hz" in err


def test_export_and_import_as_on_two_computers(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("presets", "new", "mine", "--from", "flute")
    code, out, _ = run("presets", "export", "mine")
    assert code == 0
    assert out.startswith("mine.chanterelle: ")
    monkeypatch.setenv("CHANTERELLE_CONFIG", str(tmp_path / "other"))
    code, out, _ = run("presets", "import", "mine.chanterelle")
    assert (code, out) == (0, f"preset mine: {tmp_path / 'other' / 'presets' / 'mine'}\n")
    assert load_preset("mine").controls == load_preset("flute").controls
    assert is_one_error_line(run("presets", "import", "mine.chanterelle")[2])
    assert run("presets", "import", "mine.chanterelle", "--replace")[0] == 0
    assert run("presets", "import", "mine.chanterelle", "--name", "other")[0] == 0


def test_an_exported_file_is_called_as_what_is_in_it(run: Run, own: Path) -> None:
    path = run("presets", "new", "mine")[1].strip()
    assert json.loads(run("presets", "export", path, "--json")[1])["file"] == "mine.chanterelle"
    assert run("presets", "export", "cello", "--voice")[1].startswith("cello.chanterelle: ")
    assert run("presets", "import", "cello.chanterelle", "--name", "own-cello")[0] == 0
    assert (own / "voices" / "own-cello" / "voice.safetensors").is_file()


def test_export_overwrites_nothing_unasked(run: Run) -> None:
    Path("violin.chanterelle").write_text("precious")
    code, _, err = run("presets", "export", "violin")
    assert code == 2
    assert "it exists" in err
    assert Path("violin.chanterelle").read_text() == "precious"
    assert run("presets", "export", "violin", "--replace")[0] == 0


def test_set_list_is_shown_and_checked(run: Run) -> None:
    Path("show.yaml").write_text(
        "title: Saturday\n"
        "songs: [{title: Misty, presets: [violin, cello], note: slow, tempo_bpm: 84}]"
    )
    assert run("set-list", "check", "show.yaml")[:2] == (0, "show.yaml: in order\n")
    out = run("set-list", "show", "show.yaml")[1]
    assert out == "Saturday\n  1  Misty  84 bpm\n     Violin, Cello\n     slow\n"
    told = json.loads(run("set-list", "show", "show.yaml", "--json")[1])
    assert told["songs"][0]["presets"] == ["violin", "cello"]


def test_mistakes_in_a_set_list_exit_2(run: Run) -> None:
    Path("show.yaml").write_text("songs: [{title: A, presets: [violn]}, {title: B, presets: [x]}]")
    code, _, err = run("set-list", "check", "show.yaml")
    assert code == 2
    assert err.count("error: show.yaml: songs[") == 2
    assert is_one_error_line(run("set-list", "show", "show.yaml")[2])
    assert is_one_error_line(run("set-list", "show", "nothing.yaml")[2])
