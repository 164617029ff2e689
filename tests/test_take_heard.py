"""Takes of a singer with a profile, and of a keyboard, are played again as they were heard."""

import threading
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import signals
import soundfile
from fakes import FakeCard

from realtime import cli
from realtime.hearing import Ears
from realtime.host import Host
from realtime.preset import load_preset
from realtime.session import Session
from realtime.singer import Singer
from realtime.slot import load_slots
from realtime.take_about import about_host
from realtime.take_heard import RecordedNotes, describe_ears, ears_of
from realtime.take_reader import read_sound, read_take
from realtime.take_recorder import TakeRecorder

RATE, BLOCK, N_BLOCKS = 48000, 128, 500

SOFT = Singer(
    noise_db=-80.0,
    loudness_quantiles_db={"5": -60.0, "25": -50.0, "50": -45.0, "75": -40.0, "95": -35.0},
    f0_quantiles_hz={"5": 98.0, "25": 130.0, "50": 165.0, "75": 196.0, "95": 262.0},
    peak_db=-30.0,
    input_gain_db=12.0,
    gate_db=-58.0,
)


class Notes:
    """Plays two notes to any voice; silence before the first."""

    controls: ClassVar[dict[str, float]] = {"gate_db": -90.0}

    def __init__(self) -> None:
        self._n = 0

    def notes_for(self, _voice: object) -> "Notes":
        return self

    def rewind(self) -> None:
        self._n = 0

    def read(self, n_hops: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        at = np.arange(self._n, self._n + n_hops)
        self._n += n_hops
        f0_hz = np.where(at < 300, 440.0, 659.25).astype(np.float32)
        sounds = at >= 50
        confidence = np.where(sounds, 2.0, 0.0).astype(np.float32)
        return f0_hz, confidence, np.where(sounds, -25.0, -100.0).astype(np.float32)


def record(folder: Path, ears: Ears, sound: np.ndarray) -> Path:
    host = Host(load_slots([load_preset("violin")], ears=ears))
    if isinstance(ears.keyboard, Notes):
        ears.keyboard.rewind()  # the warm-up has played, too
    about = about_host(host, lambda: host.latency_samples, heard=describe_ears(ears))
    tape = TakeRecorder(folder, RATE, about=about)
    tape.start(wait=True)
    blocks = [sound[i : i + BLOCK].copy() for i in range(0, N_BLOCKS * BLOCK, BLOCK)]
    Session(host, FakeCard(blocks), tape).run(threading.Event())
    host.close()
    return tape.folder


def again(folder: Path, *words: str) -> np.ndarray:
    out = folder.parent / "out.wav"
    assert cli.main(["take", "render", str(folder), "--out", str(out), *words]) == 0
    return np.asarray(soundfile.read(out, dtype="float32")[0])


def test_a_singers_gain_and_loudness_are_kept(tmp_path: Path) -> None:
    tone = signals.rich_tone(330.0, N_BLOCKS * BLOCK / RATE, RATE, peak=0.05)
    sung = (np.round(tone * 2**23) / 2**23).astype(np.float32)
    folder = record(tmp_path, Ears(singer=SOFT), sung)
    take = read_take(folder)
    assert ears_of(take).singer == SOFT
    wet = read_sound(take, "wet")[:, 0]
    assert np.abs(wet).max() > 0.01
    np.testing.assert_allclose(again(folder), wet, atol=2.0**-23)


def test_what_a_keyboard_played_is_played_again(tmp_path: Path) -> None:
    folder = record(tmp_path, Ears(keyboard=Notes()), np.zeros(N_BLOCKS * BLOCK, np.float32))
    take = read_take(folder)
    assert isinstance(ears_of(take).keyboard, RecordedNotes)
    wet = read_sound(take, "wet")[:, 0]
    assert np.abs(wet).max() > 0.01
    # Of features.csv: 0.001 Hz and 0.01 dB.
    np.testing.assert_allclose(again(folder), wet, atol=0.01 * np.abs(wet).max())
    cello = again(folder, "--preset", "cello")
    assert np.abs(cello).max() > 0.01
    assert np.abs(cello - wet).max() > 0.01


def test_a_damaged_profile_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = record(tmp_path, Ears(singer=SOFT), np.zeros(N_BLOCKS * BLOCK, np.float32))
    path = folder / "take.yaml"
    path.write_text(path.read_text().replace("gate_db: -58.0", "gate_db: 99.0"))
    assert cli.main(["take", "render", str(folder)]) == 2
    assert "damaged (singer: 1 mistake" in capsys.readouterr().err
