"""Which stretches of which recordings are used: rooms, tables of spans, rests and splits."""

import csv

import numpy as np
import pytest

from ddsp_core.errors import RecipeError
from training.faults import LONGEST_SILENCE_S
from training.rooms import place_recordings
from training.segments import long_runs, usable_segments
from training.spans import Span, choose_spans, read_spans
from training.splits import Stretch


def test_room_by(tmp_path):
    files = {tmp_path / "set" / name: 60.0 for name in ("anna_a.wav", "anna_b.wav", "ben.wav")}
    for room_by, expected in (
        ("auto", ["anna", "anna", "ben"]),
        ("parent", ["set", "set", "set"]),
        ("file", ["set/anna_a", "set/anna_b", "set/ben"]),
    ):
        assert [place.room for place in place_recordings(files, room_by).values()] == expected


def test_short_rests_stay_and_long_ones_go():
    silent = np.zeros(2000, dtype=bool)
    silent[500:550] = True  # 0.13 s
    silent[1000:1500] = True  # 1.3 s
    faults = {"silence": long_runs(silent, LONGEST_SILENCE_S * 375.0)}
    segments, left_out_s = usable_segments(faults, [Stretch(100, 2000, "train")], 375.0)
    assert [(s.start, s.end, s.earliest) for s in segments] == [(100, 1000, 100), (1500, 2000, 100)]
    assert left_out_s["silence"] == pytest.approx(500 / 375)


def test_spans_of_one_folder_leave_other_folders_whole(tmp_path):
    files = [tmp_path / "a" / "x.wav", tmp_path / "a" / "y.wav", tmp_path / "b" / "z.wav"]
    chosen = choose_spans(files, {"x.wav": [Span(0.0, 1.0)]})
    assert list(chosen.values()) == [[Span(0.0, 1.0)], [], None]
    with pytest.raises(RecipeError, match=r"they name q\.wav"):
        choose_spans(files, {"q.wav": [Span(0.0, 1.0)]})


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["file", "start"]], "columns file, start_s, end_s"),
        ([["file", "start_s", "end_s"], ["a.wav", "1", "x"]], "line 2: '1', 'x'"),
        ([["file", "start_s", "end_s"], ["a.wav", "2", "1"]], "0 <= start_s < end_s"),
        ([["file", "start_s", "end_s"], ["a.wav", "0", "2"], ["a.wav", "1", "3"]], "overlap"),
    ],
)
def test_a_table_of_spans_with_a_mistake(tmp_path, rows, words):
    path = tmp_path / "spans.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    with pytest.raises(RecipeError) as caught:
        read_spans(path)
    assert words in str(caught.value)
