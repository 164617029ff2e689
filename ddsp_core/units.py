"""Conversions between the units that names in this project carry. Everything else calls these."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating]

DB_FLOOR = -100.0
"""Loudness and levels never read lower than this."""


def db_to_gain(level_db: float) -> float:
    """Amplitude factor of a level in dB.

    >>> db_to_gain(-20.0)
    0.1
    """
    return float(10.0 ** (level_db / 20.0))


def gain_to_db(gain: float) -> float:
    """Level in dB of an amplitude factor, at least `DB_FLOOR`; NaN counts as none.

    >>> gain_to_db(0.1)
    -20.0
    """
    return float(20.0 * np.log10(max(10.0 ** (DB_FLOOR / 20.0), abs(gain))))


def power_to_db(power: ArrayLike) -> Floats:
    """Level in dB of a mean square, at least `DB_FLOOR`.

    >>> float(power_to_db(0.01))
    -20.0
    """
    return np.asarray(10.0 * np.log10(np.maximum(power, 10.0 ** (DB_FLOOR / 10.0))))


def hz_to_midi(f0_hz: ArrayLike) -> Floats:
    """MIDI note number, fractions allowed; A4 = 440 Hz = 69. Expects f0_hz > 0.

    >>> float(hz_to_midi(880.0))
    81.0
    """
    return np.asarray(69.0 + 12.0 * np.log2(np.asarray(f0_hz) / 440.0))


def midi_to_hz(note: ArrayLike) -> Floats:
    """Frequency of a MIDI note number.

    >>> float(midi_to_hz(57.0))
    220.0
    """
    return np.asarray(440.0 * 2.0 ** ((np.asarray(note) - 69.0) / 12.0))


def cents_between(f0_hz: ArrayLike, reference_hz: ArrayLike) -> Floats:
    """By how many cents f0_hz lies above reference_hz.

    >>> float(cents_between(880.0, 440.0))
    1200.0
    """
    return np.asarray(1200.0 * np.log2(np.asarray(f0_hz) / np.asarray(reference_hz)))


NOTE_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def note_name(f0_hz: float, a4_hz: float = 440.0) -> tuple[str, float]:
    """Nearest equal-tempered note and the distance to it in cents (-50...50): a tuner.

    >>> note_name(440.0), note_name(432.0, a4_hz=432.0)
    (('A4', 0.0), ('A4', 0.0))
    """
    midi = float(hz_to_midi(f0_hz * (440.0 / a4_hz)))
    nearest = round(midi)
    return f"{NOTE_NAMES[nearest % 12]}{nearest // 12 - 1}", 100.0 * (midi - nearest)
