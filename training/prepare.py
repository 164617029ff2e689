"""`chanterelle-train prepare`: recordings in, a dataset out, with an index and a report.

Every file is measured as a whole, once, by the extractor that plays (measuring.py); what is used of
it is decided afterwards from spans, silence, clipping and pitch (entries.py), so that other spans,
shares or limits cost no new measurement.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from rich.console import Console

from ddsp_core.errors import AudioError, RecipeError
from ddsp_core.features import FeatureExtractor
from training.advice import advice
from training.audio_files import content_hash, duration_s, find_recordings
from training.dataset_report import write_report
from training.entries import LOUDNESS_TARGET_DB as LOUDNESS_TARGET_DB
from training.entries import Source, make_entries
from training.index import FORMAT, Entry, Index, read_index, write_index
from training.kept_splits import as_before, check_grid
from training.measuring import Task, Workers, measure_all
from training.prepare_report import left_out_lines, summary_table
from training.recording import key_of, load
from training.reference_pitch import Reference, checked
from training.rooms import Place, RoomBy, place_recordings
from training.segments import span_frames
from training.spans import Span, choose_spans, read_spans
from training.splits import Shares
from training.statistics import measure_statistics

LEAST_S = 10.0
"""Usable sound below which there is nothing to learn from."""
ADVISED_MIN = 5.0


@dataclass(frozen=True)
class Options:
    """What `prepare` was asked for."""

    sample_rate: int = 48000
    hop_size: int = 128
    spans_csv: Path | None = None
    validation_share: float = 0.12
    test_share: float = 0.06
    room_by: RoomBy = "auto"
    reference: Reference = "swift-f0"
    pitch: Literal["live", "repaired"] = "repaired"
    jobs: int = -1
    scheduler: str | None = None
    splits_of: Path | None = None
    """An older dataset of the same recordings: what it held out stays held out."""


class Stored(NamedTuple):
    """A sound file, its hash, and the name of its measurement inside the dataset."""

    path: Path
    content_hash: str
    stored: str


def prepare(
    places: Sequence[Path], out: Path, options: Options, console: Console | None = None
) -> Index:
    """Makes (or brings up to date) the dataset in `out`.

    Raises:
        AudioError: a recording is missing, damaged, or too little that is usable is left.
        RecipeError: options or spans that do not fit, workers that die.
    """
    console = console or Console()
    _check(options, out)
    extractor = FeatureExtractor(options.sample_rate, options.hop_size)
    files = find_recordings(places)
    spans = choose_spans(files, read_spans(options.spans_csv) if options.spans_csv else {})
    used = [file for file in files if spans[file] != []]
    durations_s = {file: duration_s(file) for file in used}
    rooms = place_recordings(durations_s, options.room_by)
    measured = _measure(durations_s, out, extractor, options, console)
    sources = [_source(item, spans[item.path], rooms, out, extractor) for item in measured]
    index = _index(sources, extractor, options)
    write_index(index, out)
    _remove_stale(index, out)
    unnamed = [file for file in files if spans[file] == []]
    _tell(index, sources, unnamed, out, console)
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
    if options.jobs == 0 or options.jobs < -1:
        raise RecipeError("--jobs", f"{options.jobs}", "1 or more; -1: one a core")
    checked(options.reference)
    if out.exists() and not out.is_dir():
        raise RecipeError(
            "--out", f"{out} is a file", "a folder, which is made where there is none"
        )


def _measure(
    durations_s: dict[Path, float],
    out: Path,
    extractor: FeatureExtractor,
    options: Options,
    console: Console,
) -> list[Stored]:
    """Measures what is not yet on disk."""
    (out / "recordings").mkdir(parents=True, exist_ok=True)
    found = []
    for file in durations_s:
        digest = content_hash(file)
        key = key_of(digest, extractor, options.reference)
        found.append(Stored(file, digest, f"recordings/{file.stem}-{key}.safetensors"))
    tasks = [
        Task(item.path, durations_s[item.path], out / item.stored)
        for item in found
        if not (out / item.stored).exists()
    ]
    if tasks:
        if len(tasks) < len(found):
            console.print(f"{len(found) - len(tasks)} of {len(found)} are measured already")
        workers = Workers(options.jobs, options.scheduler)
        measure_all(tasks, extractor, options.reference, workers, console)
    return found


def _source(
    item: Stored,
    spans: list[Span] | None,
    rooms: dict[Path, Place],
    out: Path,
    extractor: FeatureExtractor,
) -> Source:
    recording = load(out / item.stored)
    duration = len(recording.pcm) / extractor.sample_rate
    n_frames = len(recording.features.f0_hz)
    grid = (extractor.sample_rate, extractor.hop_size, extractor.delay_samples, n_frames)
    frames = [span_frames(span, *grid) for span in spans or [Span(0.0, duration)]]
    return Source(
        item.path,
        rooms[item.path],
        item.content_hash,
        item.stored,
        recording,
        duration,
        frames,
        described=spans is not None,
    )


def _index(sources: Sequence[Source], extractor: FeatureExtractor, options: Options) -> Index:
    frame_rate = extractor.sample_rate / extractor.hop_size
    rooms = sorted({source.place.room for source in sources})
    repair = options.pitch == "repaired" and options.reference != "none"
    shares = Shares(options.validation_share, options.test_share)
    entries = make_entries(sources, rooms, frame_rate, shares)
    if options.splits_of is not None:
        old = read_index(options.splits_of)
        check_grid(old, options.splits_of, extractor.sample_rate, extractor.hop_size)
        entries = as_before(entries, old, extractor.delay_samples)
    _check_enough(entries, frame_rate)
    recordings = [s.recording.repaired() if repair else s.recording for s in sources]
    return Index(
        format=FORMAT,
        sample_rate=extractor.sample_rate,
        hop_size=extractor.hop_size,
        delay_samples=extractor.delay_samples,
        definition=dict(extractor.definition),
        loudness_target_db=LOUDNESS_TARGET_DB,
        pitch="repaired" if repair else "live",
        reference=options.reference,
        rooms=rooms,
        recordings=entries,
        statistics=measure_statistics(entries, recordings, frame_rate),
    )


def _check_enough(entries: Sequence[Entry], frame_rate: float) -> None:
    used_s = sum(entry.used_s(None, frame_rate) for entry in entries)
    if round(used_s, 1) >= LEAST_S:  # a frame or two are lost at either end
        return
    reasons = Counter[str]()
    for entry in entries:
        reasons.update(entry.left_out_s)
    why = [
        f"{seconds:.1f} s {reason}" for reason, seconds in reasons.most_common() if seconds > 0.1
    ]
    found = f"{used_s:.1f} s can be used" if used_s > 0.0 else "no monophonic sound found"
    recorded_s = sum(entry.duration_s for entry in entries)
    left_out = f"; left out: {', '.join(why)}" if why else ""
    given = f"{found} of {recorded_s:.1f} s recorded{left_out}"
    allowed = f"at least {LEAST_S:g} s, and {ADVISED_MIN:g} to 20 minutes for a good voice"
    raise AudioError("prepare", given, allowed, "record more: one instrument, one note at a time")


def _tell(
    index: Index, sources: Sequence[Source], unnamed: Sequence[Path], out: Path, console: Console
) -> None:
    recordings = [source.recording for source in sources]
    warnings = advice(index, recordings)
    lines = left_out_lines(index, unnamed)
    console.print(summary_table(index))
    for line in [*lines, *(f"warning: {warning}" for warning in warnings)]:
        console.print(line)
    if write_report(index, recordings, warnings, lines, out):
        console.print(f"plots and tables: {out / 'report.html'}")


def _remove_stale(index: Index, out: Path) -> None:
    """Measurements that the index does not name: of an older extractor, or half written."""
    kept = {out / entry.stored for entry in index.recordings}
    for file in (out / "recordings").iterdir():
        if file not in kept and file.suffix in {".safetensors", ".partial"}:
            file.unlink()
