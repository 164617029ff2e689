import io

import numpy as np
import pytest
import scales
import signals
import soundfile
from rich.console import Console

from ddsp_core.errors import AudioError, VoiceError
from training.cross_offline import COMPARABLE, render_offline
from training.cross_synthesis import agreement, recordings, sing, songs, sung_table

RATE = scales.SAMPLE_RATE


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return scales.first(scales.prepare_scale(tmp_path_factory.mktemp("sung")))


@pytest.fixture(scope="module")
def voice_dir(tmp_path_factory):
    return scales.save_small_voice(tmp_path_factory.mktemp("voice") / "small")


@pytest.fixture(scope="module")
def sung(dataset, voice_dir, tmp_path_factory):
    """One song through the live engine and offline, measured."""
    path = scales.song(tmp_path_factory.mktemp("song") / "la.wav")
    (song,) = songs([path], dataset.index)
    return sing(voice_dir, song, recordings([dataset], None), "swift-f0")


def test_the_live_engine_and_the_offline_path_agree(sung):
    assert np.abs(sung.offline).max() > 0.01
    assert len(sung.live) == len(sung.offline) == len(sung.song.audio)
    # float32 kernels and a file of 24 bits lie between the two.
    assert sung.agreement.snr_db > 60.0
    assert sung.agreement.largest_difference < 1e-3


def test_another_octave_is_no_agreement(sung, voice_dir):
    controls = {**sung.song.controls, **COMPARABLE}
    lower = {**controls, "octave_shift": controls["octave_shift"] - 1.0}
    other = render_offline(voice_dir, sung.song.audio, RATE, lower)
    level = 10 ** (-COMPARABLE["output_gain_db"] / 20)
    assert agreement(sung.offline, other * np.float32(level)).snr_db < 10.0


def test_what_was_asked_for_is_what_came(sung):
    figures = sung.figures()
    assert figures["octave_shift"] == 0.0
    assert figures["f0_within_50_cents"] > 0.9
    assert figures["timbre_singer"] > 0.0
    assert figures["timbre_ratio"] == figures["timbre_output"] / figures["timbre_singer"]


def test_the_table_says_where_live_is_not_offline(sung):
    console = Console(record=True, width=140, file=io.StringIO())
    off = sung._replace(agreement=sung.agreement._replace(snr_db=20.0))
    console.print(sung_table([sung, off]))
    text = console.export_text()
    assert "NO: 20 dB" in text
    assert text.count("NO:") == 1


def test_recordings_by_the_notes_they_play(dataset):
    found = recordings([dataset], None)
    notes = 69 + 12 * np.log2(np.array(scales.NOTES_HZ) / 440.0)
    off = np.abs(found.midi[:, None] - notes).min(axis=1)
    assert np.mean(off < 0.1) > 0.95
    assert found.frames.shape == (len(found.midi), 13)


def test_a_song_that_cannot_be_read(dataset, tmp_path):
    (tmp_path / "la.wav").write_bytes(b"no sound")
    with pytest.raises(AudioError, match=r"la\.wav"):
        songs([tmp_path / "la.wav"], dataset.index)
    assert len(songs(None, dataset.index)) >= 2


def test_a_damaged_voice(tmp_path, dataset):
    (tmp_path / "voice.safetensors").write_bytes(b"no voice")
    soundfile.write(tmp_path / "la.wav", signals.tone(330.0, 0.5, RATE), RATE)
    (song,) = songs([tmp_path / "la.wav"], dataset.index)
    with pytest.raises(VoiceError):
        sing(tmp_path, song, recordings([dataset], None), "swift-f0")
