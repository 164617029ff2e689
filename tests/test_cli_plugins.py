"""`chanterelle plugins`: what there is, and what is in it."""

import json
import subprocess
import sys
from pathlib import Path

import cli_fixtures
import pytest
from cli_fixtures import Run, is_one_error_line
from plugins import fake_pedalboard, zam

from realtime.effects import plugin_folders

same_environment, run = cli_fixtures.same_environment, cli_fixtures.run


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in place of the system's."""
    monkeypatch.setattr(plugin_folders, "folders", lambda: [tmp_path / "none", tmp_path])
    return tmp_path


def test_all_plug_ins_of_the_folders_are_listed_by_name(run: Run, places: Path) -> None:
    for name in ("b.vst3", "maker/A.vst3", "A.vst3/Contents/inner.vst3", "1/2/3/4/deep.vst3"):
        (places / name).mkdir(parents=True)
    code, out, _ = run("plugins", "--json")
    assert code == 0
    paths = {"A": str(places / "A.vst3"), "b": str(places / "b.vst3")}
    assert json.loads(out) == {"plugins": paths}
    assert [line.split()[0] for line in run("plugins")[1].splitlines()] == ["A", "b"]


def test_where_there_is_none_it_says_where_it_looked(run: Run, places: Path) -> None:
    assert str(places) in run("plugins")[1]


def test_macos_has_folders_of_its_own() -> None:
    assert all("Audio/Plug-Ins" in str(path) for path in plugin_folders.folders("darwin"))


def test_one_is_described_with_ranges_and_latency(run: Run) -> None:
    file = zam("ZaMaximX2")
    said = json.loads(run("plugins", "ZaMaximX2", "--json")[1])
    assert (said["name"], said["file"], said["latency_samples"]) == ("ZaMaximX2", file, 480)
    assert said["n_outputs"] == 2
    out = run("plugins", file)[1]
    assert "stereo, 480 samples of latency" in out
    assert "threshold       -30 to 0 dB, default 0" in out


def test_an_unknown_one_is_asked_about(run: Run, places: Path) -> None:
    (places / "Echo.vst3").mkdir()
    code, out, err = run("plugins", "Ecko")
    assert (code, out) == (2, "")
    assert is_one_error_line(err)
    assert "did you mean Echo?" in err


def test_one_that_cannot_be_loaded_is_an_error_in_one_line(
    run: Run, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = fake_pedalboard(places, monkeypatch, "raise ImportError")
    code, out, err = run("plugins", file)
    assert (code, out) == (2, "")
    assert is_one_error_line(err)
    assert "pip install 'chanterelle[plugins]'" in err


def test_a_name_that_the_file_does_not_hold_is_an_error(run: Run) -> None:
    code, out, err = run("plugins", zam("ZamEQ2"), "--plugin-name", "ZamEQ3")
    assert (code, out) == (2, "")
    assert is_one_error_line(err)
    assert "holds 'ZamEQ2' and no 'ZamEQ3'" in err


def test_the_benchmark_runs() -> None:
    zam("ZaMaximX2")
    root = Path(__file__).resolve().parent.parent
    words = [sys.executable, "benchmarks/plugins.py", "--quick", "--json"]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=True)
    (row,) = json.loads(done.stdout)["rows"]
    assert row["latency_samples"] == 128 + 480
    assert row["cost_us"]["p50"] > 1
