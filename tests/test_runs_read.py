"""Run folders, as the console reads them: curves, recipes, quality, and how a run stands."""

import json
import math
import os
import shutil

from hypothesis import given, settings
from hypothesis import strategies as st
from rig.run_files import HEADING

from realtime.console.runs_curve import CurveFile
from realtime.console.runs_events import EventFile
from realtime.console.runs_recipe import quality_files, read_flat, rows_of
from realtime.console.runs_shelf import Run, find_runs, thinned


def test_a_curve_is_read_on_and_half_a_line_waits(tmp_path):
    path = tmp_path / "curve.csv"
    curve = CurveFile(path)
    assert not curve.read_on()
    path.write_text(HEADING + "10,5.5,6.5,1000\n20,5.0,6.")
    assert curve.read_on()
    assert curve.columns == {
        "step": [10], "loss": [5.5], "validation_loss": [6.5], "unix_s": [1000]
    }  # fmt: skip
    with path.open("a") as file:
        file.write("25,1060\n")
    assert curve.read_on()
    assert curve.columns["validation_loss"] == [6.5, 6.25]
    assert not curve.read_on()


def test_a_curve_that_was_rewound_is_read_anew(tmp_path):
    path = tmp_path / "curve.csv"
    path.write_text(HEADING + "10,5,6,1\n20,4,5,2\n30,3,4,3\n")
    curve = CurveFile(path)
    curve.read_on()
    anew = tmp_path / "anew"
    anew.write_text(HEADING + "10,5,6,1\n20,4.5,5.5,2\n30,3,4,3\n40,2,3,4\n")
    anew.replace(path)
    assert curve.read_on()
    assert curve.columns["loss"] == [5, 4.5, 3, 2]
    os.truncate(path, len(HEADING))
    assert curve.read_on()
    assert curve.columns["loss"] == []
    path.unlink()
    assert curve.read_on()
    assert curve.columns == {}


def test_nonsense_in_a_curve_is_counted_and_left_out(tmp_path):
    path = tmp_path / "curve.csv"
    lines = ["10,5,6,1", "x,y,z,t", "20,nan,inf,2", "5,1,1,3", "30,1", "40,3,4,5"]
    path.write_text(HEADING + "\n".join(lines) + "\n")
    curve = CurveFile(path)
    curve.read_on()
    assert curve.columns["step"] == [10, 20, 40]
    assert math.isnan(curve.columns["loss"][1])
    assert curve.n_bad == 3


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 400))
def test_no_bytes_break_a_reader(tmp_path_factory, content, cut):
    folder = tmp_path_factory.mktemp("any")
    for name, reader in (("curve.csv", CurveFile), ("events.out.tfevents.1", EventFile)):
        path = folder / name
        path.write_bytes(content[:cut])
        read = reader(path)
        read.read_on()
        path.write_bytes(content)
        read.read_on()
    assert isinstance(read_flat(folder / "curve.csv"), dict)


# TensorBoard's log


def test_recipes_are_compared(tmp_path):
    recipes = {}
    for name, seed in (("a", 1), ("b", 2)):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps({"seed": seed, "loss": {"log_floor": 1e-5, "sizes": [1, 2]}}))
        recipes[name] = read_flat(path)
    assert rows_of(recipes, all_of_them=False) == [["seed", "1", "2"]]
    assert ["loss.log_floor", "1e-05", "1e-05"] in rows_of(recipes, all_of_them=True)
    assert ["loss.sizes", "1, 2", "1, 2"] in rows_of(recipes, all_of_them=True)
    for text in ("[1]", "{", "", "{" * 5000):
        (tmp_path / "a.json").write_text(text)
        assert read_flat(tmp_path / "a.json") == {}


def test_quality_lies_beside_voices_and_nowhere_else(tmp_path):
    run = tmp_path / "run"
    (run / "voice" / "hall").mkdir(parents=True)
    (run / "voice" / "hall" / "quality.json").write_text("{}")
    (tmp_path / "elsewhere.json").write_text("{}")
    (run / "quality.json").symlink_to(tmp_path / "elsewhere.json")
    assert quality_files(run) == [run / "voice" / "hall" / "quality.json"]


def test_folders_of_runs_and_words_for_those_that_are_none(tmp_path):
    assert "--runs" in find_runs(None)[1]
    assert "no such folder" in find_runs(tmp_path / "none")[1]
    assert "no training run" in find_runs(tmp_path)[1]
    run = tmp_path / "a"
    run.mkdir()
    (run / "curve.csv").write_text(HEADING)
    (tmp_path / "linked").symlink_to(run)
    assert find_runs(tmp_path) == ({"a": run}, "")
    assert find_runs(run) == ({"a": run}, "")
    shutil.rmtree(run)
    assert find_runs(tmp_path)[0] == {}


def test_a_run_tells_how_it_stands(tmp_path):
    def standing(text: str, now_s: float, steps: int = 40) -> str:
        (tmp_path / "curve.csv").write_text(HEADING + text)
        (tmp_path / "recipe.json").write_text(json.dumps({"steps": steps}))
        run = Run("a", tmp_path)
        run.read_on()
        return run.row(now_s).state

    text = "10,5,6,1000\n20,4,5,1600\n"
    assert standing("", 0.0) == "nothing to draw yet"
    assert standing(text, 1700.0) == "training, step 20 of 40, 20 min left"
    assert standing(text, 9999.0) == "stopped, step 20 of 40"
    assert standing(text, 1700.0, steps=20) == "finished, step 20 of 20"


def test_long_curves_are_thinned_and_keep_their_end():
    xs = [float(x) for x in range(4999)]
    kept, ys = thinned(xs, xs)
    assert len(kept) <= 2000
    assert kept[-1] == ys[-1] == 4998.0
    assert thinned([], []) == ([], [])
