"""What a dataset sounds like, in figures: its sounding frames, and the notes they make."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.index import Entry, Index
from training.recording import Recording
from training.segments import runs
from training.statistics import voiced_frames

STEADY_CENTS = 70.0
STEADY_S = 0.02
"""A note goes on where the pitch moves less than that in this time: vibrato does, a step does not
(50 cents to either side at 5.5 Hz move 35 cents in 20 ms)."""
SHORTEST_NOTE_S = 0.1

Curve = NDArray[np.float32]


class HeardFrames(NamedTuple):
    """All used frames with a clear pitch, of every recording, levelled. Shape: (N,) each.

    But reference_hz is 0 where the reference hears none, and (0,) where there is no reference;
    confidence is that of all used frames, also where no pitch is clear.
    """

    f0_hz: Curve
    live_hz: Curve
    loudness_db: Curve
    reference_hz: Curve
    confidence: Curve


class Notes(NamedTuple):
    """Stretches of steady pitch. Shape: (M,) each."""

    duration_s: NDArray[np.float64]
    loudness_db: NDArray[np.float64]


def heard_frames(index: Index, recordings: Sequence[Recording]) -> HeardFrames:
    """Joins the used frames of the recordings, which are in the index's order."""
    parts = [
        _heard_in(index, entry, recording)
        for entry, recording in zip(index.recordings, recordings, strict=True)
    ]
    joined = HeardFrames(*(np.concatenate(curves) for curves in zip(*parts, strict=True)))
    if len(joined.reference_hz) < len(joined.f0_hz):
        joined = joined._replace(reference_hz=np.zeros(0, np.float32))
    return joined


def _heard_in(index: Index, entry: Entry, recording: Recording) -> HeardFrames:
    keep = voiced_frames(entry, recording, None)
    live, f0_hz = recording.features, trained_f0_hz(index, recording)
    confidence = [live.confidence[segment.start : segment.end] for segment in entry.segments]
    return HeardFrames(
        f0_hz=f0_hz[keep],
        live_hz=live.f0_hz[keep],
        loudness_db=(live.loudness_db[keep] + entry.gain_db).astype(np.float32),
        reference_hz=recording.reference_f0_hz[keep[: len(recording.reference_f0_hz)]],
        confidence=np.concatenate([np.zeros(0, np.float32), *confidence]),
    )


def trained_f0_hz(index: Index, recording: Recording) -> Curve:
    """The pitch that training hears: live, or repaired. Shape: (N,)."""
    chosen = recording.repaired() if index.pitch == "repaired" else recording
    return chosen.features.f0_hz


def find_notes(index: Index, recordings: Sequence[Recording]) -> Notes:
    """Every steady stretch of the used frames."""
    durations, levels = [], []
    step = max(round(STEADY_S * index.frame_rate), 1)
    for entry, recording in zip(index.recordings, recordings, strict=True):
        keep = voiced_frames(entry, recording, None)
        cents = 1200.0 * np.log2(trained_f0_hz(index, recording))
        steady = keep.copy()
        steady[step:] &= np.abs(cents[step:] - cents[:-step]) < STEADY_CENTS
        for start, end in runs(steady):
            if end - start >= SHORTEST_NOTE_S * index.frame_rate:
                durations.append((end - start) / index.frame_rate)
                heard_db = recording.features.loudness_db[start:end] + entry.gain_db
                levels.append(float(np.percentile(heard_db, 75)))
    return Notes(np.array(durations), np.array(levels))
