"""What `prepare` says at its end: what was used, what was left out and why, how pitch agrees."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from rich.box import SIMPLE
from rich.table import Table

from training.index import Entry, Index


def summary_table(index: Index) -> Table:
    """One row a phrase recording, one a folder of notes. Lengths in seconds."""
    statistics = index.statistics
    title = (
        f"{60 * statistics.train_hours:.1f} min to train, "
        f"{60 * statistics.validation_hours:.1f} to validate, "
        f"{60 * statistics.test_hours:.1f} to test"
    )
    caption = (
        "used: train + validation + test; in 50: within 50 cents\n"
        f"live pitch is compared with {index.reference}; training hears it {index.pitch}"
    )
    table = Table(title=title, caption=caption, box=SIMPLE, padding=(0, 1, 0, 0))
    table.add_column("recording and room", overflow="fold")
    for column in ("gain", "used", "left out", "live pitch off"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, entries in rows_of(index).items():
        # Names of phrases without their folder: 80 columns are few.
        files = f"{name} x {len(entries)}" if len(entries) > 1 else name.split("/", maxsplit=1)[1]
        room = index.rooms[entries[0].room]
        table.add_row(f"{files}\n  {room}", *_cells(entries, index.frame_rate))
    return table


def left_out_lines(index: Index, unnamed: Sequence[Path]) -> list[str]:
    """Lines about whole files that are not used."""
    lines = [f"left out: {path.name}: not named in the spans" for path in unnamed]
    for entry in index.recordings:
        if not entry.segments:
            reason, _ = Counter(entry.left_out_s).most_common(1)[0]
            lines.append(f"left out: {entry.name}: nothing usable in it, mostly {reason}")
    return lines


def rows_of(index: Index) -> dict[str, list[Entry]]:
    """The recordings by what they are called together: folders of notes are one."""
    rows: dict[str, list[Entry]] = defaultdict(list)
    for entry in index.recordings:
        folder = entry.name.split("/", maxsplit=1)[0]
        rows[f"{folder}/ (notes)" if entry.kind == "notes" else entry.name].append(entry)
    return rows


def left_out_s(entries: Sequence[Entry]) -> dict[str, float]:
    """Seconds left out of several recordings, by reason."""
    reasons = Counter[str]()
    for entry in entries:
        reasons.update(entry.left_out_s)
    return dict(reasons)


def _cells(entries: Sequence[Entry], frame_rate: float) -> list[str]:
    used_s = [
        sum(entry.used_s(split, frame_rate) for entry in entries)
        for split in ("train", "validation", "test")
    ]
    total_s = sum(entry.duration_s for entry in entries)
    left_out = [f"{seconds:.0f} {why}" for why, seconds in left_out_s(entries).items()]
    return [
        f"{entries[0].gain_db:+.1f} dB",
        f"{' + '.join(f'{seconds:.0f}' for seconds in used_s)}\nof {total_s:.0f} s",
        "\n".join(line for line in left_out if not line.startswith("0 ")) or "-",
        _agreement(entries),
    ]


def _agreement(entries: Sequence[Entry]) -> str:
    found = [entry.agreement for entry in entries if entry.agreement and entry.agreement.n_frames]
    if not found:
        return "no reference" if entries[0].agreement is None else "-"
    n_frames = sum(agreement.n_frames for agreement in found)
    cents = median(agreement.median_cents for agreement in found)
    within = sum(agreement.within_50_cents * agreement.n_frames for agreement in found) / n_frames
    return f"{cents:.1f} cents\n{100 * within:.1f} % in 50"
