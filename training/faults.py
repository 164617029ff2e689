"""What in a recording cannot be learned from: silence, clipping, several notes, no clear pitch.

A rest inside a phrase stays, and so does an unclear consonant of a bow: the instrument must learn
to stop and start. What is left out is what lasts.

**Several notes at once** have no pitch that a decoder could be given. They are found where, within
a second, the trackers disagree by no octave for a quarter of the sounding time, or either is
unsure (or they disagree) for half of it. On violin partitas in a hall this finds 37 % of the time
with double stops (39 of 107 s) and takes 1.1 % of what is monophonic (5 of 417 s), and 0.5 to 3 %
of single notes; a table of spans, which is believed, finds the rest.
"""

import numpy as np
from numpy.typing import NDArray

from training.recording import Recording
from training.segments import CONFIDENT, long_runs

SILENCE = "silence"
CLIPPING = "clipping"
SEVERAL_NOTES = "several notes"
NO_PITCH = "no clear pitch"

LONGEST_SILENCE_S = 0.3
LONGEST_UNVOICED_S = 0.25
SEVERAL_NOTES_S = 1.0
"""A chord's neighbourhood is left out with it: the trackers find into and out of it by chance."""
DISPUTED_SHARE = 0.25
UNSURE_SHARE = 0.5
SAME_PITCH_CENTS = 50.0

Mask = NDArray[np.bool_]


def find_faults(recording: Recording, silent_below_db: float, *, chords: bool) -> dict[str, Mask]:
    """Frames by fault, the weightiest first.

    Args:
        silent_below_db: loudness of the recording (as stored) below which it counts as silent.
        chords: whether to look for several notes at once; not where a person said where they are.

    Shape:
        (N,) each
    """
    rate = recording.frame_rate
    quiet = np.asarray(recording.features.loudness_db < silent_below_db)
    none = np.zeros_like(quiet)
    return {
        SILENCE: long_runs(quiet, LONGEST_SILENCE_S * rate),
        CLIPPING: recording.clipped if len(recording.clipped) else none,
        SEVERAL_NOTES: several_notes(recording, ~quiet) if chords else none,
        NO_PITCH: long_runs(recording.unsure, LONGEST_UNVOICED_S * rate),
    }


def several_notes(recording: Recording, sounding: Mask) -> Mask:
    """Frames in whose second the trackers do not come to one pitch. Shape: (N,) -> (N,)."""
    width = max(round(SEVERAL_NOTES_S * recording.frame_rate), 1)
    disputed = _disputed(recording) & sounding
    unsure = (disputed | recording.unsure) & sounding
    heard = np.maximum(_sum_around(sounding, width), 0.5 * width)
    found = _sum_around(disputed, width) > DISPUTED_SHARE * heard
    found |= _sum_around(unsure, width) > UNSURE_SHARE * heard
    if recording.reference in ("none", "known"):
        return np.zeros_like(found)  # breath looks like chords to one tracker alone
    return found & sounding


def _disputed(recording: Recording) -> Mask:
    """Frames on which both trackers are sure, and not within 50 cents, whatever the octave."""
    reference_hz = recording.reference_f0_hz
    if len(reference_hz) == 0:
        return np.zeros(len(recording.features.f0_hz), dtype=np.bool_)
    heard = (reference_hz > 0.0) & (recording.features.confidence >= CONFIDENT)
    cents = 1200.0 * np.log2(np.where(heard, reference_hz, 1.0) / recording.features.f0_hz)
    off = np.abs(cents - 1200.0 * np.round(cents / 1200.0))
    return np.asarray(heard & (off > SAME_PITCH_CENTS))


def _sum_around(mask: Mask, width: int) -> NDArray[np.float64]:
    """How many of the `width` frames around each are set. Shape: (N,) -> (N,)."""
    before = width // 2
    sums = np.concatenate([[0.0], np.cumsum(np.pad(mask, (before, width - before - 1)))])
    return np.asarray(sums[width:] - sums[:-width], dtype=np.float64)
