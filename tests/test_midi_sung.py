"""What is sung as MIDI: a note is a note, vibrato is bend, consonants are no ends."""

from pathlib import Path

import numpy as np
import pytest
from signals import hops_of

from ddsp_core.features import FeatureExtractor
from ddsp_core.units import cents_between, midi_to_hz
from realtime.audio_file import read_audio
from realtime.midi_notes import NoteState
from realtime.midi_sung import SungNotes

HOP_S = 128 / 48000
CLIPS = Path(__file__).parent / "clips"


def readings(pitch: np.ndarray, loudness_db: float = -25.0, confidence: float = 0.9) -> np.ndarray:
    columns = (midi_to_hz(pitch), np.full(len(pitch), confidence), np.full(len(pitch), loudness_db))
    return np.stack(columns, axis=1).astype(np.float32)


def held(note: float, duration_s: float) -> np.ndarray:
    return np.full(round(duration_s / HOP_S), note)


SILENCE = readings(held(60, 0.3), loudness_db=-80.0, confidence=0.0)


def notes_on(messages: list[tuple[int, int, int]]) -> list[int]:
    return [data for status, data, _ in messages if status & 0xF0 == 0x90]


def test_one_note_is_pressed_and_let_go() -> None:
    messages = SungNotes(HOP_S).hear(np.concatenate((SILENCE, readings(held(64.3, 0.5)), SILENCE)))
    assert notes_on(messages) == [64]
    kinds = [status & 0xF0 for status, _, _ in messages]
    assert kinds.index(0xE0) < kinds.index(0x90)  # bent before it sounds
    assert messages[-1] == (0x80, 64, 0)
    (bend,) = [low | high << 7 for status, low, high in messages if status & 0xF0 == 0xE0]
    assert bend == pytest.approx(8192 + 8192 * 0.3 / 2, abs=2)


def test_wide_vibrato_is_one_note() -> None:
    t = np.arange(round(2.0 / HOP_S)) * HOP_S
    messages = SungNotes(HOP_S).hear(readings(62 + 0.9 * np.sin(2 * np.pi * 5.5 * t)))
    assert notes_on(messages) == [62]
    assert len(messages) / 2.0 < 400  # a cable carries a thousand a second


def test_a_new_note_is_tied() -> None:
    messages = SungNotes(HOP_S).hear(readings(np.concatenate((held(60, 0.4), held(67, 0.4)))))
    assert notes_on(messages) == [60, 67]
    places = {(s & 0xF0, d): n for n, (s, d, _) in enumerate(messages) if s & 0xF0 in (0x80, 0x90)}
    assert places[(0x90, 67)] < places[(0x80, 60)]


def test_a_semitone_is_a_new_note_once_it_is_still() -> None:
    steps = np.concatenate((held(60, 0.4), held(61, 0.4), held(60, 0.4)))
    assert notes_on(SungNotes(HOP_S).hear(readings(steps))) == [60, 61, 60]


def test_a_consonant_does_not_end_a_note() -> None:
    gap = readings(held(60, 0.04), confidence=0.1)
    tone = readings(held(60, 0.4))
    assert notes_on(SungNotes(HOP_S).hear(np.concatenate((tone, gap, tone)))) == [60]
    pause = np.concatenate((tone, SILENCE, tone))
    assert notes_on(SungNotes(HOP_S).hear(pause)) == [60, 60]


def test_louder_is_a_higher_velocity() -> None:
    levels = []
    for loudness_db in (-48.0, -30.0, -10.0):
        messages = SungNotes(HOP_S).hear(readings(held(60, 0.3), loudness_db))
        levels += [velocity for status, _, velocity in messages if status & 0xF0 == 0x90]
    assert levels == sorted(levels)
    assert levels[-1] == 127


def test_cutting_the_readings_changes_nothing() -> None:
    rng = np.random.default_rng(0)
    pitch = 60 + np.cumsum(rng.normal(0, 0.1, 2000))
    whole = readings(pitch)
    whole[:, 2] += np.cumsum(rng.normal(0, 0.5, 2000))
    sung = SungNotes(HOP_S)
    cuts = [message for part in np.array_split(whole, 77) for message in sung.hear(part)]
    assert cuts == SungNotes(HOP_S).hear(whole)


def test_real_singing_comes_back_at_its_pitch() -> None:
    """What a synthesizer would play follows the singer, with about a note for each that is sung."""
    audio = read_audio(CLIPS / "nit_song070_004.flac", 48000)
    features, _ = FeatureExtractor(48000, 128).forward(hops_of(audio, 128))
    sung, state = SungNotes(HOP_S), NoteState()
    off_cents, lengths_s = [], []
    for row in np.stack(features, axis=1):
        messages = sung.hear(row[np.newaxis])
        lengths_s += [0.0] * len(notes_on(messages))
        for message in messages:
            state.take(message)
        if state.sounding:
            lengths_s[-1] += HOP_S
            if row[1] > 0.8 and row[2] > -40:
                off_cents.append(cents_between(row[0], midi_to_hz(state.sounding.pitch)))
    assert state.n_held <= 1
    assert np.mean(np.abs(off_cents) < 20) > 0.95
    assert 50 <= sum(length_s > 0.1 for length_s in lengths_s) <= 90  # by hand there are 64
    assert len(lengths_s) < 130  # with turns and slides
