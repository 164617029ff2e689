"""Synthetic plucked tones: pitch as said, the same for the same seed, measured like recordings."""

import io

import numpy as np
import pytest
import recordings
import soundfile
from rich.console import Console

from ddsp_core.features import FeatureExtractor
from training import synthetic
from training.dataset import Dataset
from training.known_pitch import PitchCurve
from training.recipe import load_recipe
from training.synthetic import Note, make_dataset, make_phrase, pluck

no_report_page = recordings.no_report_page
RECIPE = load_recipe("fm_plucked")
RATE = RECIPE.sample_rate


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fm")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(synthetic, "N_PHRASES", 2)
        make_dataset(RECIPE, folder, Console(file=io.StringIO()))
    return folder


def test_the_live_tracker_hears_the_pitch_that_was_played():
    phrase = make_phrase(np.random.default_rng(0), RATE)
    hops = phrase.audio.reshape(-1, RECIPE.hop_size)
    extractor = FeatureExtractor(RATE, RECIPE.hop_size)
    features, _ = extractor.forward(hops)
    exact = phrase.f0_hz[RECIPE.hop_size - 1 :: RECIPE.hop_size]
    heard = (features.confidence > 0.9) & (exact > 0.0)
    cents = 1200.0 * np.abs(np.log2(features.f0_hz[heard] / exact[heard]))
    assert np.mean(heard) > 0.8
    assert np.median(cents) < 10.0  # the tracker is 5.5 ms behind, and a quarter of the notes glide


def test_a_pluck_decays_and_darkens():
    note = Note(57.0, 57.0, 0.0, 1.0, 0.5)
    audio = pluck(note, RATE).audio.astype(np.float64)
    early, late = audio[800:2400], audio[9600:11200]
    assert np.std(late) < 0.5 * np.std(early)

    def brightness(part):
        power = np.abs(np.fft.rfft(part * np.hanning(len(part)))) ** 2
        return float((power * np.arange(len(power))).sum() / power.sum())

    assert brightness(late) < 0.7 * brightness(early)


def test_high_hard_notes_do_not_alias():
    audio = pluck(Note(81.0, 81.0, 0.0, 1.0, 1.0), RATE).audio.astype(np.float64)[1600:9600]
    power = np.abs(np.fft.rfft(audio * np.hanning(len(audio)))) ** 2
    hz = np.fft.rfftfreq(len(audio), 1 / RATE)
    harmonic = np.abs(hz / 880.0 - np.round(hz / 880.0)) < 0.05
    assert power[~harmonic].sum() < 1e-4 * power.sum()  # aliases would lie between the harmonics


def test_seed_decides_the_sounds():
    first, again, other = (make_phrase(np.random.default_rng(seed), RATE) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.audio, again.audio)
    assert not np.array_equal(first.audio, other.audio)
    assert len(first.audio) == len(first.f0_hz) == 24 * RATE


def test_it_is_a_dataset_like_any_other(made):
    for split in ("train", "validation"):
        assert Dataset(made, split).index.frame_rate == 250.0
    index = Dataset(made, "train").index
    assert 0.75 * 48.0 < index.statistics.train_hours * 3600 < 0.95 * 48.0
    assert index.recordings[0].agreement.within_50_cents > 0.99
    assert index.recordings[0].agreement.median_cents < 1.0


def test_made_again_it_is_the_same_and_nothing_is_measured(made, monkeypatch):
    monkeypatch.setattr(synthetic, "N_PHRASES", 2)
    monkeypatch.setattr("training.known_pitch.measure", lambda *_: pytest.fail("measured again"))
    before = (made / "index.json").read_bytes()
    sound, _ = soundfile.read(made / "sounds" / "fm_01.wav")
    make_dataset(RECIPE, made, Console(file=io.StringIO()))
    assert (made / "index.json").read_bytes() == before
    np.testing.assert_array_equal(soundfile.read(made / "sounds" / "fm_01.wav")[0], sound)


def test_a_curve_between_its_points():
    curve = PitchCurve(np.array([100.0, 102.0, 204.0, 0.0, 300.0], np.float32), 10.0, first_s=1.0)
    times_s = np.array([0.9, 1.0, 1.05, 1.1, 1.15, 1.25, 1.4, 1.5])
    expected = [0.0, 100.0, np.sqrt(100 * 102), 0.0, 0.0, 0.0, 0.0, 0.0]
    found = curve.at(times_s)
    np.testing.assert_allclose(found[[0, 1, 2, 4, 5, 7]], np.array(expected)[[0, 1, 2, 4, 5, 7]])
    assert (PitchCurve(np.zeros(1, np.float32), 10.0).at(times_s) == 0.0).all()
