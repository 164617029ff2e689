"""Every format, rate and number of channels becomes one channel at the voice's rate."""

import numpy as np
import pytest
import signals
import soundfile

from ddsp_core.errors import AudioError
from training.audio_files import duration_s, find_recordings, read_sound

RATE = 48000


@pytest.mark.parametrize(
    ("name", "rate", "subtype"),
    [
        ("a.wav", 44100, "PCM_16"),
        ("a.wav", 96000, "FLOAT"),
        ("a.flac", 41092, "PCM_24"),
        ("a.mp3", 44100, "MPEG_LAYER_III"),
        ("a.ogg", 48000, "VORBIS"),
        ("a.aiff", 22050, "PCM_16"),
    ],
)
@pytest.mark.parametrize("n_channels", [1, 3])
def test_formats_rates_and_channels(tmp_path, name, rate, subtype, n_channels):
    if name.endswith("mp3") and n_channels > 2:
        pytest.skip("MP3 holds two channels at most")
    path = tmp_path / name
    tone = signals.tone(441.0, 1.0, rate)
    soundfile.write(path, np.stack([tone] * n_channels, axis=1), rate, subtype=subtype)
    assert find_recordings([tmp_path]) == [path]
    assert duration_s(path) == pytest.approx(1.0, abs=0.06)
    samples = read_sound(path.read_bytes(), name, RATE).samples
    assert len(samples) == pytest.approx(RATE, abs=0.06 * RATE)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    assert np.argmax(spectrum) * RATE / len(samples) == pytest.approx(441.0, abs=1.5)
    assert np.sqrt(np.mean(samples[5000:40000] ** 2)) == pytest.approx(0.5 / 2**0.5, rel=0.02)


# WAV and OGG that break off are shorter files to libsndfile: what is there is whole, and read.
@pytest.mark.parametrize("name", ["a.flac", "a.mp3"])
def test_a_file_that_breaks_off_is_named(tmp_path, name):
    path = tmp_path / name
    soundfile.write(path, signals.noise(4.0, RATE), RATE)
    content = path.read_bytes()
    with pytest.raises(AudioError, match=rf"{name}: .*(damaged|not audio|0 seconds)"):
        read_sound(content[: len(content) // 2], name, RATE)
