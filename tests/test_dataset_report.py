"""The page about a dataset holds what it promises, and says plainly what the recordings lack."""

import re

import numpy as np
import pytest
import signals
from recordings import SAMPLE_RATE, melody, prepare_quietly, write

from training.advice import advice, note_name
from training.heard_notes import find_notes, heard_frames
from training.index import read_index
from training.recording import load

pytest.importorskip("matplotlib", reason="pip install 'chanterelle[train]'")
pytest.importorskip("swift_f0", reason="pip install swift-f0")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A melody of short notes in one dynamic, with a clipped second and a rest."""
    folder = tmp_path_factory.mktemp("report")
    audio = np.concatenate([melody(16.0, SAMPLE_RATE), signals.silence(2.0, SAMPLE_RATE)])
    audio[4 * SAMPLE_RATE : 5 * SAMPLE_RATE] *= 4.0
    write(folder / "in" / "a_take.wav", np.clip(audio, -1.0, 1.0))
    index, text = prepare_quietly([folder / "in"], folder / "out")
    return folder / "out", index, text


@pytest.fixture(scope="module")
def loaded(prepared):
    out, index, _ = prepared
    return index, [load(out / entry.stored) for entry in index.recordings]


def test_the_page_is_whole_and_fetches_nothing(prepared):
    out, _, text = prepared
    page = (out / "report.html").read_text()
    assert str(out / "report.html") in text.replace("\n", "")
    assert page.count("<img ") == 4
    assert page.count("<audio ") == 1
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    for words in ("to train", "reference swift-f0", "cents in the median", "What was left out"):
        assert words in page


def test_what_was_left_out_stands_in_table_and_page(prepared):
    out, index, text = prepared
    left_out = index.recordings[0].left_out_s
    assert left_out["clipping"] == pytest.approx(1.1, abs=0.1)
    assert left_out["silence"] == pytest.approx(2.0, abs=0.15)
    assert "1 clipping" in text
    assert "<th>clipping</th>" in (out / "report.html").read_text()


def test_warnings_in_plain_words(prepared):
    out, _, text = prepared
    for words in ("under 3", "clipped: 1", "few sustained notes", "one dynamic only"):
        assert words in text.replace("\n", " ")
        assert words in (out / "report.html").read_text()
    for words in ("nothing below C4", "nothing above A4", "hardly heard within the range: C#4"):
        assert words in text.replace("\n", " ")


def test_good_recordings_get_no_advice_about_notes(loaded):
    index, recordings = loaded
    features = recordings[0].features
    n_frames = len(features.f0_hz)
    # Notes of two seconds, up and down every semitone of three octaves, in dynamics of 20 dB.
    steps = np.abs((np.arange(n_frames) // 750) % 72 - 36)
    rich = features._replace(
        f0_hz=(110.0 * 2.0 ** (steps / 12.0)).astype(np.float32),
        confidence=np.ones(n_frames, np.float32),
        loudness_db=(-30.0 + 5.0 * (steps % 5)).astype(np.float32),
    )
    alone = recordings[0]._replace(features=rich, reference_f0_hz=np.zeros(0, np.float32))
    said = advice(index, [alone])
    for words in ("sustained", "dynamic", "soft"):
        assert not [line for line in said if words in line]


def test_notes_are_found_with_their_lengths(loaded):
    index, recordings = loaded
    notes = find_notes(index, recordings)
    assert np.median(notes.duration_s) == pytest.approx(0.5, abs=0.06)
    heard = heard_frames(index, recordings)
    assert len(heard.f0_hz) == len(heard.reference_hz) == len(heard.live_hz)
    assert np.median(heard.f0_hz) == pytest.approx(330.0, rel=0.02)


def test_names_of_notes():
    assert [note_name(midi) for midi in (21, 60, 69.4)] == ["A0", "C4", "A4"]


def test_an_index_of_the_first_format_is_read(prepared, tmp_path):
    _, index, _ = prepared
    old = index.model_dump(exclude={"reference", "statistics"}) | {"format": 1}
    old["statistics"] = index.statistics.model_dump(exclude={"test_hours"})
    text = index.model_validate(old).model_dump_json(exclude_unset=True)
    (tmp_path / "index.json").write_text(text)
    assert '"reference"' not in text
    assert read_index(tmp_path).statistics.test_hours == 0.0
