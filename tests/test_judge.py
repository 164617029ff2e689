import numpy as np
import pytest
import signals

from ddsp_core.errors import RecipeError
from training.crepe import weights_path
from training.judge import DEFAULT, JUDGES, Readings, judge

RATE = 48000


@pytest.mark.parametrize("name", [DEFAULT, "crepe-tiny"])
def test_a_known_pitch_is_heard(name):
    if name != DEFAULT and weights_path("tiny") is None:
        pytest.skip("pip install 'chanterelle[crepe]'")
    audio = signals.harmonic(np.full(RATE, 330.0), RATE, [1.0 / k for k in range(1, 11)])
    heard = judge(name, audio, RATE).at(np.arange(0.1, 0.9, 1 / 375))
    assert np.abs(1200 * np.log2(heard.f0_hz / 330.0)).max() < 15.0
    assert heard.confidence.min() > 0.7


def test_a_step_is_no_glide():
    readings = Readings(np.arange(3.0), np.array([100.0, 100.0, 200.0]), np.ones(3))
    found = readings.at(np.array([-1.0, 1.4, 1.6, 9.0]))
    assert found.f0_hz.tolist() == [100.0, 100.0, 200.0, 200.0]


def test_a_single_reading_stands_everywhere():
    found = Readings(np.zeros(1), np.array([220.0]), np.array([0.9])).at(np.arange(3.0))
    assert found.f0_hz.tolist() == [220.0] * 3


def test_unknown_judges_are_named():
    with pytest.raises(RecipeError, match="no tracker 'crepe'"):
        judge("crepe", np.zeros(RATE, np.float32), RATE)
    assert DEFAULT in JUDGES


def test_a_judge_that_is_not_installed(monkeypatch):
    monkeypatch.setattr("training.judge.is_installed", lambda name: name == DEFAULT)
    with pytest.raises(
        RecipeError, match=r"torchcrepe is not installed: pip install .* or swift-f0"
    ):
        judge("crepe-full", np.zeros(RATE, np.float32), RATE)
