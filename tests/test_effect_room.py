"""The room is the convolution with its file, from the first sample on."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from effects import RATE, level_db, one, play, sine, write_room

from ddsp_core.errors import AudioError
from realtime.effects.impulse_response import read_response


def noise(n_channels: int, seconds: float) -> np.ndarray:
    random = np.random.default_rng(1)
    return (0.1 * random.standard_normal((n_channels, round(seconds * RATE)))).astype(np.float32)


def convolved(sound: np.ndarray, response: np.ndarray) -> np.ndarray:
    size = len(sound) + len(response)
    spectrum = np.fft.rfft(sound.astype(float), size) * np.fft.rfft(response.astype(float), size)
    return np.fft.irfft(spectrum, size)[: len(sound)]


@pytest.mark.parametrize("seconds", [0.0005, 0.002, 0.01, 0.3, 1.0])
def test_it_is_the_convolution_with_the_response(tmp_path: Path, seconds: float) -> None:
    path = write_room(tmp_path, seconds)
    response, sound = read_response(str(path), RATE), noise(1, 1.5)
    out = play(one("room", tmp_path, file=str(path), mix=1), sound)
    for side in range(2):
        assert np.abs(out[side] - convolved(sound[0], response[side])).max() < 1e-5


def test_no_latency(tmp_path: Path) -> None:
    path = tmp_path / "direct.wav"
    soundfile.write(path, np.array([1.0, 0.0, 0.0]), RATE, "FLOAT")
    sound = noise(1, 0.1)
    out = play(one("room", tmp_path, file=str(path), mix=0.7), sound)
    assert np.abs(out - sound).max() < 1e-6


def test_a_mono_response_keeps_the_channels_of_the_sound(tmp_path: Path) -> None:
    path = str(write_room(tmp_path, n_channels=1))
    assert one("room", tmp_path, file=path).n_outputs == 1
    stereo = noise(2, 0.5)
    out = play(one("room", tmp_path, n_inputs=2, file=path, mix=1), stereo)
    response = read_response(path, RATE)[0]
    for side in range(2):
        assert np.abs(out[side] - convolved(stereo[side], response)).max() < 1e-5


def test_noise_keeps_its_loudness(tmp_path: Path) -> None:
    sound = noise(1, 3.0)
    out = play(one("room", tmp_path, mix=1), sound)
    assert level_db(out) == pytest.approx(level_db(sound), abs=0.2)


def test_a_response_of_another_rate_keeps_its_time_and_pitch(tmp_path: Path) -> None:
    rate = 44_100
    response = np.zeros(rate // 10)
    response[4410 // 2 - 50 : 4410 // 2 + 50] = np.hanning(100)
    soundfile.write(tmp_path / "r.wav", response, rate, "FLOAT")
    found = read_response(str(tmp_path / "r.wav"), RATE)[0]
    assert np.argmax(found) == pytest.approx(0.05 * RATE, abs=1)


def test_length_cuts_it_short_with_a_fade(tmp_path: Path) -> None:
    path = str(write_room(tmp_path))
    found = read_response(path, RATE, length_s=0.1)
    assert found.shape == (2, 4800)
    assert abs(found[:, -1]).max() < 1e-4
    assert one("room", tmp_path, file=path, length_s=0.1).tail_s == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("sound", "word"),
    [
        (np.zeros(1000), "silent"),
        (np.ones((1000, 3)), "3 channels"),
        (np.ones(11 * 8000), "11.0 s of sound"),
    ],
)
def test_files_that_are_no_room(tmp_path: Path, sound: np.ndarray, word: str) -> None:
    soundfile.write(tmp_path / "r.wav", sound, 8000, "FLOAT")
    with pytest.raises(AudioError, match=word):
        read_response(str(tmp_path / "r.wav"), RATE)


def test_after_panic_nothing_of_before_is_heard(tmp_path: Path) -> None:
    path = str(write_room(tmp_path, 1.0))
    room = one("room", tmp_path, file=path, mix=1)
    play(room, noise(1, 1.0))
    room.reset()
    assert not play(room, np.zeros(2 * RATE, np.float32)).any()
    fresh = one("room", tmp_path, file=path, mix=1)
    room.reset()
    tone = sine(440.0, 1.5)
    assert np.array_equal(play(room, tone), play(fresh, tone))
