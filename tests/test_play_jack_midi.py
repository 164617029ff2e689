"""MIDI through a real port into and out of the real `chanterelle play`."""

import sys

import numpy as np
import pytest
import rtmidi
import signals
from rig.jack_rig import JackRig

from ddsp_core.features import FeatureExtractor

pytestmark = pytest.mark.jack

RATE = 48000
PERIOD = 128
CHANTERELLE = [sys.executable, "-m", "realtime.cli"]
PLAY = [*CHANTERELLE, "play", "--input", "microphone", "--output", "speaker"]


def test_a_midi_knob_shifts_the_octave() -> None:
    mic = signals.rich_tone(220.0, 4.0, RATE, peak=0.3)
    one_octave_up = (0xB0, 20, 80)
    with JackRig(PERIOD, RATE, "sync") as rig:
        rig.start([*PLAY, "--midi", "knobs"])
        rig.connect()
        heard = rig.run(mic, tail_s=0.0, midi=[(2 * RATE, one_octave_up)])
        assert rig.stop_program() == 0
    assert median_f0_hz(heard.left[RATE // 2 : 2 * RATE]) == pytest.approx(220.0, rel=0.01)
    assert median_f0_hz(heard.left[5 * RATE // 2 :]) == pytest.approx(440.0, rel=0.01)


def test_a_keyboard_plays_the_violin() -> None:
    mic = np.zeros(4 * RATE, np.float32)
    keys = [
        (RATE, (0x90, 69, 100)),
        (2 * RATE, (0x90, 76, 100)),  # tied
        (3 * RATE, (0x80, 76, 0)),
        (3 * RATE, (0x80, 69, 0)),
    ]
    with JackRig(PERIOD, RATE, "sync") as rig:
        play = [*CHANTERELLE, "play", "--input", "midi", "--midi", "knobs", "--output", "speaker"]
        rig.start([*play, "--room-mix", "0"])
        rig.connect(has_ears=False)
        heard = rig.run(mic, tail_s=0.0, midi=keys)
        assert rig.stop_program() == 0
    assert np.abs(heard.left[: RATE - 1000]).max() < 1e-3
    assert median_f0_hz(heard.left[RATE + RATE // 4 : 2 * RATE]) == pytest.approx(440, rel=0.01)
    assert median_f0_hz(heard.left[2 * RATE + RATE // 4 : 3 * RATE]) == pytest.approx(659, rel=0.01)
    assert np.abs(heard.left[-RATE // 4 :]).max() < 1e-3


def test_what_is_sung_goes_out_as_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    mic = np.concatenate(
        (signals.rich_tone(440.0, 1.0, RATE, peak=0.3), np.zeros(RATE // 2, np.float32))
    )
    came: list[list[int]] = []
    with JackRig(PERIOD, RATE, "sync") as rig:
        rig.start([*PLAY, "--midi-out", "virtual"])
        rig.connect()
        monkeypatch.setenv("JACK_DEFAULT_SERVER", rig.server.name)
        synth = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="synth")
        synth.set_callback(lambda event, _data: came.append(event[0]))
        (number,) = [n for n, name in enumerate(synth.get_ports()) if "sung notes" in name]
        synth.open_port(number, "in")
        rig.run(mic, tail_s=0.5)
        synth.close_port()
        synth.delete()
        assert rig.stop_program() == 0
    notes = [message[:2] for message in came if message[0] in (0x80, 0x90)]
    assert notes == [[0x90, 69], [0x80, 69]]


def median_f0_hz(audio: np.ndarray) -> float:
    features, _ = FeatureExtractor(RATE, PERIOD).forward(signals.hops_of(audio, PERIOD))
    return float(np.median(features.f0_hz))
