import csv
import json

import numpy as np
import pytest
import scales

from ddsp_core.errors import RecipeError
from training.cli import main
from training.cross_matrix import Pair, as_csv, cross, matrix, unlike
from training.evaluate import Options
from training.metrics import SplitMetrics


def pair(voice, dataset, loss):
    nothing = [float("nan")] * (len(SplitMetrics._fields) - 3)
    return Pair(voice, dataset, "validation", None, SplitMetrics(3, 12.0, loss, *nothing))


def test_voices_down_datasets_across():
    pairs = [pair("v", "d", 1.0), pair("v", "e", 2.0), pair("w", "d", 3.0), pair("w", "e", 4.0)]
    values, voices, datasets = matrix(pairs)
    np.testing.assert_array_equal(values, [[1.0, 2.0], [3.0, 4.0]])
    assert (voices, datasets) == (["v", "w"], ["d", "e"])
    assert np.isnan(matrix(pairs[:3])[0][1, 1])


def test_a_line_a_pair():
    (line,) = csv.DictReader(as_csv([pair("v", "d", 1.5)]).splitlines())
    assert (line["voice"], line["spectral_loss"], line["f0_l1_semitones"]) == ("v", "1.5", "")


def test_names_tell_paths_apart(tmp_path):
    same = [tmp_path / "x" / "hall", tmp_path / "y" / "hall", tmp_path / "y" / "room"]
    assert unlike(same) == ["x/hall", "y/hall", "room"]
    assert len(unlike([tmp_path, tmp_path])) == 2


def test_command_line(tmp_path, capsys):
    dataset = scales.prepare_scale(tmp_path, seconds=10.0)
    voices = [scales.save_small_voice(tmp_path / name, seed=n) for n, name in enumerate("vw")]
    out = tmp_path / "out"
    words = ["evaluate", "--cross", *map(str, voices), "--datasets", str(dataset)]
    assert main([*words, "--out", str(out), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["voice"] for one in found["pairs"]] == ["v", "w"]
    losses = [one["metrics"]["spectral_loss"] for one in found["pairs"]]
    assert losses[0] != losses[1]
    assert json.loads((out / "cross.json").read_text()) == found
    assert (out / "cross.png").read_bytes().startswith(b"\x89PNG")
    assert main(words) == 0
    assert "spectral loss" in capsys.readouterr().out
    assert main(words[:3]) == 2
    assert "1 voices, 0 datasets" in capsys.readouterr().err


def test_nothing_to_compare():
    with pytest.raises(RecipeError, match="0 voices"):
        cross([], [], Options())
