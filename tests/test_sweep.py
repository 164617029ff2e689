"""`train --sweep`: every point of a grid is trained once, here or on a cluster, and told about."""

import csv
import json
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from runs import TINY, tiny_dataset

from ddsp_core.errors import RecipeError
from training import cli, sweep_point
from training.grid import Point, points_of, read_grid
from training.sweep import Options, run_sweep
from training.sweep_point import Job, run_logged


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_dataset(tmp_path_factory.mktemp("set"))


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Points are trained by the same command without a process each; names of those that began."""
    started: list[str] = []
    alone = threading.Lock()

    def run(command: list[str], log: Path, *_: Any) -> str:
        started.append(log.parent.name)
        with alone:
            try:
                code = cli.main(command[command.index("train") :])
            except Exception as error:
                return f"{type(error).__name__}: {error}"
        return "" if code == 0 else f"it ended with {code}"

    monkeypatch.setattr(sweep_point, "run_logged", run)
    return started


def sweep(axes: list[str], data: Path, out: Path, *overrides: str, **options: Any) -> str:
    """Returns what it printed."""
    console = Console(record=True, quiet=False, file=sys.stderr, width=200)
    found = Options("live", (*TINY, *overrides), ("--device", "cpu", "--no-board"), **options)
    try:
        run_sweep(axes, data, out, found, console)
    finally:
        text = console.export_text()
    return text


def points(out: Path) -> dict[str, dict[str, Any]]:
    found = json.loads((out / "sweep.json").read_text(encoding="utf-8"))
    return {point["name"]: point for point in found["points"]}


def test_a_grid_is_every_combination_and_each_has_a_folder_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "grid.yaml"
    file.write_text("n_bands: [3, 5]\nloss.window_sizes: [[256, 64], [128]]\n", encoding="utf-8")
    names = [point.name for point in points_of(read_grid(["synth=harmonic", str(file)]))]
    assert names == [
        "synth=harmonic,n_bands=3,loss.window_sizes=256-64",
        "synth=harmonic,n_bands=3,loss.window_sizes=128",
        "synth=harmonic,n_bands=5,loss.window_sizes=256-64",
        "synth=harmonic,n_bands=5,loss.window_sizes=128",
    ]
    point = Point("a/b", {"seed": 1, "stop_below_loss": None, "synth": "harmonic"})
    assert point.overrides == ["seed=1", "stop_below_loss=null", 'synth="harmonic"']


@pytest.mark.parametrize(
    ("axis", "problem"),
    [
        ("n_bands", "key=value"),
        ("n_bands=", "at least one value"),
        ("n_bands=3,3", "3 twice"),
        ("n_bands=[3", "not YAML"),
        ("nowhere.yaml", r"nowhere\.yaml: cannot be read"),
        ("n_bandz=3", "did you mean n_bands"),
        ("n_bands=1,3", "n_bands: 1"),
        ("seed=" + ",".join(map(str, range(2000))), "2000 points"),
    ],
)
def test_a_grid_with_a_mistake_trains_nothing(
    axis: str, problem: str, tmp_path: Path, in_this_process: list[str]
) -> None:
    with pytest.raises(RecipeError, match=problem):
        sweep([axis], tmp_path / "no dataset", tmp_path / "out")
    assert in_this_process == []


def test_points_are_trained_once_and_a_failed_one_again(
    dataset: Path,
    tmp_path: Path,
    in_this_process: list[str],
) -> None:
    axes = ["n_bands=3,5", "n_harmonics=2,4"]
    spoilt = tmp_path / "n_bands=5,n_harmonics=2"
    spoilt.mkdir()
    (spoilt / "checkpoints").write_text("a file where a folder should be", encoding="utf-8")
    with pytest.raises(RecipeError, match=f"1 of 4 points are not done .{spoilt.name}."):
        sweep(axes, dataset, tmp_path, jobs=2)
    found = points(tmp_path)
    assert [point["status"] for point in found.values()] == ["done", "done", "failed", "done"]
    assert "Not a directory" in found[spoilt.name]["error"]
    assert found[spoilt.name]["steps"] < 6
    assert len(in_this_process) == 4

    (spoilt / "checkpoints").unlink()
    in_this_process.clear()
    text = sweep(axes, dataset, tmp_path)
    assert in_this_process == [spoilt.name]
    assert text.count(": done, validation loss") == 4
    with (tmp_path / "sweep.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    for line, point in zip(lines, points(tmp_path).values(), strict=True):
        assert (line["n_bands"], line["n_harmonics"]) == tuple(map(str, point["settings"].values()))
        run = tmp_path / point["name"]
        with (run / "curve.csv").open(newline="", encoding="utf-8") as file:
            losses = {
                int(row["step"]): float(row["validation_loss"]) for row in csv.DictReader(file)
            }
        assert float(line["best_loss"]) == point["best_loss"] == min(losses.values())
        assert losses[point["best_step"]] == point["best_loss"]
        assert point["steps"] == 6
        recipe = json.loads((run / "recipe.json").read_text(encoding="utf-8"))
        assert point["settings"].items() <= recipe.items()
    for name in ("losses.png", "curves.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")


def test_an_interrupted_point_goes_on_and_more_steps_are_trained_on(
    dataset: Path,
    tmp_path: Path,
    in_this_process: list[str],
) -> None:
    sweep(["n_bands=3"], dataset, tmp_path, "steps=3")
    assert points(tmp_path)["n_bands=3"]["steps"] == 3
    sweep(["n_bands=3"], dataset, tmp_path)
    assert points(tmp_path)["n_bands=3"]["steps"] == 6
    assert in_this_process == ["n_bands=3"] * 2
    with (tmp_path / "n_bands=3" / "curve.csv").open(newline="", encoding="utf-8") as file:
        assert [row["step"] for row in csv.DictReader(file)] == ["3", "6"]
    with pytest.raises(RecipeError, match="1 of 1 points"):
        sweep(["n_bands=3"], dataset, tmp_path, "seed=9")
    assert "seed was 1, is 9" in points(tmp_path)["n_bands=3"]["error"]


def test_in_a_process_of_its_own(dataset: Path, tmp_path: Path) -> None:
    words = ["train", str(dataset), "--out", str(tmp_path), "--sweep", "seed=2", "--jobs", "2"]
    words += ["--device", "cpu", "--no-board"]
    assert cli.main([*words, *(w for o in TINY for w in ("--set", o))]) == 0
    assert points(tmp_path)["seed=2"]["status"] == "done"
    assert "ended after step 6" in (tmp_path / "seed=2" / "log.txt").read_text(encoding="utf-8")


def test_on_a_cluster(
    dataset: Path,
    tmp_path: Path,
    in_this_process: list[str],
) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, protocol="tcp", dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address
        sweep(["n_bands=3,5"], dataset, tmp_path, scheduler=address)
        assert sorted(in_this_process) == ["n_bands=3", "n_bands=5"]
        sweep(["n_bands=3,5"], dataset, tmp_path, scheduler=address)
    assert len(in_this_process) == 2
    assert [point["status"] for point in points(tmp_path).values()] == ["done"] * 2


def test_a_scheduler_that_is_not_there(
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("training.sweep.CONNECT_S", 0.2)
    with pytest.raises(RecipeError, match=r"--scheduler: tcp://127\.0\.0\.1:9 does not answer"):
        sweep(["n_bands=3"], dataset, tmp_path, scheduler="tcp://127.0.0.1:9")


def test_a_failed_process_says_why_and_two_never_share_a_folder(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_text("error: of an earlier try\n", encoding="utf-8")
    script = "import sys; print('working'); sys.exit('error: the disk: is full')"
    with sweep_point._alone(tmp_path) as handle:
        said = run_logged([sys.executable, "-c", script], log, {}, handle)
        quiet = run_logged([sys.executable, "-c", "raise SystemExit(3)"], log, {}, handle)
        waiting = threading.Thread(target=lambda: sweep_point._alone(tmp_path).__enter__())
        waiting.start()
        waiting.join(0.2)
        assert waiting.is_alive()
    waiting.join(5.0)
    assert not waiting.is_alive()
    assert (said, quiet) == ("the disk: is full", "it ended with 3")
    assert "working" in log.read_text(encoding="utf-8")


def test_cores_are_shared_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_point, "cpu_count", lambda: 8)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    (point,) = points_of({"seed": [1]})
    job = Job(point, None, None, tmp_path, (), 1, False)  # type: ignore[arg-type]
    found = [
        sweep_point._environment(one).get("OMP_NUM_THREADS")
        for one in (job, job._replace(side_by_side=3), job._replace(on_cluster=True))
    ]
    assert found == [None, "2", "8"]


@pytest.mark.parametrize(
    ("flags", "problem"),
    [
        (["--jobs", "2"], "--jobs: one run alone"),
        (["--sweep", "seed=1", "--jobs", "0"], "--jobs: 0"),
        (["--sweep", "seed=1", "--resume"], "--resume"),
        (["--sweep", "seed=1", "--nodes", "2"], "--nodes"),
    ],
)
def test_flags_that_do_not_go_together(
    flags: list[str], problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["train", str(tmp_path), "--out", str(tmp_path / "out"), *flags]) == 2
    assert problem in capsys.readouterr().err
