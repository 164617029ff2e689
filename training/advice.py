"""What a sound maker should know about the recordings before training on them, in plain words."""

from collections.abc import Sequence

import numpy as np

from ddsp_core.units import hz_to_midi
from training.faults import CLIPPING
from training.heard_notes import HeardFrames, Notes, find_notes, heard_frames
from training.index import Index
from training.recording import Recording

ADVISED_MIN = 3.0
SUSTAINED_S, SUSTAINED_SHARE = 1.0, 0.2
"""Singers hold notes: of the sounding time, a fifth should be in notes of a second and more."""
ONE_DYNAMIC_DB = 8.0
"""Between the softest and the loudest tenth of the notes; p to f are 10 to 15 dB."""
SOFT_BELOW_DB, SOFT_SHARE = 10.0, 0.1
LOW_HZ, HIGH_HZ = 130.8, 659.3
"""C3 and E5: where most songs lie, for one voice or another."""
LEAST_A_SEMITONE_S = 0.5
LEFT_OUT_SHARE = 0.4
AGREED_SHARE = 0.85

NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


def advice(index: Index, recordings: Sequence[Recording]) -> list[str]:
    """Warnings, the gravest first; none for recordings that lack nothing."""
    heard = heard_frames(index, recordings)
    notes = find_notes(index, recordings)
    return [
        *_about_amount(index),
        *_about_notes(notes),
        *_about_pitch(heard, index.frame_rate),
        *_about_trackers(index),
    ]


def note_name(midi: float) -> str:
    """Name of the nearest note.

    >>> note_name(60), note_name(54.9)
    ('C4', 'G3')
    """
    number = round(midi)
    return f"{NAMES[number % 12]}{number // 12 - 1}"


def _about_amount(index: Index) -> list[str]:
    train_min = 60.0 * index.statistics.train_hours
    warnings = []
    if train_min < ADVISED_MIN:
        warnings.append(
            f"only {train_min:.1f} minutes to train on, under {ADVISED_MIN:g}: the voice will know "
            "few of its notes; record 5 to 20 minutes"
        )
    recorded_s = sum(entry.duration_s for entry in index.recordings)
    used_s = sum(entry.used_s(None, index.frame_rate) for entry in index.recordings)
    if recorded_s - used_s > LEFT_OUT_SHARE * recorded_s:
        share = 1.0 - used_s / recorded_s
        warnings.append(f"much was left out: {share:.0%} of the recordings; the table says why")
    clipped_s = sum(entry.left_out_s.get(CLIPPING, 0.0) for entry in index.recordings)
    if clipped_s > 0.0:
        warnings.append(f"clipped: {clipped_s:.1f} s are left out; record with a lower gain")
    if index.statistics.validation_hours == 0.0:
        warnings.append("nothing is held back to validate with: training cannot tell when to stop")
    return warnings


def _about_notes(notes: Notes) -> list[str]:
    if len(notes.duration_s) == 0:
        return ["no notes of steady pitch"]
    warnings = []
    long = notes.duration_s >= SUSTAINED_S
    share = float(notes.duration_s[long].sum() / notes.duration_s.sum())
    if share < SUSTAINED_SHARE:
        warnings.append(
            f"few sustained notes: {share:.0%} of the sounding time lies in notes of "
            f"{SUSTAINED_S:g} s and more; long tones will waver: add a slow scale"
        )
    softest_db, loudest_db = np.percentile(notes.loudness_db, (10, 90))
    soft_s = notes.duration_s[notes.loudness_db < loudest_db - SOFT_BELOW_DB].sum()
    if loudest_db - softest_db < ONE_DYNAMIC_DB:
        warnings.append(
            f"one dynamic only: the notes lie within {loudest_db - softest_db:.0f} dB; the voice "
            "will not learn how soft notes sound: add some piano, some forte"
        )
    elif soft_s < SOFT_SHARE * notes.duration_s.sum():
        warnings.append(
            f"few soft notes: {soft_s:.0f} s are {SOFT_BELOW_DB:g} dB below the loud ones"
        )
    return warnings


def _about_pitch(heard: HeardFrames, frame_rate: float) -> list[str]:
    midi = hz_to_midi(heard.f0_hz)
    lowest, highest = np.percentile(midi, (1, 99))
    warnings = []
    if lowest > hz_to_midi(LOW_HZ) + 0.5:
        warnings.append(
            f"nothing below {note_name(lowest)}: what is sung lower has to be played an octave up"
        )
    if highest < hz_to_midi(HIGH_HZ) - 0.5:
        warnings.append(f"nothing above {note_name(highest)}: high voices sing beyond it")
    numbers = np.round(midi).astype(np.int64)
    seconds = np.bincount(numbers, minlength=128) / frame_rate
    inside = range(round(lowest), round(highest) + 1)
    rare = [note_name(n) for n in inside if seconds[n] < LEAST_A_SEMITONE_S]
    if rare:
        more = ", ..." if len(rare) > 8 else ""
        warnings.append(f"hardly heard within the range: {', '.join(rare[:8])}{more}")
    return warnings


def _about_trackers(index: Index) -> list[str]:
    found = [entry.agreement for entry in index.recordings if entry.agreement]
    n_frames = sum(agreement.n_frames for agreement in found)
    if n_frames == 0:
        return []
    within = sum(agreement.within_50_cents * agreement.n_frames for agreement in found) / n_frames
    if within >= AGREED_SHARE:
        return []
    return [
        f"live pitch and {index.reference} agree on {within:.0%} of the frames only: reverberation,"
        " several notes at once, or noise; listen to what is left"
    ]
