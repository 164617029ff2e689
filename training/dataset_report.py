"""`report.html` in a dataset: what was recorded, what is used, and what may go wrong with it."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.heard_notes import HeardFrames, find_notes, heard_frames
from training.html_page import Html, audio, heading, image, page, paragraph, table
from training.index import Index
from training.prepare_report import left_out_s, rows_of
from training.recording import Recording
from training.whole_files import write_whole

FILE_NAME = "report.html"


def write_report(
    index: Index,
    recordings: Sequence[Recording],
    warnings: Sequence[str],
    left_out: Sequence[str],
    out: Path,
) -> bool:
    """Writes the page, in one piece; False where matplotlib is not installed, and so no page.

    Args:
        recordings: in the order of the index.
        warnings: in plain words.
        left_out: lines about whole files.
    """
    if importlib.util.find_spec("matplotlib") is None:
        return False
    heard = heard_frames(index, recordings)
    body = [
        *(paragraph(warning, "warning") for warning in warnings),
        *_summary(index, heard),
        *_plots(index, recordings, heard),
        *_sample(index, recordings),
        *_left_out(index, left_out),
    ]
    content = page(f"Dataset {out.resolve().name}", body)
    write_whole(out / FILE_NAME, content.encode())
    return True


def _summary(index: Index, heard: HeardFrames) -> list[Html]:
    from training.dataset_plots import cents_off

    statistics = index.statistics
    rows: list[tuple[str, str]] = [
        ("recorded", _minutes(sum(entry.duration_s for entry in index.recordings))),
        ("to train", _minutes(3600.0 * statistics.train_hours)),
        ("to validate", _minutes(3600.0 * statistics.validation_hours)),
        ("to test", _minutes(3600.0 * statistics.test_hours)),
        ("recordings, rooms", f"{len(index.recordings)}, {len(index.rooms)}"),
        ("features", f"{index.sample_rate} Hz, a frame every {index.hop_size} samples"),
        ("pitch that training hears", f"{index.pitch}, reference {index.reference}"),
    ]
    cents = np.abs(cents_off(heard))
    if len(cents):
        within = float(np.mean(cents <= 50.0))
        off = f"{np.median(cents):.1f} cents in the median, {within:.1%} within 50"
        rows.append((f"live pitch off {index.reference}", off))
    return [table(("", ""), rows)]


def _plots(index: Index, recordings: Sequence[Recording], heard: HeardFrames) -> list[Html]:
    from training import dataset_plots

    notes = find_notes(index, recordings)
    return [
        heading("What is in it"),
        image(dataset_plots.pitch_histogram(heard, index.frame_rate), "seconds a semitone"),
        image(
            dataset_plots.loudness_histogram(heard, notes, index.frame_rate),
            "seconds a decibel, and length and loudness of the notes",
        ),
        image(
            dataset_plots.trust_histograms(heard, index.reference),
            "confidence, and live pitch less reference in cents",
        ),
    ]


def _sample(index: Index, recordings: Sequence[Recording]) -> list[Html]:
    """The middle of the longest segment, to see and to hear."""
    from training import dataset_plots

    lengths = [
        (segment.end - segment.start, n, segment)
        for n, entry in enumerate(index.recordings)
        for segment in entry.segments
    ]
    _, number, segment = max(lengths, key=lambda found: found[0])
    recording, entry = recordings[number], index.recordings[number]
    length = round(dataset_plots.SAMPLE_S * index.frame_rate)
    first = max((segment.start + segment.end - length) // 2, segment.start)
    figure = dataset_plots.sample_spectrogram(recording, index.sample_rate, first)
    from_sample = first * index.hop_size
    sound = recording.audio[from_sample : from_sample + length * index.hop_size]
    name = f"{entry.name} from {first / index.frame_rate:.1f} s"
    return [
        heading("A sample"),
        paragraph(name),
        audio(sound, index.sample_rate),
        image(figure, "spectrogram with the pitch over it"),
    ]


def _left_out(index: Index, lines: Sequence[str]) -> list[Html]:
    rows = {**rows_of(index), "all": index.recordings}
    reasons = list(left_out_s(index.recordings))
    cells: list[list[str | float]] = []
    for name, entries in rows.items():
        seconds = left_out_s(entries)
        used_s = sum(entry.used_s(None, index.frame_rate) for entry in entries)
        recorded_s = sum(entry.duration_s for entry in entries)
        cells.append([name, *(round(s, 1) for s in (recorded_s, used_s))])
        cells[-1] += [round(seconds.get(reason, 0.0), 1) for reason in reasons]
    return [
        heading("What was left out, in seconds"),
        table(["recording", "recorded", "used", *reasons], cells),
        *(paragraph(line) for line in lines),
    ]


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} hours"
