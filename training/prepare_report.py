"""What `prepare` says at its end: what was used, what was left out and why, how pitch agrees."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from rich.box import SIMPLE
from rich.table import Table

from training.index import Entry, Index


def summary_table(index: Index) -> Table:
    """One row a phrase recording, one a folder of notes. Lengths in seconds."""
    title = (
        f"{60 * index.statistics.train_hours:.1f} min to train, "
        f"{60 * index.statistics.validation_hours:.1f} to validate, "
        f"{60 * index.statistics.test_hours:.1f} to test"
    )
    caption = (
        "left out (s): outside the spans + silence, no clear pitch + scraps\n"
        f"live pitch is compared with swift-f0 offline; training hears it {index.pitch}"
    )
    table = Table(title=title, caption=caption, box=SIMPLE, padding=(0, 1, 0, 0))
    table.add_column("recording and room", overflow="fold")
    for column in ("gain", "train+valid.+test", "parts", "left out", "live pitch off by"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, entries in _rows(index).items():
        # Names of phrases without their folder: 80 columns are few.
        files = f"{name} x {len(entries)}" if len(entries) > 1 else name.split("/", maxsplit=1)[1]
        room = index.rooms[entries[0].room]
        table.add_row(f"{files}\n  {room}", *_cells(entries, index.frame_rate))
    return table


def left_out_lines(index: Index, unnamed: Sequence[Path]) -> list[str]:
    """Lines about whole files that are not used."""
    lines = [f"left out: {path.name}: not named in the spans" for path in unnamed]
    empty = [entry.name for entry in index.recordings if not entry.segments]
    return lines + [f"left out: {name}: nothing usable in it" for name in empty]


def _rows(index: Index) -> dict[str, list[Entry]]:
    rows: dict[str, list[Entry]] = defaultdict(list)
    for entry in index.recordings:
        folder = entry.name.split("/", maxsplit=1)[0]
        rows[f"{folder}/ (notes)" if entry.kind == "notes" else entry.name].append(entry)
    return rows


def _cells(entries: Sequence[Entry], frame_rate: float) -> list[str]:
    train_s = sum(entry.used_s("train", frame_rate) for entry in entries)
    validation_s = sum(entry.used_s("validation", frame_rate) for entry in entries)
    test_s = sum(entry.used_s("test", frame_rate) for entry in entries)
    reasons = [
        sum(entry.left_out_s[reason] for entry in entries) for reason in entries[0].left_out_s
    ]
    total_s = sum(entry.duration_s for entry in entries)
    return [
        f"{entries[0].gain_db:+.1f} dB",
        f"{train_s:.0f} + {validation_s:.0f} + {test_s:.0f} s\nof {total_s:.0f} s",
        f"{sum(len(entry.segments) for entry in entries)}",
        f"{reasons[0]:.0f} + {reasons[1]:.0f}\n{reasons[2]:.0f} + {reasons[3]:.0f}",
        _agreement(entries),
    ]


def _agreement(entries: Sequence[Entry]) -> str:
    found = [entry.agreement for entry in entries if entry.agreement and entry.agreement.n_frames]
    if not found:
        return "no swift-f0" if entries[0].agreement is None else "-"
    n_frames = sum(agreement.n_frames for agreement in found)
    cents = median(agreement.median_cents for agreement in found)
    within = sum(agreement.within_50_cents * agreement.n_frames for agreement in found) / n_frames
    return f"{cents:.1f} cents\n{100 * within:.1f} % within 50"
