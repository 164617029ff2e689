"""The figures of `latency.py` as tables to read."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

Row = dict[str, Any]


def tables(result: Row) -> str:
    """All tables, in markdown."""
    parts = [
        onset_table(result["onsets"]),
        f"{result['n_runs']} sounds a test, room_mix {result['room_mix']:g}: mean ± deviation of"
        " onset out minus onset in, engine only; in brackets what was missed. A microphone's and a"
        " loudspeaker's buffer add " + _buffers(result["following"]) + ".",
        following_table(result["following"]),
        "Notes out of silence that begin in a wrong octave: "
        + ", ".join(f"{r['wrong_octave']} of {r['notes']}" for r in result["starts"])
        + ".",
        *(budget_table(rows) for rows in _by(result["budget"], "way")),
    ]
    return "\n\n".join(parts)


def onset_table(rows: Sequence[Row]) -> str:
    """A line a test, a column a block size."""
    sizes = sorted({row["block_size"] for row in rows})
    lines = _head("sound, samples, level", [f"{size} frames, ms" for size in sizes])
    tests = sorted({_test(row) for row in rows}, key=[_test(row) for row in rows].index)
    for test in tests:
        cells = {row["block_size"]: _onset(row) for row in rows if _test(row) == test}
        lines.append(_line(test, [cells[size] for size in sizes]))
    at = [[row for row in rows if row["block_size"] == size] for size in sizes]
    for name, key in (("worst mean", "mean_ms"), ("worst jitter", "jitter_ms")):
        worst = [
            max((row[key] for row in some if row[key] is not None), default=None) for some in at
        ]
        lines.append(_line(name, [_ms(ms) for ms in worst]))
    missed = [sum(row["missed"] for row in some) for some in at]
    return "\n".join([*lines, _line("missed in all", [str(number) for number in missed])])


def following_table(rows: Sequence[Row]) -> str:
    """A line a figure: engine only, and from microphone to loudspeaker."""
    sizes = sorted({row["block_size"] for row in rows})
    columns = [f"{size}: engine / microphone to loudspeaker, ms" for size in sizes]
    lines = _head("following", columns)
    for rows_of_one in _by(rows, "what"):
        cells = {row["block_size"]: _two(row) for row in rows_of_one}
        lines.append(_line(rows_of_one[0]["what"], [cells[size] for size in sizes]))
    kept = next((row["depth_kept"] for row in rows if "depth_kept" in row), None)
    end = [] if kept is None else [f"\nDepth of vibrato kept: {100 * kept:.0f} %."]
    return "\n".join(lines + end)


def budget_table(rows: Sequence[Row]) -> str:
    """What each part adds on one way through the instrument, a column a block size."""
    lines = _head(f"budget: {rows[0]['way']}", [f"{row['block_size']} frames, ms" for row in rows])
    for name in rows[0]["parts_ms"]:
        lines.append(_line(name, [f"{row['parts_ms'][name]:.2f}" for row in rows]))
    for name, key in (("sum", "sum_ms"), ("measured", "measured_ms")):
        lines.append(_line(name, [f"{row[key]:.2f}" for row in rows]))
    return "\n".join(lines)


def _by(rows: Sequence[Row], key: str) -> Iterator[list[Row]]:
    names = [row[key] for row in rows]
    ordered = sorted(rows, key=lambda row: names.index(row[key]))
    return (list(group) for _, group in groupby(ordered, key=lambda row: row[key]))


def _test(row: Row) -> str:
    return f"{row['sound']}, {row['n_samples']}, {row['level_db']:g} dB"


def _onset(row: Row) -> str:
    return f"{_ms(row['mean_ms'])} ± {_ms(row['jitter_ms'])} ({row['missed']})"


def _two(row: Row) -> str:
    return f"{_ms(row['engine_ms'], 1)} / {_ms(row['microphone_to_loudspeaker_ms'], 1)}"


def _ms(ms: float | None, digits: int = 2) -> str:
    return "never" if ms is None else f"{ms:.{digits}f}"


def _buffers(rows: Sequence[Row]) -> str:
    whole = "microphone_to_loudspeaker_ms"
    added = {row["block_size"]: row[whole] - row["engine_ms"] for row in rows if row[whole]}
    return ", ".join(f"{ms:.2f} ms at {size}" for size, ms in sorted(added.items()))


def _head(first: str, columns: Sequence[str]) -> list[str]:
    return [_line(first, columns), "|" + "---|" * (1 + len(columns))]


def _line(first: str, cells: Sequence[str]) -> str:
    return f"| {first} | " + " | ".join(cells) + " |"
