"""What cannot be learned from is found: clipping, several notes at once, long silence."""

import numpy as np
import pytest
import signals

from ddsp_core.features import FeatureExtractor
from training.audio_files import Sound
from training.faults import CLIPPING, NO_PITCH, SEVERAL_NOTES, SILENCE, find_faults
from training.recording import measure

pytest.importorskip("swift_f0", reason="pip install swift-f0")
RATE = 48000
EXTRACTOR = FeatureExtractor(RATE, 128)


def seconds_of(faults):
    return {reason: mask.sum() / 375.0 for reason, mask in faults.items()}


def faults_of(audio, *, chords=True, clipped_s=()):
    recording = measure(Sound(audio, clipped_s), EXTRACTOR, "swift-f0")
    return find_faults(recording, silent_below_db=-70.0, chords=chords)


def test_double_stops_are_found_and_single_notes_are_not():
    low, high = (signals.rich_tone(f0_hz, 3.0, RATE, peak=0.4) for f0_hz in (293.7, 415.3))
    audio = np.concatenate([low, low + high, high])
    found = faults_of(audio)
    frames = found[SEVERAL_NOTES] | found[NO_PITCH]
    assert frames[3 * 375 + 100 : 6 * 375 - 100].mean() > 0.6
    assert frames[: 3 * 375 - 200].mean() == 0.0
    assert frames[6 * 375 + 200 : 9 * 375].mean() == 0.0


def test_where_a_person_said_that_it_is_one_note_nothing_is_looked_for():
    low, high = (signals.rich_tone(f0_hz, 2.0, RATE, peak=0.4) for f0_hz in (293.7, 415.3))
    assert seconds_of(faults_of(low + high, chords=False))[SEVERAL_NOTES] == 0.0


def test_clipped_stretches_are_those_of_the_sound():
    audio = signals.rich_tone(220.0, 2.0, RATE)
    found = seconds_of(faults_of(audio, clipped_s=[(0.5, 0.7), (1.0, 1.1)]))
    assert found[CLIPPING] == pytest.approx(0.3, abs=0.01)


def test_long_silence_and_long_breath():
    parts = [
        signals.rich_tone(220.0, 1.0, RATE),
        signals.silence(1.0, RATE),
        signals.breath(1.0, RATE),
    ]
    found = faults_of(np.concatenate(parts))
    assert seconds_of(found)[SILENCE] == pytest.approx(1.0, abs=0.1)
    assert (found[NO_PITCH] & ~found[SILENCE]).sum() / 375 == pytest.approx(1.0, abs=0.25)
