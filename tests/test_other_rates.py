"""The whole way from sound to training windows at the rates and hops of the bundled recipes."""

import io

import numpy as np
import pytest
import recordings
import soundfile
from rich.console import Console

from training.dataset import Dataset
from training.prepare import Options, prepare
from training.recipe import load_recipe
from training.synthetic import Phrase, make_phrase

no_report_page = recordings.no_report_page


@pytest.mark.parametrize("name", ["string_along", "magenta_solo"])
def test_target_and_features_are_of_the_same_moment(tmp_path, name):
    """Plucks have an edge to go by: loudness and pitch of frame n are of sample (n + 1) * hop."""
    recipe = load_recipe(name)
    rate, hop_size = recipe.sample_rate, recipe.hop_size
    whole = make_phrase(np.random.default_rng(5), rate)
    phrase = Phrase(whole.audio[: 12 * rate], whole.f0_hz[: 12 * rate])
    sound = tmp_path / "in" / "plucked.wav"
    sound.parent.mkdir()
    soundfile.write(sound, phrase.audio, rate)
    options = Options(sample_rate=rate, hop_size=hop_size, reference="none", jobs=1)
    prepare([sound], tmp_path / "out", options, Console(file=io.StringIO()))
    clip = next(Dataset(tmp_path / "out", "train").clips(60.0))
    batch, n_frames = clip.batch, clip.batch.f0_hz.shape[1]
    assert batch.audio.shape == (1, n_frames * hop_size)

    # a Hann window of 16 ms around sample t, as loudness has it; frames at all delays around 0
    window = np.hanning(round(0.016 * rate))
    power = np.convolve(batch.audio[0].astype(np.float64) ** 2, window / window.sum(), "same")
    frames = np.arange(8, n_frames - 8)
    delays = np.arange(-2 * hop_size, 2 * hop_size + 1, hop_size // 8)
    level_db = [10 * np.log10(power[(frames + 1) * hop_size + d] + 1e-8) for d in delays]
    match = [np.corrcoef(batch.loudness_db[0, frames], level)[0, 1] for level in level_db]
    assert max(match) > 0.9
    assert abs(delays[np.argmax(match)]) <= hop_size / 4

    # the exact pitch, at the same place of the recording
    start = round(clip.start_s * rate / hop_size) * hop_size
    delay = Dataset(tmp_path / "out", "train").index.delay_samples
    exact = phrase.f0_hz[np.clip(start - delay + (frames + 1) * hop_size, 0, len(phrase.f0_hz) - 1)]
    sure = (exact > 0.0) & (batch.confidence[0, frames] > 0.9)
    cents = 1200.0 * np.abs(np.log2(batch.f0_hz[0, frames][sure] / exact[sure]))
    assert np.mean(cents < 50.0) > 0.97
    assert np.median(cents) < 1.0
