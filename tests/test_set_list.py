"""Set lists: what stands in the file comes out, and a mistake names file, song and key."""

from pathlib import Path

import pytest

from ddsp_core.errors import PresetError
from realtime.set_list import load_set_list, problems_of_set_list, set_of


def write(folder: Path, text: str) -> Path:
    path = folder / "show.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_songs_presets_notes_and_tempo_come_out(tmp_path: Path) -> None:
    text = """
        title: Saturday
        songs:
          - {title: Süß, presets: [cello, violin], note: slow, tempo_bpm: 84}
          - {title: Encore, presets: [cello]}
    """
    show = load_set_list(write(tmp_path, text))
    assert show.title == "Saturday"
    assert [song.title for song in show.songs] == ["Süß", "Encore"]
    assert [song.tempo_bpm for song in show.songs] == [84.0, 0.0]
    assert show.songs[0].note == "slow"
    assert [preset.name for preset in show.songs[0].presets] == ["cello", "violin"]


def test_a_preset_of_many_songs_is_loaded_once_in_the_order_of_the_show(tmp_path: Path) -> None:
    text = (
        "songs: [{title: A, presets: [flute, cello, flute]}, {title: B, presets: [violin, cello]}]"
    )
    show = load_set_list(write(tmp_path, text))
    assert [preset.name for preset in show.presets] == ["flute", "cello", "violin"]
    assert [show.number_of(preset) for preset in show.songs[1].presets] == [2, 1]


def test_presets_may_be_paths_relative_to_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "solo.yaml").write_text("voice: violin")
    path = write(tmp_path, "songs: [{title: A, presets: [mine/solo.yaml]}]")
    monkeypatch.chdir("/")
    assert load_set_list(path).presets[0].path == (tmp_path / "mine" / "solo.yaml").resolve()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty: lines of `key: value`, at least `songs:`"),
        ("title: A", "songs: it is missing: songs takes a list of 1 to 500 songs"),
        ("songs: []", "songs: []: songs takes a list of 1 to 500 songs"),
        ("songs: [{title: A}]", "songs[0].presets: it is missing: presets takes a list"),
        ("songs: [{title: A, presets: []}]", "songs[0].presets: []: presets takes a list"),
        ("songs: [{presets: [violin]}]", "songs[0].title: it is missing: title takes a text"),
        ("songs: [{title: A, presets: violin}]", "songs[0].presets: 'violin': presets takes a"),
        ("songs: [{title: A, presets: [3]}]", "songs[0].presets[0]: 3: presets takes a list"),
        ("songs: [{title: A, presets: [violin], bpm: 3}]", "songs[0]: unknown key 'bpm': there"),
        ("songs: [{title: A, presets: [violin], tempo_bpm: 3}]", "songs[0].tempo_bpm: 3: tempo_b"),
        ("songs: [{title: A, presets: [violin], tempo_bpm: .nan}]", "songs[0].tempo_bpm: nan: te"),
        ("songs: [{title: A, presets: [violn]}]", "songs[0].presets[0] of 'A': preset: no preset"),
        ('songs: [{title: "\\e[2J", presets: [violin]}]', "songs[0].title: '\\x1b[2J': title take"),
        ("song: []", "unknown key 'song': did you mean songs? There are: songs, title"),
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(PresetError) as caught:
        load_set_list(path)
    assert str(caught.value).removeprefix(f"{path}: ").startswith(message)


def test_every_preset_that_is_missing_is_told_once(tmp_path: Path) -> None:
    text = "songs: [{title: A, presets: [one, violin, one]}, {title: B, presets: [two, one]}]"
    problems = [str(error) for error in problems_of_set_list(write(tmp_path, text))]
    assert len(problems) == 2
    assert "songs[0].presets[0] of 'A'" in problems[0]
    assert "songs[1].presets[0] of 'B'" in problems[1]


def test_a_mistake_within_a_preset_names_both_files(tmp_path: Path) -> None:
    (tmp_path / "solo.yaml").write_text("voice: violin\ncontrols: {room_mix: 3}")
    path = write(tmp_path, "songs: [{title: A, presets: [solo.yaml]}]")
    with pytest.raises(PresetError, match=r"show.yaml: songs\[0\].*solo.yaml: controls.room_mix"):
        load_set_list(path)


def test_words_are_a_set_without_a_file() -> None:
    show = set_of("violin, cello,violin")
    assert [preset.name for preset in show.songs[0].presets] == ["violin", "cello", "violin"]
    assert show.songs[0].title == ""
    assert len(show.presets) == 2
    assert len(set_of("flute").presets) == 1
    with pytest.raises(PresetError, match="no preset ''"):
        set_of("violin,,cello")
