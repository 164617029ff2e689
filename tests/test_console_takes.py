"""Takes in the console: what the list knows, what is done to takes, what is told of them."""

import asyncio
import base64
import shutil
from typing import Any

import numpy as np
import pytest
import soundfile
import takes as recordings
from rig.sung_take import RATE, make_take

from ddsp_core.errors import AudioError, ChanterelleError, ControlError, PresetError
from realtime.console.takes_child import Child
from realtime.console.takes_marks import ONE_MOVE_S, marks_of
from realtime.console.takes_peaks import N_COLUMNS, outline
from realtime.console.takes_shelf import Shelf
from realtime.console.takes_sounds import new_again, note_path, sounds_of
from realtime.console.takes_tidy import bring_back, empty_trash, in_trash, put_away, rename
from realtime.console.takes_wish import wish_of
from realtime.long_wav import LongWav, header
from realtime.take_lock import lock_take
from realtime.take_reader import read_take


def rows_of(shelf: Shelf) -> list[Any]:
    asyncio.run(shelf.refresh())
    return shelf.rows


def test_the_shelf_follows_its_folder(tmp_path):
    shelf = Shelf(tmp_path / "takes")
    assert rows_of(shelf) == []
    folder = make_take(tmp_path / "takes", 0.5)
    (row,) = rows_of(shelf)
    assert (row.name, row.title, row.presets) == (folder.name, "a song", "violin")
    assert row.duration_s == 0.5
    assert not row.is_running
    version = shelf.version
    assert rows_of(shelf) == [row]
    assert shelf.version == version  # nothing has changed
    shutil.rmtree(folder)
    assert rows_of(shelf) == []
    assert shelf.version > version


def test_a_take_that_is_being_recorded_is_neither_opened_nor_touched(tmp_path):
    recorder = recordings.begin(tmp_path)
    recordings.push_counting(recorder, 50)
    try:
        shelf = Shelf(tmp_path)
        (row,) = rows_of(shelf)
        assert row.is_running
        assert row.how == "is being recorded"
        for refused in (
            lambda: shelf.take(row.name),
            lambda: rename(tmp_path / row.name, "new", ""),
            lambda: put_away(tmp_path / row.name),
        ):
            with pytest.raises(AudioError, match="is being recorded"):
                refused()
    finally:
        recorder.close()
    (row,) = rows_of(shelf)
    assert not row.is_running
    assert shelf.take(row.name).n_samples == 50 * recordings.BLOCK


def test_a_take_whose_recorder_was_killed_is_left_as_it_is(tmp_path):
    folder = make_take(tmp_path, 0.5)
    about = folder / "take.yaml"
    about.write_text(about.read_text().partition("ended:")[0])  # as a killed recorder leaves it
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    shelf = Shelf(tmp_path)
    with (folder / "events.jsonl").open() as held:  # by the recorder, until it was killed
        lock_take(held.fileno(), folder)
        (row,) = rows_of(shelf)
        assert row.is_running
    (row,) = rows_of(shelf)
    assert row.how == "ended by a crash"
    assert shelf.take(row.name).n_samples == RATE // 2
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_links_and_what_is_damaged(tmp_path):
    outside = make_take(tmp_path / "elsewhere", 0.2)
    shelf = Shelf(tmp_path / "takes")
    shelf.folder.mkdir()
    (shelf.folder / "linked").symlink_to(outside)
    damaged = shelf.folder / "damaged"
    damaged.mkdir()
    (damaged / "take.yaml").write_text("format: [")
    (row,) = rows_of(shelf)
    assert row.name == "damaged"
    assert "take.yaml" in row.problem
    with pytest.raises(AudioError, match="no such take"):
        shelf.take("linked")


def test_a_sound_that_is_a_link_is_no_sound_of_the_take(tmp_path):
    take = read_take(make_take(tmp_path, 0.2))
    secret = tmp_path / "secret.wav"
    shutil.copy(take.folder / "wet.wav", secret)
    (take.folder / "render-x.wav").symlink_to(secret)
    assert [sound.key for sound in sounds_of(take)] == ["dry", "wet"]
    (take.folder / "wet.wav").unlink()
    (take.folder / "wet.wav").symlink_to(secret)
    assert [sound.key for sound in sounds_of(take)] == ["dry"]


def test_what_was_played_again_tells_how_it_came_to_be(tmp_path):
    take = read_take(make_take(tmp_path, 0.2))
    path = new_again(take, "../cello")
    assert path == take.folder / "render----cello.wav"
    shutil.copy(take.folder / "wet.wav", path)
    assert new_again(take, "../cello").stem == "render----cello-2"
    note_path(path).write_text('{"preset": "cello", "controls": {"octave_shift": -1}}')
    again = sounds_of(take)[-1]
    assert (again.title, again.detail) == ("Again: cello", "octave shift -1")
    assert again.behind_s == take.latency_samples / RATE
    note_path(path).write_text("[")
    assert sounds_of(take)[-1].title == "Again: ---cello"


def test_browsers_are_not_given_what_few_of_them_play(tmp_path):
    take = read_take(make_take(tmp_path, 0.2))
    wet = take.folder / "wet.wav"
    assert sounds_of(take)[1].is_for_browsers
    content = wet.read_bytes()
    wet.write_bytes(header(2**31, RATE) + content[80:])
    assert not sounds_of(take)[1].is_for_browsers


def test_title_and_note_and_the_trash(tmp_path):
    folder = make_take(tmp_path, 0.2)
    rename(folder, "  Fado\nfinal ", "second verse")
    take = read_take(folder)
    assert take.title == "Fado final"
    assert take.about["note"] == "second verse"
    assert take.about["ended"]["how"] == "stopped"
    rename(folder, "Fado", "")
    assert "note" not in read_take(folder).about
    name = put_away(folder)
    assert not folder.exists()
    assert list(in_trash(tmp_path)) == [name]
    assert rows_of(Shelf(tmp_path)) == []
    assert bring_back(tmp_path, name) == folder.name
    assert read_take(folder).title == "Fado"
    with pytest.raises(AudioError, match="not in the trash"):
        bring_back(tmp_path, "../elsewhere")
    put_away(folder)
    empty_trash(tmp_path)
    assert in_trash(tmp_path) == {}


def test_moves_of_a_control_become_one_mark_each():
    events = [
        {"sample": 0, "kind": "preset", "name": "violin", "value": 0.0},
        {"sample": 0, "kind": "control", "name": "room_mix", "value": 0.5},  # came with it
        *(
            {"sample": RATE + 100 * n, "kind": "control", "name": "room_mix", "value": 0.5 + n / 9}
            for n in range(1, 4)
        ),
        {"sample": 9 * RATE, "kind": "control", "name": "room_mix", "value": 0.0},
        {"sample": 9 * RATE, "kind": "control", "name": "key", "value": 2.0},
        {"sample": 9 * RATE, "kind": "midi", "bytes": [1, 2, 3]},
        {"sample": 10 * RATE, "kind": "panic", "name": "", "value": 0.0},
        {"sample": 10 * RATE, "kind": "control", "name": 3, "value": "nonsense"},
    ]
    marks = marks_of(events, RATE, ["violin"], {"room_mix": 1.0, "key": 0.0})
    assert [mark.words for mark in marks] == [
        "preset violin",
        "room mix 0.5 to 0.833",
        "key: D",
        "room mix 0.833 to 0",
        "panic",
    ]
    assert marks[1].at_s < marks[1].at_s + ONE_MOVE_S < marks[2].at_s


def test_the_outline_has_every_peak(tmp_path):
    sound = np.zeros((RATE * 3, 2), np.float32)
    sound[RATE, 1], sound[2 * RATE, 0] = 0.5, -1.0
    parts = [tmp_path / "a.wav", tmp_path / "b.flac"]
    soundfile.write(parts[0], sound[: 2 * RATE], RATE)
    soundfile.write(parts[1], sound[2 * RATE :], RATE)
    seen = outline(parts)
    pairs = np.frombuffer(base64.b64decode(seen["peaks"]), np.int8)
    low, high = pairs.reshape(N_COLUMNS, 2).T
    assert seen["duration_s"] == 3.0
    assert (high.argmax(), high.max()) == (N_COLUMNS // 3, 64)
    assert (low.argmin(), low.min()) == (2 * N_COLUMNS // 3, -127)


def test_a_page_may_ask_for_what_is_there_and_nothing_else():
    asked = {"preset": "cello", "controls": {"octave_shift": -1}, "as_played": False}
    assert wish_of(asked) == {**asked, "controls": {"octave_shift": -1.0}}
    assert wish_of({}) == {"preset": "", "controls": {}, "as_played": True}
    for preset in ("/etc/passwd", "../../presets/cello", "cello/preset.yaml"):
        with pytest.raises(PresetError, match="no preset"):
            wish_of({"preset": preset})
    with pytest.raises(ControlError, match="above 3"):
        wish_of({"controls": {"octave_shift": 9}})


def test_a_child_that_complains_or_dies_is_heard(tmp_path):
    with pytest.raises(ChanterelleError, match="no such folder"):
        asyncio.run(Child("takes_look", {"take": str(tmp_path / "none"), "work": "."}).run())
    with pytest.raises(ChanterelleError, match="ended early"):
        asyncio.run(Child("no_such_module", {}).run())


def test_what_browsers_do_not_play_becomes_plain(tmp_path):
    parts = []
    for number in (1, 2):
        parts.append(tmp_path / f"wet-{number}.wav")
        file = LongWav(parts[-1], RATE, 1, 32)
        file.write(np.full(RATE // 10, 0.1 * number, np.float32))
        file.close(file.n_samples)
    out = tmp_path / "plain.flac"
    asyncio.run(Child("takes_plain", {"paths": list(map(str, parts)), "out": str(out)}).run())
    sound, rate = soundfile.read(out)
    assert (rate, soundfile.info(out).subtype) == (RATE, "PCM_16")
    np.testing.assert_allclose(sound[[0, -1]], (0.1, 0.2), atol=1e-4)


# In a browser
