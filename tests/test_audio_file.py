from pathlib import Path

import numpy as np
import pytest
import soundfile

from ddsp_core.errors import AudioError
from realtime.audio_file import read_audio, read_native


def write(path: Path, signal: np.ndarray, rate: int, subtype: str = "FLOAT") -> Path:
    soundfile.write(path, signal, rate, subtype)
    return path


def test_a_file_comes_as_it_stands(tmp_path: Path) -> None:
    signal = np.random.default_rng(0).uniform(-1, 1, (100, 3)).astype(np.float32)
    audio, rate = read_native(write(tmp_path / "a.wav", signal, 12345))
    assert rate == 12345
    assert audio.dtype == np.float32
    np.testing.assert_array_equal(audio, signal)


@pytest.mark.parametrize("n_channels", [1, 2, 8])
@pytest.mark.parametrize("rate", [8000, 44100, 48000, 96000])
def test_any_rate_and_any_channels_become_mono_at_the_voices_rate(
    tmp_path: Path, rate: int, n_channels: int
) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    path = write(tmp_path / "a.wav", np.stack([tone] * n_channels, axis=1), rate)
    audio = read_audio(path, 48000)
    assert audio.shape == (48000,)
    assert audio.dtype == np.float32
    assert audio.flags.c_contiguous
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(48000) / 48000)
    np.testing.assert_allclose(audio[3000:-3000], expected[3000:-3000], atol=1e-3)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"nothing\.wav: no such file"):
        read_native(tmp_path / "nothing.wav")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="is not a file"):
        read_native(tmp_path)


@pytest.mark.parametrize("name", ["a.wav", "a.txt", "a.raw", "a.mp3", "a"])
@pytest.mark.parametrize("content", [b"not a sound at all\n" * 9, b"", b"RIFF"])
def test_a_text_is_not_audio(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(AudioError, match="not audio"):
        read_native(path)


def test_an_empty_recording_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.zeros(0, np.float32), 48000)
    with pytest.raises(AudioError, match="0 s long"):
        read_native(path)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_not_finite_is_located(tmp_path: Path, bad: float) -> None:
    signal = np.zeros((48000, 2), np.float32)
    signal[24000, 1] = bad
    with pytest.raises(AudioError, match=r"at 0\.500 s"):
        read_native(write(tmp_path / "a.wav", signal, 48000))


def test_too_low_a_rate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="7999 Hz: at least 8000 Hz"):
        read_native(write(tmp_path / "a.wav", np.zeros(100, np.float32), 7999))
