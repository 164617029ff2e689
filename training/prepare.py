"""`chanterelle-train prepare`: recordings in, a dataset out (recording.py and index.json).

Every file is measured as a whole, once, by the extractor that plays; what is used of it is decided
afterwards from spans, silence and pitch confidence. Microphones differ, so each level group (a
phrase recording, a folder of notes) gets the gain that brings its loud passages, the 90th
percentile of loudness over frames with a clear pitch, to `LOUDNESS_TARGET_DB`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from ddsp_core.errors import AudioError, RecipeError
from ddsp_core.features import FeatureExtractor
from ddsp_core.units import hz_to_midi
from training.audio_files import content_hash, duration_s, find_recordings, read_mono
from training.index import FORMAT, Entry, Index, write_index
from training.prepare_report import left_out_lines, summary_table
from training.recording import Recording, key_of, load, measure, save
from training.reference_pitch import is_installed
from training.rooms import Place, RoomBy, place_recordings
from training.segments import (
    CONFIDENT,
    SILENCE_BELOW_P90_DB,
    span_frames,
    usable_segments,
)
from training.spans import Span, choose_spans, read_spans
from training.splits import PlayedSpan, Shares, Stretch, deal_room
from training.statistics import measure_agreement, measure_statistics, voiced_frames

LOUDNESS_TARGET_DB = -20.0
"""A-weighted. Windows of 1.5 s of a violin then peak 11 dB below full scale, the loudest 4 dB."""
LOUD_PERCENTAGE = 90


@dataclass(frozen=True)
class Options:
    """What `prepare` was asked for."""

    sample_rate: int = 48000
    hop_size: int = 128
    spans_csv: Path | None = None
    validation_share: float = 0.12
    test_share: float = 0.06
    room_by: RoomBy = "auto"
    pitch: Literal["live", "repaired"] = "repaired"


class Measured(NamedTuple):
    """A recording as it is stored, under a name inside the dataset."""

    content_hash: str
    stored: str
    recording: Recording


class Source(NamedTuple):
    """A recording that is used: its file, its measurement, its spans in frames."""

    path: Path
    place: Place
    content_hash: str
    stored: str
    recording: Recording
    duration_s: float
    spans: list[tuple[int, int]]


def prepare(
    places: Sequence[Path], out: Path, options: Options, console: Console | None = None
) -> Index:
    """Makes (or brings up to date) the dataset in `out`.

    Raises:
        AudioError: a recording is missing, damaged, or nothing usable is left.
        RecipeError: options or spans that do not fit.
    """
    console = console or Console()
    _check(options, out)
    extractor = FeatureExtractor(options.sample_rate, options.hop_size)
    files = find_recordings(places)
    spans = choose_spans(files, read_spans(options.spans_csv) if options.spans_csv else {})
    used = [file for file in files if spans[file] != []]
    rooms = place_recordings({file: duration_s(file) for file in used}, options.room_by)
    measured = _measure_all(used, out, extractor, console)
    sources = [_source(file, spans[file], rooms[file], measured[file], extractor) for file in used]
    index = _index(sources, extractor, options)
    write_index(index, out)
    _remove_stale(index, out)
    console.print(summary_table(index))
    for line in left_out_lines(index, [file for file in files if spans[file] == []]):
        console.print(line)
    return index


def _check(options: Options, out: Path) -> None:
    ranges = {
        "--validation-share": (options.validation_share, 0.0, 0.5),
        "--test-share": (options.test_share, 0.0, 0.4),
        "--rate": (options.sample_rate, 16000, 192000),
        "--hop": (options.hop_size, 16, 1024),
    }
    for flag, (given, lowest, highest) in ranges.items():
        if not lowest <= given <= highest:
            raise RecipeError(flag, f"{given:g}", f"{lowest:g} to {highest:g}")
    if out.exists() and not out.is_dir():
        raise RecipeError(
            "--out", f"{out} is a file", "a folder, which is made where there is none"
        )


def _measure_all(
    files: Sequence[Path], out: Path, extractor: FeatureExtractor, console: Console
) -> dict[Path, Measured]:
    """Every file's measurement, from disk where it is there."""
    with_reference = is_installed()
    (out / "recordings").mkdir(parents=True, exist_ok=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    measured = {}
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=sum(duration_s(file) for file in files))
        for file in files:
            progress.update(task, description=file.name)
            digest = content_hash(file)
            key = key_of(digest, extractor, with_reference=with_reference)
            stored = f"recordings/{file.stem}-{key}.safetensors"
            if not (out / stored).exists():
                samples = read_mono(file, extractor.sample_rate)
                save(measure(samples, extractor, with_reference=with_reference), out / stored)
            measured[file] = Measured(digest, stored, load(out / stored))
            progress.advance(task, duration_s(file))
    return measured


def _source(
    path: Path,
    spans: list[Span] | None,
    place: Place,
    measured: Measured,
    extractor: FeatureExtractor,
) -> Source:
    recording = measured.recording
    duration = len(recording.pcm) / extractor.sample_rate
    n_frames = len(recording.features.f0_hz)
    grid = (extractor.sample_rate, extractor.hop_size, extractor.delay_samples, n_frames)
    frames = [span_frames(span, *grid) for span in spans or [Span(0.0, duration)]]
    return Source(path, place, *measured, duration, frames)


def _index(sources: Sequence[Source], extractor: FeatureExtractor, options: Options) -> Index:
    frame_rate = extractor.sample_rate / extractor.hop_size
    rooms = sorted({source.place.room for source in sources})
    repair = options.pitch == "repaired" and is_installed()
    entries = _entries(
        sources, rooms, frame_rate, Shares(options.validation_share, options.test_share)
    )
    recordings = [s.recording.repaired() if repair else s.recording for s in sources]
    return Index(
        format=FORMAT,
        sample_rate=extractor.sample_rate,
        hop_size=extractor.hop_size,
        delay_samples=extractor.delay_samples,
        definition=dict(extractor.definition),
        loudness_target_db=LOUDNESS_TARGET_DB,
        pitch="repaired" if repair else "live",
        rooms=rooms,
        recordings=entries,
        statistics=measure_statistics(entries, recordings, frame_rate),
    )


def _entries(
    sources: Sequence[Source], rooms: list[str], frame_rate: float, shares: Shares
) -> list[Entry]:
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
    silent = recording.features.loudness_db + gain_db < LOUDNESS_TARGET_DB - SILENCE_BELOW_P90_DB
    segments, left_out_s = usable_segments(silent, recording.unsure, stretches, frame_rate)
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
            todo = "leave the recording out"
            raise AudioError(
                group, "no clear pitch anywhere", "one instrument, one note at a time", todo
            )
        gains_db[group] = LOUDNESS_TARGET_DB - float(np.percentile(heard, LOUD_PERCENTAGE))
    return gains_db


def _remove_stale(index: Index, out: Path) -> None:
    """Measurements that the index does not name: of an older extractor, or half written."""
    kept = {out / entry.stored for entry in index.recordings}
    for file in (out / "recordings").iterdir():
        if file not in kept and file.suffix in {".safetensors", ".partial"}:
            file.unlink()
