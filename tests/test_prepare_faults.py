"""What `prepare` cannot use: recordings, options and places that get an error for people."""

import numpy as np
import pytest
import signals
import soundfile
from recordings import SAMPLE_RATE, melody, prepare_quietly, write

from ddsp_core.errors import AudioError, RecipeError


def test_recordings_that_cannot_be_used(tmp_path):
    with pytest.raises(AudioError, match="no such file"):
        prepare_quietly([tmp_path / "nowhere"], tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(AudioError, match="no recordings in this folder"):
        prepare_quietly([tmp_path / "empty"], tmp_path / "out")
    text = tmp_path / "text.wav"
    text.write_text("not a sound")
    with pytest.raises(AudioError, match=r"text\.wav: not audio"):
        prepare_quietly([text], tmp_path / "out")
    with pytest.raises(AudioError, match="0 seconds"):
        prepare_quietly([write(tmp_path / "none.wav", np.zeros(0, np.float32))], tmp_path / "out")
    with pytest.raises(AudioError, match="no clear pitch anywhere"):
        prepare_quietly(
            [write(tmp_path / "hiss.wav", signals.silence(2.0, SAMPLE_RATE))], tmp_path / "out"
        )


def test_a_rate_too_low_for_an_instrument(tmp_path):
    with pytest.raises(AudioError, match="8000 Hz: at least 16000 Hz"):
        prepare_quietly([write(tmp_path / "phone.wav", melody(2.0, 8000), 8000)], tmp_path / "out")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"validation_share": 0.9}, "--validation-share: 0.9: 0 to 0.5"),
        ({"sample_rate": 4000}, "--rate: 4000: 16000 to"),
        ({"hop_size": 1}, "--hop: 1: 16 to 1024"),
    ],
)
def test_options_out_of_range(tmp_path, options, words):
    with pytest.raises(RecipeError, match=words):
        prepare_quietly([tmp_path], tmp_path / "out", **options)


def test_a_file_where_the_dataset_should_go(tmp_path):
    file = write(tmp_path / "a.wav", melody(2.0, SAMPLE_RATE))
    with pytest.raises(RecipeError, match="is a file"):
        prepare_quietly([file], file)


def test_samples_that_are_not_finite(tmp_path):
    audio = melody(2.0, SAMPLE_RATE)
    audio[1000] = np.nan
    path = tmp_path / "nan.wav"
    soundfile.write(path, audio, SAMPLE_RATE, subtype="FLOAT")
    with pytest.raises(AudioError, match="NaN or infinite"):
        prepare_quietly([path], tmp_path / "out")
