"""Training in processes of its own: killed and gone on with, two that share the work, one lost."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from runs import TINY, assert_same_weights, curve, losses, newest, recipe, tiny_dataset

from ddsp_core.checkpoint import load_voice
from ddsp_core.errors import RecipeError
from training.loop import train
from training.machines import Machines, launch

torch.set_num_threads(1)

ROOT = Path(__file__).resolve().parent.parent
OVERRIDES = ("steps=10", "validate_every=1", "checkpoint_every=3", "batch_size=4")
COMMAND = """
import os, signal, sys
from training import cli
from training.dataset import Dataset

batch = Dataset.batch
dies_at, rank = int(os.environ["DIES_AT"]), os.environ["WHO_DIES"]

def deadly(self, step, *others):
    if step == dies_at and os.environ.get("LOCAL_RANK", "0") == rank:
        os.kill(os.getpid(), signal.SIGKILL)
    return batch(self, step, *others)

Dataset.batch = deadly
sys.exit(cli.main())
"""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_dataset(tmp_path_factory.mktemp("set"))


@pytest.fixture(scope="module")
def whole(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uninterrupted run in this process."""
    run_dir = tmp_path_factory.mktemp("runs") / "whole"
    train(recipe(*OVERRIDES), dataset, run_dir)
    return run_dir


def command(
    dataset: Path, run_dir: Path, *options: str, dies_at: int = -1, who: int = 0
) -> subprocess.CompletedProcess[str]:
    """`chanterelle-train train`, of which process `who` is killed as step `dies_at` is drawn."""
    script = run_dir.with_suffix(".py")
    script.write_text(COMMAND)
    sets = [text for override in (*TINY, *OVERRIDES) for text in ("--set", override)]
    words = ["train", str(dataset), "--out", str(run_dir), "--device", "cpu", *sets, *options]
    env = {**os.environ, "DIES_AT": str(dies_at), "WHO_DIES": str(who), "OMP_NUM_THREADS": "1"}
    env["PYTHONPATH"] = str(ROOT)
    return subprocess.run(
        [sys.executable, str(script), *words], env=env, capture_output=True, text=True, timeout=240
    )


def test_a_killed_run_goes_on_with_the_same_curve(
    dataset: Path, whole: Path, tmp_path: Path
) -> None:
    killed = command(dataset, tmp_path / "run", dies_at=8)
    assert killed.returncode == -9
    assert newest(tmp_path / "run")["standing"]["step"] == 6
    assert len(curve(tmp_path / "run")) >= 6  # what lies beyond the checkpoint is done again
    train(recipe(*OVERRIDES), dataset, tmp_path / "run", resume=True)
    assert losses(tmp_path / "run") == losses(whole)
    assert_same_weights(tmp_path / "run", whole)
    for name in ("one", "two"):
        one, other = (load_voice(run / "voice" / name) for run in (tmp_path / "run", whole))
        assert one.provenance == other.provenance
        assert all((one.tensors[key] == other.tensors[key]).all() for key in other.tensors)


def test_two_processes_learn_what_one_learns_with_the_whole_batch(
    dataset: Path, whole: Path, tmp_path: Path
) -> None:
    done = command(dataset, tmp_path / "run", "--devices", "2")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("step 3/10") == 1, "the first process alone speaks"
    shared, alone = (
        [[float(value) for value in row] for row in losses(run)]
        for run in (tmp_path / "run", whole)
    )
    assert len(shared) == 10
    for found, wanted in zip(shared, alone, strict=True):
        assert found == pytest.approx(wanted, abs=2e-4)  # the curve has four digits


def test_a_lost_process_is_said_and_the_run_goes_on_with_fewer(
    dataset: Path, whole: Path, tmp_path: Path
) -> None:
    lost = command(dataset, tmp_path / "run", "--devices", "2", dies_at=5, who=1)
    assert lost.returncode == 2, lost.stderr
    assert "error: process 0 of 2: another process of this run is gone" in lost.stderr
    train(recipe(*OVERRIDES), dataset, tmp_path / "run", resume=True)
    assert [row[0] for row in losses(tmp_path / "run")] == [row[0] for row in losses(whole)]


def test_a_batch_that_cannot_be_shared_evenly_is_refused() -> None:
    with pytest.raises(RecipeError, match="4 windows for 3 processes"):
        launch(Machines("cpu", 3), recipe("batch_size=4"))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_missing_gpu_is_said() -> None:
    with pytest.raises(RecipeError, match="torch finds no GPU here"):
        launch(Machines("cuda"), recipe())


def test_torchrun_must_start_as_many_as_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "1")
    monkeypatch.setenv("WORLD_SIZE", "8")
    with pytest.raises(RecipeError, match="started 8 processes: --devices 2 --nodes 2"):
        launch(Machines("cpu", 2, 2), recipe("batch_size=4"))
