"""A new voice is scaled by its recordings."""

from pathlib import Path

import pytest
from runs import recipe, tiny_dataset

from training.index import read_index
from training.new_voice import voice_config


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_dataset(tmp_path_factory.mktemp("set"))


def test_scaling_comes_from_the_training_set(dataset: Path) -> None:
    config = voice_config(recipe(), read_index(dataset))
    pitch, loudness = config.decoder.pitch, config.decoder.loudness
    assert (pitch.mean, pitch.deviation) == pytest.approx((69.0, 12.0))
    assert (pitch.minimum, pitch.maximum) == pytest.approx((69.0 - 13.0, 69.0 + 15.0))
    assert (loudness.mean, loudness.deviation) == (-20.0, 6.0)
    assert (loudness.minimum, loudness.maximum) == (-80.0, -10.0)
