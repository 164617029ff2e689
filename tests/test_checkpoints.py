"""Checkpoints: which are kept, what a full disk or a damaged file leaves, what is refused."""

import contextlib
import errno
import io
import math
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from runs import assert_same_weights, curve, losses, newest, recipe, tiny_dataset

from ddsp_core.checkpoint import load_voice
from ddsp_core.errors import RecipeError
from training import checkpoints
from training.checkpoints import Standing, list_checkpoints, load_checkpoint, save_checkpoint
from training.curve import add_to_curve, rewind_curve
from training.index import read_index, write_index
from training.loop import train
from training.whole_files import write_whole

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_dataset(tmp_path_factory.mktemp("set"))


@pytest.fixture(scope="module")
def finished(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run_dir = tmp_path_factory.mktemp("runs") / "whole"
    train(recipe(), dataset, run_dir)
    return run_dir


@pytest.fixture
def run_dir(finished: Path, tmp_path: Path) -> Path:
    """A finished run of its own for each test."""
    return Path(shutil.copytree(finished, tmp_path / "run"))


def empty_checkpoint(step: int, **parts: Any) -> dict[str, Any]:
    content = dict.fromkeys(checkpoints.KEYS)
    return {**content, "standing": {"step": step}, **parts}


def names(run_dir: Path) -> list[str]:
    return sorted(path.name for path in (run_dir / "checkpoints").iterdir())


def test_the_newest_five_and_the_best_are_kept(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, empty_checkpoint(100), is_best=True)
    for step in (100, 200, 300, 400, 500, 600, 100_000_000):
        save_checkpoint(tmp_path, empty_checkpoint(step))
    steps = [load_checkpoint(path)["standing"]["step"] for path in list_checkpoints(tmp_path)]
    assert steps == [300, 400, 500, 600, 100_000_000]
    assert load_checkpoint(tmp_path / "checkpoints" / "best.pt")["standing"]["step"] == 100
    assert len(names(tmp_path)) == 6


def test_the_best_is_the_one_with_the_lowest_validation_loss(tmp_path: Path) -> None:
    standing = Standing(losses=[1.0, 2.0])
    found = [standing.validated(loss) for loss in (3.0, 2.0, 2.5, 2.0, math.nan, 1.0)]
    assert found == [True, True, False, False, False, True]
    assert (standing.best, standing.stale, standing.losses) == (1.0, 0, [])


@contextlib.contextmanager
def full_disk() -> Iterator[None]:
    """No file can grow beyond 4 kB, not even pytest's own log: keep it short."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_the_old_checkpoints(dataset: Path, run_dir: Path) -> None:
    before = names(run_dir)
    with pytest.raises(RecipeError, match=r"not saved: File too large.*--resume"), full_disk():
        train(recipe("steps=9"), dataset, run_dir, resume=True)
    assert names(run_dir) == before, "nothing is left of the one that did not fit"
    assert newest(run_dir)["standing"]["step"] == 6


def test_a_voice_that_does_not_fit_on_the_disk_leaves_the_old_one(
    dataset: Path, run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        (run_dir / "voice" / "one" / "voice.partial").write_bytes(b"cut sh")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("training.best_voice.save_voice", full)
    with pytest.raises(RecipeError, match=r"one/voice\.safetensors: not saved: No space left"):
        train(recipe("steps=90"), dataset, run_dir, resume=True)
    assert [path.name for path in (run_dir / "voice" / "one").iterdir()] == ["voice.safetensors"]
    load_voice(run_dir / "voice" / "one")


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_whole(path, b"old")
    with pytest.raises(RecipeError, match="what was saved before is untouched"), full_disk():
        write_whole(path, bytes(10_000))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def cut_short(data: bytes) -> bytes:
    return data[: len(data) // 2]


def a_weight_off(data: bytes) -> bytes:
    """One byte of one number: nothing but a checksum can tell."""
    saved = torch.load(io.BytesIO(data), weights_only=True)
    weight = saved["voice"]["decoder.mlp_f0.0.weight"].numpy().tobytes()
    at = data.index(weight)
    return data[:at] + bytes([data[at] ^ 0x01]) + data[at + 1 :]


def emptied(data: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("damage", [cut_short, a_weight_off, emptied])
def test_a_damaged_checkpoint_is_said_and_the_one_before_taken(
    damage: Any, dataset: Path, finished: Path, run_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = list_checkpoints(run_dir)[-1]
    path.write_bytes(damage(path.read_bytes()))
    train(recipe(), dataset, run_dir, resume=True)
    said = capsys.readouterr().out
    assert "step-00000006.pt: damaged" in said
    assert "the one before is taken" in said
    assert losses(run_dir) == losses(finished)
    assert_same_weights(run_dir, finished)


def test_a_checkpoint_runs_no_code(tmp_path: Path) -> None:
    path = tmp_path / "step-00000001.pt"
    torch.save(empty_checkpoint(1, voice=print), path)
    with pytest.raises(RecipeError, match="damaged"):
        load_checkpoint(path)


def test_nothing_to_resume_is_said(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="leave --resume out"):
        train(recipe(), dataset, tmp_path / "run", resume=True)


def test_another_recipe_is_refused(dataset: Path, run_dir: Path) -> None:
    with pytest.raises(RecipeError, match=r"learning_rate was 0\.001, is 0\.002"):
        train(recipe("learning_rate=0.002"), dataset, run_dir, resume=True)


def test_a_dataset_that_has_changed_since_is_refused(run_dir: Path, tmp_path: Path) -> None:
    folder = tiny_dataset(tmp_path / "set")
    index = read_index(folder)
    louder = index.statistics.model_copy(update={"loudness_mean_db": -10.0})
    write_index(index.model_copy(update={"statistics": louder}), folder)
    with pytest.raises(RecipeError, match="has changed since: statistics: the dataset that"):
        train(recipe(), folder, run_dir, resume=True)


def test_a_dataset_at_another_rate_is_refused(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="44100 Hz, hop 128, as the recipe says"):
        train(recipe("sample_rate=44100"), dataset, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_dataset_with_other_features_is_refused(tmp_path: Path) -> None:
    folder = tiny_dataset(tmp_path / "old")
    index = read_index(folder)
    before = {**index.definition, "pitch": "zero crossings"}
    write_index(index.model_copy(update={"definition": before}), folder)
    with pytest.raises(RecipeError, match=r"its pitch is zero crossings: .*, as features are now"):
        train(recipe(), folder, tmp_path / "run")


def test_steps_after_the_checkpoint_leave_the_curve(tmp_path: Path) -> None:
    rewind_curve(tmp_path, 6)  # nothing there yet
    for step in (3, 6, 9):
        add_to_curve(tmp_path, step, 1.0, 2.0)
    with (tmp_path / "curve.csv").open("a") as file:
        file.write("4")  # of 48,..., when the power went
    rewind_curve(tmp_path, 6)
    assert [row["step"] for row in curve(tmp_path)] == ["3", "6"]
