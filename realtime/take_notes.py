"""What a take holds beside the sound: what was heard and what was done, with sample times.

features.csv is text, as every spreadsheet, numpy (`genfromtxt(..., names=True)`) and a person can
read it; events.jsonl has one JSON object a line. Lines are appended whole; should a killed process
leave a part of one, readers leave it out.
"""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEATURES, EVENTS = "features.csv", "events.jsonl"
COLUMNS = ("sample", "f0_hz", "confidence", "loudness_db")


class LineFile:
    """Appends lines to a file; the first one may be a heading.

    Args:
        path: is gone on with if it exists.
        heading: of a new file.
    """

    def __init__(self, path: Path, heading: str = "") -> None:
        self._file = path.open("a+b", buffering=0)
        size = os.fstat(self._file.fileno()).st_size
        if size == 0:
            self.write([heading] if heading else [])
        elif os.pread(self._file.fileno(), 1, size - 1) != b"\n":
            self._file.write(b"\n")  # behind a line that a killed process left half written

    def fileno(self) -> int:
        """The descriptor."""
        return self._file.fileno()

    def write(self, lines: Iterable[str]) -> None:
        """Appends all lines in one piece."""
        text = "".join(f"{line}\n" for line in lines)
        left = memoryview(text.encode())
        while left:
            left = left[self._file.write(left) or 0 :]

    def close(self) -> None:
        """The last line stands."""
        self._file.close()


def feature_lines(rows: NDArray[np.floating[Any]]) -> list[str]:
    """Lines of features.csv. Shape: (N, 4), as `COLUMNS`.

    >>> feature_lines(np.array([[128, 440.0, 0.987654, -23.456]]))
    ['128,440.000,0.988,-23.46']
    """
    return [f"{at:.0f},{f0:.3f},{sure:.3f},{level:.2f}" for at, f0, sure, level in rows.tolist()]


def event_line(sample: int, event: Mapping[str, Any]) -> str:
    """A line of events.jsonl.

    >>> event_line(480, {"kind": "control", "name": "room_mix", "value": 0.5})
    '{"sample": 480, "kind": "control", "name": "room_mix", "value": 0.5}'
    """
    return json.dumps({"sample": sample, **event}, default=str)


def read_features(folder: Path) -> NDArray[np.float64]:
    """What was heard, without lines that are not whole. Shape: (N, 4), as `COLUMNS`."""
    rows = []
    for line in _whole_lines(folder / FEATURES)[1:]:
        try:
            rows.append([float(part) for part in line.split(",")])
        except ValueError:
            continue
    kept = [row for row in rows if len(row) == len(COLUMNS)]
    return np.array(kept, np.float64).reshape(-1, len(COLUMNS))


def read_events(folder: Path) -> list[dict[str, Any]]:
    """What was done, in order of the samples; lines that are not whole are left out."""
    events = []
    for line in _whole_lines(folder / EVENTS):
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and isinstance(event.get("sample"), int):
            events.append(event)
    return sorted(events, key=lambda event: event["sample"])


def _whole_lines(path: Path) -> list[str]:
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8", errors="replace")
    return text.split("\n")[:-1]
