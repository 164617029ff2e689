"""Voices to begin with: scaled by the recordings, and with what another voice has learned."""

from pathlib import Path

import numpy as np
import pytest
import torch
from runs import newest, recipe, tiny_dataset

from ddsp_core.checkpoint import load_voice
from ddsp_core.errors import RecipeError
from ddsp_core.voice import Voice, VoiceInputs, voice_from_file
from training.index import read_index, write_index
from training.loop import train
from training.new_voice import start_from, voice_config

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_dataset(tmp_path_factory.mktemp("set"))


@pytest.fixture(scope="module")
def lower_and_softer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset with other statistics."""
    folder = tiny_dataset(tmp_path_factory.mktemp("low"), f0_hz=330.0, n_rooms=1)
    index = read_index(folder)
    changed = {"loudness_mean_db": -26.0, "loudness_deviation_db": 9.0}
    statistics = index.statistics.model_copy(update=changed)
    write_index(index.model_copy(update={"statistics": statistics}), folder)
    return folder


@pytest.fixture(scope="module")
def trained(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run_dir = tmp_path_factory.mktemp("runs") / "old"
    train(recipe("learning_rate=0.02"), dataset, run_dir)
    return run_dir / "voice" / "one"


def test_scaling_comes_from_the_training_set(dataset: Path) -> None:
    config = voice_config(recipe(), read_index(dataset))
    pitch, loudness = config.decoder.pitch, config.decoder.loudness
    assert (pitch.mean, pitch.deviation) == pytest.approx((69.0, 12.0))
    assert (pitch.minimum, pitch.maximum) == pytest.approx((69.0 - 13.0, 69.0 + 15.0))
    assert (loudness.mean, loudness.deviation) == (-20.0, 6.0)
    assert (loudness.minimum, loudness.maximum) == (-80.0, -10.0)


def test_a_fine_tuned_voice_sounds_at_first_as_the_one_before(
    trained: Path, lower_and_softer: Path
) -> None:
    index = read_index(lower_and_softer)
    old = voice_from_file(load_voice(trained))
    new = Voice(voice_config(recipe("reverb_len=30"), index))
    told = start_from(new, trained, index)
    assert new.config.decoder.pitch != old.config.decoder.pitch
    f0_hz = torch.linspace(300.0, 500.0, 50)[None]
    loudness_db = torch.linspace(-60.0, -15.0, 50)[None]
    white = torch.zeros(1, 50 * 128)
    with torch.no_grad():
        played, wanted = (v.dry(VoiceInputs(f0_hz, loudness_db, white))[0] for v in (new, old))
    # float32 rounds the changed first layers; what comes out is of the order of 0.1
    np.testing.assert_allclose(played.numpy(), wanted.numpy(), atol=1e-5)
    assert float(wanted.abs().max()) > 0.05
    assert told["recordings"] == ["test/0.wav", "test/1.wav"]


def test_fine_tuning_says_where_it_began(
    trained: Path, lower_and_softer: Path, tmp_path: Path
) -> None:
    train(recipe("steps=3"), lower_and_softer, tmp_path / "run", voice_dir=trained)
    train(recipe(), lower_and_softer, tmp_path / "run", resume=True)
    told = load_voice(tmp_path / "run" / "voice" / "one").provenance["started_from"]
    assert told["voice"] == "one"
    assert newest(tmp_path / "run")["started_from"] == told


def test_other_sizes_are_named(trained: Path, dataset: Path, tmp_path: Path) -> None:
    expected = r"its n_units is 8, its n_bands is 3: the recipe says 16, 5: --set n_units=8 --set"
    with pytest.raises(RecipeError, match=expected):
        train(recipe("n_units=16", "n_bands=5"), dataset, tmp_path / "run", voice_dir=trained)


def test_other_features_are_refused(trained: Path, dataset: Path) -> None:
    index = read_index(dataset)
    other = index.model_copy(update={"definition": {"tracker": "another"}})
    with pytest.raises(RecipeError, match="its features are"):
        start_from(Voice(voice_config(recipe(), other), 2), trained, other)
