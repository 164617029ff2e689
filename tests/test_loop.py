"""The training loop on two seconds of sound: it learns, goes on where it stopped, and refuses."""

import csv
import json
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import signals
import torch
from test_dataset import HOP_SIZE, SAMPLE_RATE, make_dataset

from ddsp_core.checkpoint import load_voice
from ddsp_core.errors import RecipeError
from training import loop
from training.curve import add_to_curve, rewind_curve
from training.dataset import Dataset
from training.index import Statistics, read_index, write_index
from training.loop import train
from training.recipe import Recipe, load_recipe
from training.segments import Segment

torch.set_num_threads(1)

TINY = [
    "n_units=8", "n_harmonics=2", "n_bands=3", "reverb_len=20", "window_s=0.1", "warm_up_s=0.02",
    "batch_size=2", "loss.window_sizes=[256, 64]", "steps=6", "precision=32-true",
    "checkpoint_every=3", "validate_every=3", "level_range_db=[0, 0]", "pitch_range_semitones=0",
]  # fmt: skip


def recipe(*overrides: str) -> Recipe:
    return load_recipe("live", [*TINY, *overrides])


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    audio = signals.rich_tone(440.0, 2.0, SAMPLE_RATE)
    n_frames = len(audio) // HOP_SIZE
    cut = n_frames * 3 // 4
    segments = [Segment(0, cut, 0, "train"), Segment(cut, n_frames, cut, "validation")]
    recordings = [(audio, "phrases", room, 0.0, segments) for room in (0, 1)]
    folder: Path = make_dataset(tmp_path_factory.mktemp("set"), recordings)
    statistics = Statistics(
        loudness_mean_db=-20.0,
        loudness_deviation_db=6.0,
        loudness_quantiles_db={"50": -20.0, "100": -10.0},
        f0_mean_midi=69.0,
        f0_deviation_midi=5.0,
        f0_quantiles_hz={"1": 220.0, "50": 440.0, "99": 880.0},
        train_hours=0.0,
        validation_hours=0.0,
    )
    write_index(read_index(folder).model_copy(update={"statistics": statistics}), folder)
    return folder


def weights(run_dir: Path) -> dict[str, Any]:
    saved = torch.load(run_dir / "checkpoint.pt", weights_only=True)
    flat = dict(saved["voice"])
    for number, moments in saved["optimizer"]["state"].items():
        flat |= {f"{number}.{name}": value for name, value in moments.items()}
    return flat | {"step": torch.tensor(saved["step"]), "best": torch.tensor(saved["best"])}


def curve(run_dir: Path) -> list[dict[str, str]]:
    with (run_dir / "curve.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def finished(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uninterrupted run."""
    run_dir = tmp_path_factory.mktemp("runs") / "whole"
    train(recipe(), dataset, run_dir, resume=False)
    return run_dir


def test_a_run_leaves_recipe_curve_checkpoint_and_a_voice_for_each_room(finished: Path) -> None:
    assert json.loads((finished / "recipe.json").read_text()) == recipe().model_dump(mode="json")
    assert [row["step"] for row in curve(finished)] == ["3", "6"]
    for room in ("one", "two"):
        voice = load_voice(finished / "voice" / room)
        assert voice.provenance["room"] == room
        assert voice.config.decoder.n_units == 8
    one, two = (load_voice(finished / "voice" / room) for room in ("one", "two"))
    assert not np.array_equal(one.tensors["room.taps"], two.tensors["room.taps"])


def saved_step(run_dir: Path) -> int:
    return int(torch.load(run_dir / "checkpoint.pt", weights_only=True)["step"])


def test_steps_after_the_checkpoint_leave_the_curve(tmp_path: Path) -> None:
    for step in (3, 6, 9):
        add_to_curve(tmp_path, step, 1.0, 2.0)
    rewind_curve(tmp_path, 6)
    assert [row["step"] for row in curve(tmp_path)] == ["3", "6"]


def stop_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C as that step begins."""
    batch = Dataset.batch

    def interrupted(self: Dataset, number: int, *others: Any) -> Any:
        if number == step:
            os.kill(os.getpid(), signal.SIGINT)
        return batch(self, number, *others)

    monkeypatch.setattr(Dataset, "batch", interrupted)


@pytest.mark.parametrize("step", [3, 5])
def test_a_stopped_run_goes_on_as_if_it_had_not_been(
    step: int, dataset: Path, finished: Path, tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        stop_at(step, patch)
        train(recipe(), dataset, tmp_path / "run", resume=False)
    assert saved_step(tmp_path / "run") == step + 1  # the step in hand is finished
    train(recipe(), dataset, tmp_path / "run", resume=True)
    steps = [row["step"] for row in curve(tmp_path / "run")]
    assert steps == ["3", "6"]
    resumed, whole = weights(tmp_path / "run"), weights(finished)
    assert resumed.keys() == whole.keys()
    for name, value in whole.items():
        assert torch.equal(resumed[name], value), name
    assert (tmp_path / "run" / "recipe.json").is_file()


def test_more_steps_may_be_asked_for_later(dataset: Path, finished: Path, tmp_path: Path) -> None:
    train(recipe("steps=3"), dataset, tmp_path / "run", resume=False)
    train(recipe(), dataset, tmp_path / "run", resume=True)
    later = weights(tmp_path / "run")
    for name, value in weights(finished).items():
        assert torch.equal(later[name], value), name


def test_it_learns(dataset: Path, tmp_path: Path) -> None:
    overrides = ("steps=12", "validate_every=1", "learning_rate=0.02")
    train(recipe(*overrides), dataset, tmp_path / "run", resume=False)
    losses = [float(row["validation_loss"]) for row in curve(tmp_path / "run")]
    # Two harmonics and three bands cannot come near a saw; most of what can be had is had soon.
    assert losses[-1] < losses[0] - 0.3
    best = load_voice(tmp_path / "run" / "voice" / "one").provenance["held_out_loss"]
    assert best == pytest.approx(min(losses), abs=1e-3)


def test_validation_always_hears_the_same(dataset: Path) -> None:
    validation = Dataset(dataset, "validation")
    run = loop._new_run(recipe(), validation.index, dataset)
    assert loop.validation_loss(run, validation) == loop.validation_loss(run, validation)


def test_another_recipe_is_refused(dataset: Path, finished: Path) -> None:
    before = (finished / "checkpoint.pt").read_bytes()
    with pytest.raises(RecipeError, match=r"learning_rate was 0\.001, is 0\.002"):
        train(recipe("learning_rate=0.002"), dataset, finished, resume=True)
    assert (finished / "checkpoint.pt").read_bytes() == before


def test_a_folder_in_use_is_not_overwritten(dataset: Path, finished: Path) -> None:
    before = (finished / "checkpoint.pt").read_bytes()
    with pytest.raises(RecipeError, match="--resume"):
        train(recipe(), dataset, finished, resume=False)
    assert (finished / "checkpoint.pt").read_bytes() == before


def test_nothing_to_resume_is_said(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="leave --resume out"):
        train(recipe(), dataset, tmp_path / "run", resume=True)


def test_a_dataset_at_another_rate_is_refused(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="44100 Hz, hop 128, as the recipe says"):
        train(recipe("sample_rate=44100"), dataset, tmp_path / "run", resume=False)
    assert not (tmp_path / "run").exists()


def test_a_loss_that_is_no_number_stops_the_run(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = Dataset.batch

    def spoiled(self: Dataset, step: int, *others: Any) -> Any:
        found = batch(self, step, *others)
        return found._replace(audio=found.audio * np.float32(np.nan)) if step == 4 else found

    monkeypatch.setattr(Dataset, "batch", spoiled)
    with pytest.raises(RecipeError, match="step 4: the loss is nan: a finite loss: lower"):
        train(recipe(), dataset, tmp_path / "run", resume=False)
    saved = weights(tmp_path / "run")
    assert int(saved["step"]) == 3
    assert all(bool(torch.isfinite(value.double()).all()) for value in saved.values())
