"""Onto the notes of a key and scale: which note is meant, and how far the pitch is from it.

The note is chosen from the pitch without its vibrato and kept until the pitch is clearly nearer to
another one, so that nothing flutters between two. A note that begins, or is leapt to, is in tune
at once; within it the correction follows at a pace that leaves vibrato and expression alone.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Reals = NDArray[np.float64]

HYSTERESIS_SEMITONES = 0.1
"""So much beyond the middle between two notes the other one begins."""
FRESH_S = 0.03
"""As long as a pitch tracker may take to settle on a note, the correction is at once."""
NEAREST = 3
"""Semitones in which a note of every scale lies."""
START_NOTE = 69.0


def start_autotune() -> Reals:
    """Note, correction in semitones, and seconds since the note began."""
    return np.array([START_NOTE, 0.0, 0.0])


@njit(nogil=True, cache=True)
def nearest_in_scale(pitch: float, notes: int) -> float:
    """The nearest MIDI note that belongs.

    Args:
        pitch: MIDI note number, fractions allowed.
        notes: bit n set: note n belongs, 0: C.
    """
    middle = math.floor(pitch + 0.5)
    best = middle
    least = 1000.0
    for step in range(-NEAREST, NEAREST + 1):
        note = middle + step
        if (notes >> int(note % 12)) & 1 and abs(pitch - note) < least:
            best, least = note, abs(pitch - note)
    return float(best)


@njit(nogil=True, cache=True)
def choose_note(pitch: float, notes: int, last: float, is_new: bool) -> float:
    """The note that is meant: `last` until another one is clearly nearer."""
    nearest = nearest_in_scale(pitch, notes)
    belongs = (notes >> int(last % 12)) & 1
    if is_new or not belongs:
        return nearest
    gain = abs(pitch - last) - abs(pitch - nearest)
    return nearest if gain > 2.0 * HYSTERESIS_SEMITONES else last


@njit(nogil=True, cache=True)
def correct(
    pitch: float, steady: float, is_new: bool, notes: int, time_s: float, hop_s: float,
    memory: Reals,
) -> float:  # fmt: skip
    """How far this hop's pitch is to be moved, in semitones; memory moves on in place.

    Args:
        pitch: MIDI note number to be moved.
        steady: the same without its vibrato: what the note is chosen by.
        is_new: a note begins, or is leapt to.
        notes: that belong; bit 0: C.
        time_s: of the correction's pace within a note, 0: at once.
    """
    note, correction, fresh_s = memory
    note = choose_note(steady, notes, note, is_new)
    fresh_s = 0.0 if is_new else fresh_s + hop_s
    is_at_once = fresh_s < FRESH_S or time_s <= 0.0
    rate = 1.0 if is_at_once else 1.0 - math.exp(-hop_s / time_s)
    correction += rate * (note - pitch - correction)
    memory[:] = (note, correction, fresh_s)
    return float(correction)
