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


def test_too_little_says_how_much_there_is_and_how_much_is_needed(tmp_path):
    file = write(tmp_path / "short.wav", melody(3.0, SAMPLE_RATE))
    with pytest.raises(AudioError) as caught:
        prepare_quietly([file], tmp_path / "out", reference="none")
    for part in ("2.8 s can be used of 3.0 s", "at least 10 s, and 5 to 20 minutes", "record more"):
        assert part in str(caught.value)


def test_no_monophonic_sound(tmp_path):
    pytest.importorskip("swift_f0", reason="pip install swift-f0")
    chord = sum(signals.rich_tone(f0_hz, 12.0, SAMPLE_RATE, peak=0.3) for f0_hz in (262, 311, 370))
    with pytest.raises(AudioError, match="no monophonic sound found: no clear pitch anywhere"):
        prepare_quietly([write(tmp_path / "chord.wav", chord)], tmp_path / "out")


def test_a_damaged_file_is_named_and_the_others_are_kept(tmp_path):
    good = write(tmp_path / "in" / "good.wav", melody(11.0, SAMPLE_RATE))
    damaged = write(tmp_path / "in" / "damaged.flac", melody(11.0, SAMPLE_RATE))
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2 :] = b""
    damaged.write_bytes(content)
    with pytest.raises(AudioError, match=r"damaged\.flac: not audio .*leave it out"):
        prepare_quietly([good, damaged], tmp_path / "out", reference="none")
    assert [path.name[:4] for path in (tmp_path / "out" / "recordings").iterdir()] == ["good"]


def test_a_tracker_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setattr("training.reference_pitch.is_installed", lambda name: False)
    with pytest.raises(RecipeError, match=r"torchcrepe is not installed.*chanterelle\[crepe\]"):
        prepare_quietly([tmp_path], tmp_path / "out", reference="crepe-full")


def test_a_rate_too_low_for_an_instrument(tmp_path):
    with pytest.raises(AudioError, match="8000 Hz: at least 16000 Hz"):
        prepare_quietly([write(tmp_path / "phone.wav", melody(2.0, 8000), 8000)], tmp_path / "out")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"validation_share": 0.9}, "--validation-share: 0.9: 0 to 0.5"),
        ({"sample_rate": 4000}, "--rate: 4000: 16000 to"),
        ({"hop_size": 1}, "--hop: 1: 16 to 1024"),
        ({"test_share": 0.5}, "--test-share: 0.5: 0 to 0.4"),
        ({"jobs": 0}, "--jobs: 0: 1 or more"),
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
