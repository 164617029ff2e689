"""From measurements to the index: levels, what is left out, and how the time is dealt.

Microphones differ, so each level group (a phrase recording, a folder of notes) gets the gain that
brings its loud passages, the 90th percentile of loudness over frames with a clear pitch, to
`LOUDNESS_TARGET_DB`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ddsp_core.errors import AudioError
from ddsp_core.units import hz_to_midi
from training.faults import find_faults
from training.index import Entry
from training.recording import Recording
from training.rooms import Place
from training.segments import CONFIDENT, SILENCE_BELOW_P90_DB, usable_segments
from training.splits import PlayedSpan, Shares, Stretch, deal_room
from training.statistics import measure_agreement, voiced_frames

LOUDNESS_TARGET_DB = -20.0
"""A-weighted. Windows of 1.5 s of a violin then peak 11 dB below full scale, the loudest 4 dB."""
LOUD_PERCENTAGE = 90


class Source(NamedTuple):
    """A recording that is used: its file, its measurement, its spans in frames."""

    path: Path
    place: Place
    content_hash: str
    stored: str
    recording: Recording
    duration_s: float
    spans: list[tuple[int, int]]
    described: bool
    """Whether a person said which spans hold one note at a time."""


def make_entries(
    sources: Sequence[Source], rooms: list[str], frame_rate: float, shares: Shares
) -> list[Entry]:
    """One entry a source, in order; raises AudioError where a level group has no clear pitch."""
    gains_db = _gains_db(sources)
    entries: dict[int, Entry] = {}
    for number, room in enumerate(rooms):
        members = [n for n, source in enumerate(sources) if source.place.room == room]
        played = [(n, span) for n in members for span in _played_spans(sources[n])]
        dealt = deal_room([span for _, span in played], frame_rate, shares)
        for n in members:
            pieces = zip(played, dealt, strict=True)
            stretches = [s for (owner, _), parts in pieces for s in parts if owner == n]
            gain_db = gains_db[sources[n].place.level_group]
            entries[n] = _entry(sources[n], number, gain_db, stretches, frame_rate)
    return [entries[n] for n in range(len(sources))]


def _played_spans(source: Source) -> list[PlayedSpan]:
    features = source.recording.features
    played = []
    for start, end in source.spans:
        clear = features.confidence[start:end] >= CONFIDENT
        f0_hz, loudness_db = features.f0_hz[start:end][clear], features.loudness_db[start:end]
        pitch_midi = float(hz_to_midi(np.median(f0_hz))) if len(f0_hz) else 0.0
        played.append(PlayedSpan(start, end, pitch_midi, float(loudness_db.max(initial=-200.0))))
    return played


def _entry(
    source: Source, room: int, gain_db: float, stretches: Sequence[Stretch], frame_rate: float
) -> Entry:
    recording = source.recording
    silent_below_db = LOUDNESS_TARGET_DB - SILENCE_BELOW_P90_DB - gain_db
    faults = find_faults(recording, silent_below_db, chords=not source.described)
    segments, left_out_s = usable_segments(faults, stretches, frame_rate)
    in_spans_s = sum(end - start for start, end in source.spans) / frame_rate
    entry = Entry(
        name=f"{source.path.parent.name}/{source.path.name}",
        stored=source.stored,
        content_hash=source.content_hash,
        room=room,
        kind=source.place.kind,
        gain_db=round(gain_db, 3),
        duration_s=source.duration_s,
        segments=segments,
        left_out_s={"outside spans": max(source.duration_s - in_spans_s, 0.0), **left_out_s},
        agreement=None,
    )
    if len(recording.reference_f0_hz) == 0:
        return entry
    keep = voiced_frames(entry, recording, None)
    agreement = measure_agreement(recording.features.f0_hz[keep], recording.reference_f0_hz[keep])
    return entry.model_copy(update={"agreement": agreement})


def _gains_db(sources: Sequence[Source]) -> dict[str, float]:
    """Level group to the gain that brings its loud passages to the target."""
    loudness_db: dict[str, list[np.ndarray[tuple[int], np.dtype[np.float32]]]] = {}
    for source in sources:
        features = source.recording.features
        for start, end in source.spans:
            clear = features.confidence[start:end] >= CONFIDENT
            heard = features.loudness_db[start:end][clear]
            loudness_db.setdefault(source.place.level_group, []).append(heard)
    gains_db = {}
    for group, parts in loudness_db.items():
        heard = np.concatenate(parts)
        if len(heard) == 0:
            allowed = "one instrument, one note at a time"
            given = "no monophonic sound found: no clear pitch anywhere"
            raise AudioError(group, given, allowed, "leave the recording out")
        gains_db[group] = LOUDNESS_TARGET_DB - float(np.percentile(heard, LOUD_PERCENTAGE))
    return gains_db
