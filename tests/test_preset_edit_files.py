"""Presets of one's own as files: saved under a name, renamed, deleted; never by half."""

from pathlib import Path

import pytest

from ddsp_core.errors import PresetError
from realtime.places import VARIABLE, user_presets_dir
from realtime.preset import list_presets, load_preset, presets_dir
from realtime.preset_edit import Words, describe, save
from realtime.preset_edit_check import Turned
from realtime.preset_edit_files import delete, rename, restore, save_as
from realtime.preset_places import find_preset

TEXT = """\
# mine
voice: violin   # the good one
title: "A: b"
"""


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return user_presets_dir()


def written(own: Path, text: str = TEXT, name: str = "mine") -> Path:
    path = own / name / "preset.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_what_came_along_is_never_written() -> None:
    path = presets_dir() / "violin" / "preset.yaml"
    text = path.read_text()
    for change in (
        lambda: save(path, Turned({"room_mix": 0.5})),
        lambda: describe(path, Words("Mine", "", "")),
        lambda: rename(path, "mine"),
        lambda: delete(path),
    ):
        with pytest.raises(PresetError, match="came along"):
            change()
    assert path.read_text() == text


def test_a_disk_that_refuses_leaves_the_old_file(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(own)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(PresetError, match="No space left"):
        save(path, Turned({"room_mix": 0.5}))
    assert path.read_text() == TEXT
    assert [file.name for file in path.parent.iterdir()] == ["preset.yaml"]


def test_saved_under_another_name_it_is_a_preset_of_its_own(own: Path) -> None:
    hall = find_preset("hall-violin")
    path = save_as(hall, "my-hall", Turned({"hall.mix": 0.6}, frozenset({"high_pass"})))
    preset, origin = load_preset("my-hall"), load_preset("hall-violin")
    assert path == own / "my-hall" / "preset.yaml"
    assert preset.title == "My hall"
    assert preset.output_effects[0].values["mix"] == 0.6
    assert preset.input_effects[0].is_bypassed
    assert not origin.input_effects[0].is_bypassed
    assert Path(preset.output_effects[0].options["file"]) == own / "my-hall" / "hall.flac"
    assert "# Every control and its range" in path.read_text()
    again = save_as(path, "3", Turned())
    assert load_preset("3").title == "3"
    assert load_preset("3").output_effects[0].values == preset.output_effects[0].values
    assert again.parent.joinpath("hall.flac").is_file()


@pytest.mark.parametrize("name", ["violin", "VIOLIN", "mine", "../x", "a.b", "", "con", "ä"])
def test_names_that_exist_or_cannot_be_are_refused(own: Path, name: str) -> None:
    path = written(own)
    other = written(own, name="other")
    before = sorted(own.rglob("*"))
    with pytest.raises(PresetError):
        save_as(path, name)
    with pytest.raises(PresetError):
        rename(other, name)
    assert sorted(own.rglob("*")) == before


def test_a_preset_is_renamed(own: Path) -> None:
    path = rename(written(own), "yours")
    assert path == own / "yours" / "preset.yaml"
    assert load_preset("yours").title == "A: b"
    assert "mine" not in list_presets()
    assert rename(path, "Yours").parent.name == "Yours"


def test_a_deleted_preset_can_be_brought_back(own: Path) -> None:
    path = written(own)
    deleted = delete(path)
    assert "mine" not in list_presets()
    restore(deleted)
    assert path.read_text() == TEXT
    gone = delete(path)
    written(own)
    with pytest.raises(PresetError, match="already"):
        restore(gone)


def test_the_trash_keeps_the_newest(own: Path) -> None:
    for number in range(25):
        delete(written(own, TEXT.replace("mine", str(number))))
    kept = sorted((own / ".deleted").iterdir())
    assert len(kept) == 20
    assert (kept[-1] / "preset.yaml").read_text().startswith("# 24\n")


def test_presets_outside_of_the_folder_are_not_moved(own: Path, tmp_path: Path) -> None:
    path = tmp_path / "stage.yaml"
    path.write_text("voice: violin\n")
    save(path, Turned({"room_mix": 0.5}))
    assert load_preset(str(path)).controls["room_mix"] == 0.5
    for change in (lambda: rename(path, "x"), lambda: delete(path)):
        with pytest.raises(PresetError, match="outside"):
            change()
    assert path.is_file()
