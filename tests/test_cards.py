"""Which card the flags ask for: two files, a pair of devices, or a speaker alone."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fakes import FakePortAudio

from ddsp_core.errors import DeviceError
from realtime import devices
from realtime.audio_io import PortAudioCard
from realtime.cards import NOTES, choose_card
from realtime.stats import CardFlags


@pytest.fixture
def portaudio(monkeypatch: pytest.MonkeyPatch) -> FakePortAudio:
    fake = FakePortAudio()
    monkeypatch.setattr(devices, "load_portaudio", lambda: fake)
    return fake


def test_a_keyboard_needs_no_microphone(portaudio: FakePortAudio) -> None:
    portaudio.add("Speakers", 0, 2)
    with pytest.raises(DeviceError, match="no input found"):
        choose_card(None, None, 128)
    card = choose_card(NOTES, None, 128)(48000)
    assert isinstance(card, PortAudioCard)
    assert card.description == "Speakers (ALSA), 48000 Hz, blocks of 128"
    heard: list[np.ndarray] = []

    def on_block(dry: np.ndarray, _flags: CardFlags) -> np.ndarray:
        heard.append(dry)
        return np.full(len(dry), 0.5, np.float32)

    card.open(on_block)
    out = portaudio.streams[0].run_callback(np.ones(128, np.float32))
    np.testing.assert_array_equal(heard, np.zeros((1, 128)))
    np.testing.assert_array_equal(out, np.full((128, 2), 0.5))
    assert card.latency_s == pytest.approx(0.006)


def test_a_laptop_is_warned_of_howling_only_where_it_hears(
    portaudio: FakePortAudio, capsys: pytest.CaptureFixture[str]
) -> None:
    portaudio.add("MacBook Microphone", 1, 0).add("MacBook Speakers", 0, 2)
    choose_card(NOTES, None, 128)(48000)
    assert capsys.readouterr().err == ""
    choose_card(None, None, 128)(48000)
    assert "howl" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("microphone", "speaker", "given"),
    [
        ("file:a.wav", None, "--input file:a.wav, --output not given"),
        (None, "file:a.wav", "--input not given, --output file:a.wav"),
        ("file:a.wav", "Speakers", "--input file:a.wav, --output Speakers"),
    ],
)
def test_one_file_alone_is_refused(microphone: str | None, speaker: str | None, given: str) -> None:
    with pytest.raises(DeviceError, match=f"{given}: both a file: or neither"):
        choose_card(microphone, speaker, 128)


def test_a_keyboard_may_play_into_a_file_until_it_is_closed(tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    card = choose_card(NOTES, f"file:{out}", 128)(48000)
    begun = threading.Event()

    def on_block(dry: np.ndarray, _flags: CardFlags) -> np.ndarray:
        begun.set()
        assert not dry.any()
        return dry + np.float32(0.25)

    card.open(on_block)
    assert begun.wait(5.0)
    time.sleep(0.05)
    assert card.is_playing()
    card.close()
    assert not card.is_playing()
    audio, _ = soundfile.read(out)
    assert len(audio) >= 128
    np.testing.assert_array_equal(audio, 0.25)
