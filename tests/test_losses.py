"""The spectral loss against values worked out by hand, against numpy, and at silence.

By hand: a window of 8 samples, hop 2, the periodic Hann sin^2(pi n / 8), so 5 bins a frame.
- An impulse is as high in every bin as the window is where it falls: 12 samples with an impulse at
  6 make three frames of 0.5, 1 and 0.5.
- A constant c is 4c at bin 0 and 2c at bin 1. An alternating c is the same from the other end.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from training import losses
from training.losses import LOG_FLOOR, SpectralLoss, spectral_loss_from
from training.recipe import load_recipe
from training.spectra import a_weighting, magnitudes

WEIGHTS = (
    "magnitude_weight",
    "log_magnitude_weight",
    "delta_time_weight",
    "delta_frequency_weight",
    "cumulative_frequency_weight",
    "loudness_weight",
)
CONSTANT = torch.ones(1, 12, dtype=torch.float64)
ALTERNATING = torch.tensor([[1.0, -1.0] * 6], dtype=torch.float64)
SILENCE = torch.zeros(1, 12, dtype=torch.float64)


def impulse(height: float = 1.0) -> Tensor:
    audio = torch.zeros(1, 12, dtype=torch.float64)
    audio[0, 6] = height
    return audio


def only(term: str, window_sizes: tuple[int, ...] = (8,), **options: Any) -> SpectralLoss:
    """A loss of one term; weight 3, so that a forgotten weight is found."""
    weights = {**dict.fromkeys(WEIGHTS, 0.0), term: 3.0}
    return SpectralLoss(window_sizes, **weights, **options)


def sound(seed: int, n_samples: int = 4096) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 0.1 * torch.randn(2, n_samples, generator=generator, dtype=torch.float64)


def test_equal_sounds_are_at_no_distance() -> None:
    assert float(SpectralLoss()(sound(0), sound(0))) == 0.0


@pytest.mark.parametrize(
    ("term", "distance", "made", "expected"),
    [
        ("magnitude_weight", "L1", impulse(), 2 / 3),
        ("magnitude_weight", "L2", impulse(), (0.25 + 1.0 + 0.25) / 3),
        ("magnitude_weight", "L1", CONSTANT, (4 + 2) / 5),
        ("magnitude_weight", "L2", CONSTANT, (16 + 4) / 5),
        ("delta_time_weight", "L1", impulse(), 0.5),
        ("delta_time_weight", "L2", impulse(), 0.25),
        ("delta_time_weight", "L1", CONSTANT, 0.0),
        ("delta_frequency_weight", "L1", impulse(), 0.0),
        ("delta_frequency_weight", "L1", CONSTANT, (2 + 2) / 4),
        ("delta_frequency_weight", "L2", CONSTANT, (4 + 4) / 4),
        # the bins' sums up to each: 1, 2, 3, 4, 5 times 0.5, 1, 0.5; and 4, 6, 6, 6, 6
        ("cumulative_frequency_weight", "L1", impulse(), 3 * 2 / 3),
        ("cumulative_frequency_weight", "L2", impulse(), 11 * 0.5),
        ("cumulative_frequency_weight", "L1", CONSTANT, 28 / 5),
        ("cumulative_frequency_weight", "L1", ALTERNATING, (2 + 6) / 5),
    ],
)
def test_distance_to_silence_by_hand(
    term: str, distance: str, made: Tensor, expected: float
) -> None:
    loss = only(term, distance=distance)
    assert float(loss(made, SILENCE)) == pytest.approx(3.0 * expected, abs=1e-9)
    assert float(loss(SILENCE, made)) == pytest.approx(3.0 * expected, abs=1e-9)


def test_logarithms_by_hand() -> None:
    # (0.5 + 0.5) / 0.5 = 2 and (1 + 0.5) / 0.5 = 3
    absolute = only("log_magnitude_weight", log_floor=0.5)
    expected = (2 * math.log(2.0) + math.log(3.0)) / 3
    assert float(absolute(impulse(), SILENCE)) == pytest.approx(3.0 * expected)
    squared = only("log_magnitude_weight", log_floor=0.5, distance="L2")
    expected = (2 * math.log(2.0) ** 2 + math.log(3.0) ** 2) / 3
    assert float(squared(impulse(), SILENCE)) == pytest.approx(3.0 * expected)


@pytest.mark.parametrize(
    ("made", "wanted", "expected"),
    [
        (impulse(), impulse(5.0), 0.0),
        (CONSTANT, ALTERNATING, 1.0),  # no bin in common
        (CONSTANT, impulse(), 1.0 - 6.0 / (20**0.5 * 5**0.5)),
        (CONSTANT, SILENCE, 1.0),
        (SILENCE, SILENCE, 0.0),
    ],
)
def test_cosines_by_hand(made: Tensor, wanted: Tensor, expected: float) -> None:
    found = float(only("magnitude_weight", distance="COSINE")(made, wanted))
    assert found == pytest.approx(3.0 * expected, abs=1e-4)  # COSINE_FLOOR


def test_a_bin_centred_cosine_in_two_window_sizes() -> None:
    # Half the window's sum in its own bin, half of that in both neighbours.
    n = torch.arange(32, dtype=torch.float64)
    cosine = torch.cos(2 * math.pi * n / 4)[None]
    found = float(only("magnitude_weight", (8, 16))(cosine, torch.zeros_like(cosine)))
    assert found == pytest.approx(3.0 * ((2 + 1 + 1) / 5 + (4 + 2 + 2) / 9))


def test_one_frame_has_no_difference_in_time() -> None:
    assert float(only("delta_time_weight")(CONSTANT[:, :8], SILENCE[:, :8])) == 0.0


CLICK_AT_SAMPLES, RATE_HZ = 100, 16000


def click(height: float) -> Tensor:
    audio = torch.zeros(1, 256, dtype=torch.float64)
    audio[0, CLICK_AT_SAMPLES] = height
    return audio


def test_a_click_ten_times_as_high_is_20_db_louder() -> None:
    absolute = only("loudness_weight", sample_rate=RATE_HZ)
    squared = only("loudness_weight", sample_rate=RATE_HZ, distance="L2")
    assert float(absolute(click(1.0), click(0.1))) == pytest.approx(3.0 * 20.0)
    assert float(squared(click(1.0), click(0.1))) == pytest.approx(3.0 * 400.0)


def test_loudness_of_a_click() -> None:
    # Frames are centred at 0, 64, 128 ... 256 samples: the click's power is the window's, squared,
    # in every bin, and silence is at -80 dB.
    away = np.arange(0, 257, 64) - CLICK_AT_SAMPLES
    window = np.cos(np.pi * away / 2048) ** 2
    mean_weight = float(a_weighting(RATE_HZ, 2048).mean())
    expected = float(np.mean(10 * np.log10(window**2 * mean_weight) + 80.0))
    found = float(only("loudness_weight", sample_rate=RATE_HZ)(click(1.0), click(0.0)))
    assert found == pytest.approx(3.0 * expected)


def ddsp_pytorch_loss(made: NDArray[Any], wanted: NDArray[Any], sizes: tuple[int, ...]) -> float:
    """That project's definition in numpy, one frame after the other."""
    total = 0.0
    for size in sizes:
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
        spectra = []
        for audio in (made, wanted):
            padded = np.pad(audio, size // 2, mode="reflect")
            starts = range(0, len(padded) - size + 1, size // 4)
            frames = np.array([padded[s : s + size] * window for s in starts])
            spectra.append(np.abs(np.fft.rfft(frames)) / np.sqrt(size))
        logs = [np.log(spectrum + 1e-7) for spectrum in spectra]
        total += np.mean(np.abs(spectra[0] - spectra[1])) + np.mean(np.abs(logs[0] - logs[1]))
    return total


def test_centred_and_normalised_is_the_loss_of_ddsp_pytorch() -> None:
    made, wanted = sound(0, 1000)[:1], sound(1, 1000)[:1]
    loss = SpectralLoss((512, 128), log_floor=1e-7, centred=True, normalised=True)
    expected = ddsp_pytorch_loss(made[0].numpy(), wanted[0].numpy(), (512, 128))
    assert float(loss(made, wanted)) == pytest.approx(expected, rel=1e-12)


def test_the_default_is_magnitudes_and_logarithms_over_all_sizes() -> None:
    made, wanted = sound(0), sound(1)
    terms = {"magnitude_weight": 1.0, "log_magnitude_weight": 1.0}
    sizes = losses.WINDOW_SIZES
    by_hand = sum(float(only(term, sizes)(made, wanted)) / 3.0 for term in terms)
    assert float(SpectralLoss()(made, wanted)) == pytest.approx(by_hand)


def test_the_recipe_is_obeyed() -> None:
    options = ["loss.distance=L2", "loss.loudness_weight=0.5", "loss.window_sizes=[64, 16]"]
    recipe = load_recipe("live", options)
    loss = spectral_loss_from(recipe.loss, recipe.sample_rate)
    made, wanted = sound(0), sound(1)
    alike = SpectralLoss((64, 16), distance="L2", loudness_weight=0.5, sample_rate=48000)
    assert float(loss(made, wanted)) == float(alike(made, wanted))
    assert float(loss(made, wanted)) != float(SpectralLoss((64, 16))(made, wanted))


def test_terms_of_no_weight_are_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> Tensor:
        raise AssertionError("a spectrum that nobody asked for")

    monkeypatch.setattr(losses, "frame_loudness_db", never)
    assert float(SpectralLoss()(sound(0), sound(1))) > 0.0
    monkeypatch.undo()
    monkeypatch.setattr(losses, "magnitudes", never)
    assert float(only("loudness_weight", sample_rate=RATE_HZ)(sound(0), sound(1))) > 0.0


def test_what_cannot_be_computed_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="none of L1, L2, COSINE"):
        SpectralLoss(distance="L3")
    with pytest.raises(ValueError, match="sample_rate"):
        SpectralLoss(loudness_weight=1.0)


@pytest.mark.parametrize("distance", ["L1", "L2", "COSINE"])
@pytest.mark.parametrize("to_target", [torch.zeros_like, torch.ones_like])
def test_gradients_are_finite_at_silence(
    distance: str, to_target: Callable[[Tensor], Tensor]
) -> None:
    silence = torch.zeros(1, 4096, requires_grad=True)
    weights = dict.fromkeys(WEIGHTS, 1.0)
    loss = SpectralLoss(distance=distance, sample_rate=RATE_HZ, **weights)
    found = loss(silence, to_target(silence))
    found.backward()
    assert silence.grad is not None
    assert bool(torch.isfinite(silence.grad).all())
    assert bool(torch.isfinite(found))
    if to_target is torch.zeros_like:
        assert found.item() == pytest.approx(0.0, abs=1e-6)


def test_a_louder_copy_is_the_same_logarithm_off_in_every_scale() -> None:
    loss = SpectralLoss((2048, 512))
    found = float(loss(2.0 * sound(0), sound(0)))
    linear = sum(float(magnitudes(sound(0), size).mean()) for size in (2048, 512))
    # The floor under the logarithm takes a little away.
    assert found == pytest.approx(linear + 2 * math.log(2.0), rel=1e-3)


def test_it_is_symmetric_and_blind_to_polarity() -> None:
    loss = SpectralLoss()
    assert float(loss(sound(0), sound(1))) == pytest.approx(float(loss(sound(1), sound(0))))
    assert float(loss(-sound(0), sound(0))) == pytest.approx(0.0, abs=1e-9)


def test_silence_against_sound_costs_the_distance_to_the_floor() -> None:
    target = sound(0)
    found = float(SpectralLoss((512,))(torch.zeros_like(target), target))
    heard = magnitudes(target, 512)
    expected = heard.mean() + ((heard + LOG_FLOOR) / LOG_FLOOR).log().mean()
    assert found == pytest.approx(float(expected))
