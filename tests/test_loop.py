"""The training loop on two seconds of sound: it learns, goes on where it stopped, and refuses."""

import json
import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from runs import assert_same_weights, curve, losses, newest, recipe, tiny_dataset, weights
from safetensors.numpy import load_file

from ddsp_core.checkpoint import load_voice
from ddsp_core.errors import RecipeError
from training import synthetic
from training.dataset import Dataset
from training.loop import train
from training.schedule import decay, learning_rates

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_dataset(tmp_path_factory.mktemp("set"))


@pytest.fixture(scope="module")
def finished(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uninterrupted run."""
    run_dir = tmp_path_factory.mktemp("runs") / "whole"
    train(recipe(), dataset, run_dir)
    return run_dir


def test_a_run_leaves_recipe_curve_checkpoints_and_a_voice_for_each_room(finished: Path) -> None:
    assert json.loads((finished / "recipe.json").read_text()) == recipe().model_dump(mode="json")
    assert [row["step"] for row in curve(finished)] == ["3", "6"]
    names = [path.name for path in sorted((finished / "checkpoints").iterdir())]
    assert names == ["best.pt", "step-00000003.pt", "step-00000006.pt"]
    for room in ("one", "two"):
        voice = load_voice(finished / "voice" / room)
        assert voice.provenance["room"] == room
        assert voice.config.decoder.n_units == 8
        assert voice.config.synth == "harmonic"
    one, two = (load_voice(finished / "voice" / room) for room in ("one", "two"))
    assert not np.array_equal(one.tensors["room.taps"], two.tensors["room.taps"])


def stop_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while the windows of that step are drawn, which is while the one before is trained."""
    batch = Dataset.batch

    def interrupted(self: Dataset, number: int, *others: Any) -> Any:
        if number == step:
            os.kill(os.getpid(), signal.SIGINT)
        return batch(self, number, *others)

    monkeypatch.setattr(Dataset, "batch", interrupted)


@pytest.mark.parametrize("step", [2, 5])
def test_a_stopped_run_goes_on_as_if_it_had_not_been(
    step: int, dataset: Path, finished: Path, tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        stop_at(step, patch)
        train(recipe(), dataset, tmp_path / "run")
    reached = newest(tmp_path / "run")["standing"]["step"]
    assert step <= reached <= step + 1 < 7  # the step in hand is finished, and saved
    train(recipe(), dataset, tmp_path / "run", resume=True)
    assert losses(tmp_path / "run") == losses(finished)
    assert_same_weights(tmp_path / "run", finished)
    assert (tmp_path / "run" / "recipe.json").is_file()


def test_more_steps_may_be_asked_for_later(dataset: Path, finished: Path, tmp_path: Path) -> None:
    train(recipe("steps=3"), dataset, tmp_path / "run")
    train(recipe(), dataset, tmp_path / "run", resume=True)
    assert_same_weights(tmp_path / "run", finished)


def test_it_learns(dataset: Path, tmp_path: Path) -> None:
    overrides = ("steps=12", "validate_every=1", "learning_rate=0.02")
    train(recipe(*overrides), dataset, tmp_path / "run")
    held_out = [float(row["validation_loss"]) for row in curve(tmp_path / "run")]
    # Two harmonics and three bands cannot come near a saw; most of what can be had is had soon.
    assert held_out[-1] < held_out[0] - 0.15
    best = load_voice(tmp_path / "run" / "voice" / "one").provenance["held_out_loss"]
    assert best == pytest.approx(min(held_out), abs=1e-3)


def test_a_run_ends_when_it_is_good_enough(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    overrides = ("steps=9", "validate_every=2", "checkpoint_every=100", "stop_below_loss=1000")
    train(recipe(*overrides), dataset, tmp_path / "run")
    assert newest(tmp_path / "run")["standing"]["step"] == 2
    assert "below stop_below_loss, 1000" in capsys.readouterr().out
    train(recipe(*overrides), dataset, tmp_path / "run", resume=True)
    assert newest(tmp_path / "run")["standing"]["step"] == 2, "it was good enough already"


def test_a_run_ends_when_it_gets_no_better(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # At this rate nothing moves: the first validation is the best for ever.
    overrides = ["steps=9", "validate_every=1", "patience=3", "room_learning_rate=1e-30"]
    train(recipe(*overrides, "learning_rate=1e-30"), dataset, tmp_path / "run")
    assert newest(tmp_path / "run")["standing"]["step"] == 4
    assert "no better in 3 validations" in capsys.readouterr().out


def test_learning_rates_fall_a_little_at_every_step_or_at_once() -> None:
    smooth = recipe("decay_factor=0.25", "decay_steps=10", "decay_staircase=false")
    stairs = recipe("decay_factor=0.25", "decay_steps=10", "decay_staircase=true")
    assert [decay(smooth, step) for step in (0, 5, 10)] == pytest.approx([1.0, 0.5, 0.25])
    assert [decay(stairs, step) for step in (0, 9, 10, 20)] == [1.0, 1.0, 0.25, 0.0625]
    quarter = (stairs.learning_rate / 4, stairs.room_learning_rate / 4)
    assert learning_rates(stairs, 10) == pytest.approx(quarter)


def test_long_gradients_are_clipped(dataset: Path, tmp_path: Path) -> None:
    # Adam forgets the length of equally long gradients but for its epsilon, 1e-8.
    overrides = ("steps=1", "clip_norm=1e-6")
    train(recipe(*overrides), dataset, tmp_path / "run")
    moments = newest(tmp_path / "run")["optimizer"]["state"]
    instrument = [moments[n]["exp_avg"] for n in range(len(moments) - 1)]  # the last is the room's
    length = torch.stack([moment.square().sum() for moment in instrument]).sum().sqrt() / 0.1
    assert float(length) == pytest.approx(1e-6, rel=1e-3)


def test_pitch_is_not_rounded_to_bf16(dataset: Path, tmp_path: Path) -> None:
    heard: list[torch.Tensor] = []

    def listening(self: Any, inputs: tuple[torch.Tensor, ...], state: Any = None) -> Any:
        heard.append(inputs[0])
        return forward(self, inputs, state)

    from ddsp_core.decoder import Decoder

    forward = Decoder.forward
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Decoder, "forward", listening)
        train(recipe("steps=1", "precision=bf16-mixed"), dataset, tmp_path / "run")
    drawn = Dataset(dataset, "train").batch(0, 1, 2, recipe().window_frames)
    np.testing.assert_array_equal(heard[0].numpy(), drawn.f0_hz)


def test_a_folder_in_use_is_not_overwritten(dataset: Path, finished: Path) -> None:
    before = weights(finished)
    with pytest.raises(RecipeError, match="--resume"):
        train(recipe(), dataset, finished)
    assert weights(finished).keys() == before.keys()


def test_no_dataset_is_refused_unless_the_recipe_makes_its_own(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="DATASET: none given"):
        train(recipe(), None, tmp_path / "run")


def test_a_synthetic_recipe_makes_its_own_dataset_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthetic, "N_PHRASES", 2)
    monkeypatch.setattr(synthetic, "PHRASE_S", 6.0)
    train(recipe("source=fm_plucked", "steps=3"), None, tmp_path / "run")
    made = tmp_path / "run" / "dataset" / "index.json"
    before = made.stat().st_mtime_ns
    train(recipe("source=fm_plucked"), None, tmp_path / "run", resume=True)
    assert made.stat().st_mtime_ns == before
    assert [row["step"] for row in curve(tmp_path / "run")] == ["3", "6"]


class Log:
    """Stands in for TensorBoard's."""

    def __init__(self, run_dir: Path, dataset: Path, recipe: Any, first_step: int, say: Any):
        self.told: list[tuple[str, int]] = [("from", first_step)]
        Log.last = self

    last: "Log"

    def trained(self, gradient: float) -> None:
        assert gradient > 0.0

    def scalars(self, step: int, values: dict[str, float]) -> None:
        assert all(np.isfinite(value) for value in values.values())
        assert values["rate/instrument"] > values["rate/room"]
        self.told.append(("scalars", step))

    def listen(self, step: int, voice_dir: Path, voice: Any) -> None:
        assert (voice_dir / "voice.safetensors").is_file()
        self.told.append(("listen", step))

    def close(self) -> None:
        self.told.append(("close", 0))


def test_tensorboard_hears_of_every_validation_and_listens_now_and_then(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "training.board", SimpleNamespace(Board=Log))
    told = recipe("listen_every=4", "validate_every=2", "steps=8")
    train(told, dataset, tmp_path / "run", with_board=True)
    assert Log.last.told == [
        ("from", 0),
        *(("scalars", 2), ("scalars", 4), ("listen", 4)),
        *(("scalars", 6), ("scalars", 8), ("listen", 8)),
        ("close", 0),
    ]


@pytest.mark.parametrize("spoiled", ["audio", "loudness_db"])
def test_a_loss_that_is_no_number_stops_the_run_and_keeps_the_batch(
    spoiled: str, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = Dataset.batch

    def damaged(self: Dataset, step: int, *others: Any) -> Any:
        found = batch(self, step, *others)
        ruined = getattr(found, spoiled) * np.float32(np.nan)
        return found._replace(**{spoiled: ruined}) if step == 4 else found

    monkeypatch.setattr(Dataset, "batch", damaged)
    with pytest.raises(RecipeError, match=r"step 4: the loss is nan.*nan-batch-00000004"):
        train(recipe(), dataset, tmp_path / "run")
    kept = load_file(tmp_path / "run" / "nan-batch-00000004.safetensors")
    assert np.isnan(kept[spoiled]).all()
    assert kept["white"].shape == kept["audio"].shape
    saved = weights(tmp_path / "run")
    assert int(saved["step"]) == 3
    assert all(bool(torch.isfinite(value.double()).all()) for value in saved.values())
