"""Beginning with another voice: it sounds as that did, keeps its rooms, and must be alike."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from runs import newest, recipe, tiny_dataset

from ddsp_core.checkpoint import load_voice
from ddsp_core.errors import RecipeError, VoiceError
from ddsp_core.voice import Voice, VoiceInputs, voice_from_file
from training.cli import main
from training.fine_tuning import Beginning, start_from
from training.index import Index, read_index, write_index
from training.loop import train
from training.new_voice import voice_config

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_dataset(tmp_path_factory.mktemp("set"))


@pytest.fixture(scope="module")
def lower_and_softer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset with other statistics."""
    folder = tiny_dataset(tmp_path_factory.mktemp("low"), f0_hz=330.0, n_rooms=1)
    return changed(
        folder,
        statistics=read_index(folder).statistics.model_copy(
            update={"loudness_mean_db": -26.0, "loudness_deviation_db": 9.0}
        ),
    )


@pytest.fixture(scope="module")
def other_loudness(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tiny_dataset(tmp_path_factory.mktemp("other"))
    definition = {**read_index(folder).definition, "loudness": "a-weighted-otherwise-7"}
    return changed(folder, definition=definition)


@pytest.fixture(scope="module")
def run_dir(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with two rooms."""
    folder = tmp_path_factory.mktemp("runs") / "old"
    train(recipe("learning_rate=0.02", "room_learning_rate=0.01"), dataset, folder)
    return folder


@pytest.fixture(scope="module")
def trained(run_dir: Path) -> Path:
    return run_dir / "voice" / "one"


def changed(folder: Path, **update: Any) -> Path:
    """The dataset with another index."""
    write_index(read_index(folder).model_copy(update=update), folder)
    return folder


def begun(source: Path, index: Index, *overrides: str) -> tuple[Voice, dict[str, Any]]:
    """A voice for the dataset that begins with an old one, and what is told of that."""
    voice = Voice(voice_config(recipe(*overrides), index), len(index.rooms))
    return voice, start_from(voice, Beginning(source), index)


def taps(source: Path, room: str) -> Any:
    return load_voice(source / "voice" / room).tensors["room.taps"][0]


def test_a_fine_tuned_voice_sounds_at_first_as_the_one_before(
    trained: Path, lower_and_softer: Path
) -> None:
    old = voice_from_file(load_voice(trained))
    new, told = begun(trained, read_index(lower_and_softer), "reverb_len=30")
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
    assert told["rooms"] == []  # 20 samples are no room of 30


def test_a_run_takes_all_its_rooms_along_by_name(run_dir: Path, dataset: Path) -> None:
    index = read_index(dataset)
    turned = index.model_copy(update={"rooms": ["two", "one"]})
    voice, told = begun(run_dir, turned)
    assert told["rooms"] == ["one", "two"]
    for number, room in enumerate(turned.rooms):
        np.testing.assert_array_equal(voice.room.taps[number].detach(), taps(run_dir, room))
    assert not np.array_equal(taps(run_dir, "one"), taps(run_dir, "two"))


def test_a_voice_folder_takes_the_one_room_that_it_has(trained: Path, dataset: Path) -> None:
    index = read_index(dataset)
    more = index.model_copy(update={"rooms": ["hall", "one"]})
    voice, told = begun(trained, more)
    assert told["rooms"] == ["one"]
    old = load_voice(trained).tensors["room.taps"][0]
    np.testing.assert_array_equal(voice.room.taps[1].detach(), old)
    assert not np.array_equal(voice.room.taps[0].detach(), old)


def test_fine_tuning_says_where_it_began(
    trained: Path, lower_and_softer: Path, tmp_path: Path
) -> None:
    beginning = Beginning(trained)
    train(recipe("steps=3"), lower_and_softer, tmp_path / "run", beginning=beginning)
    train(recipe(), lower_and_softer, tmp_path / "run", resume=True)
    told = load_voice(tmp_path / "run" / "voice" / "one").provenance["started_from"]
    assert (told["voice"], told["rooms"]) == ("one", ["one"])
    assert newest(tmp_path / "run")["started_from"] == told


def test_other_sizes_are_named(trained: Path, dataset: Path) -> None:
    expected = r"its n_units is 8, its n_bands is 3: the recipe says 16, 5: --set n_units=8 --set"
    with pytest.raises(RecipeError, match=expected):
        begun(trained, read_index(dataset), "n_units=16", "n_bands=5")


def test_other_features_are_refused_unless_they_are_asked_for(
    trained: Path, other_loudness: Path
) -> None:
    index = read_index(other_loudness)
    expected = r"its loudness is a-weighted-[^:]*: .*a-weighted-otherwise-7: --other-features takes"
    with pytest.raises(RecipeError, match=expected):
        begun(trained, index)
    voice = Voice(voice_config(recipe(), index), 2)
    told = start_from(voice, Beginning(trained, other_features=True), index)
    assert told["rooms"] == ["one"]
    assert not voice.room.taps[0].detach().equal(voice.room.taps[1].detach())


def test_the_flags_reach_the_run(
    run_dir: Path, dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["train", str(dataset), "--out", str(tmp_path / "run"), "--no-board", "--device", "cpu"]
    assert main([*flags, "--other-features"]) == 2
    assert "--other-features: nothing to begin with: with --from" in capsys.readouterr().err
    assert main([*flags, "--from", str(tmp_path / "nothing"), "--other-features"]) == 2
    assert "no such folder" in capsys.readouterr().err
    assert main([*flags, "--from", str(run_dir), "--other-features"]) == 2
    assert "--set n_units=8" in capsys.readouterr().err  # the recipe is the real one


def test_a_folder_without_a_voice(tmp_path: Path, dataset: Path) -> None:
    with pytest.raises(VoiceError, match="neither a run nor a voice"):
        begun(tmp_path, read_index(dataset))
