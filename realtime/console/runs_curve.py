"""The curve of a training run, `curve.csv`, read on as it grows.

A line is a validation. The trainer appends whole lines, but whoever reads meanwhile may see a part
of one; a run that goes on from a checkpoint writes the file anew, without what lies after it.
"""

import math
import os
from pathlib import Path
from typing import BinaryIO

FILE_NAME = "curve.csv"
STEP, TIME = "step", "unix_s"
MOST_LINES = 200_000
MOST_BYTES = 1 << 22
"""Of one reading; the rest comes with the next."""
MOST_COLUMNS = 32

Identity = tuple[int, int]


class CurveFile:
    """What has been read of one.

    Args:
        path: it may not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._forget()

    def read_on(self) -> bool:
        """Reads what has come; returns whether anything changed. Never raises."""
        try:
            if self._path.is_symlink():
                return False
            with self._path.open("rb") as file:
                return self._read(file)
        except OSError:
            had_any = bool(self.columns)
            self._forget()
            return had_any

    def _forget(self) -> None:
        self.columns: dict[str, list[float]] = {}
        """By heading; all equally long, with steps that grow. What is no number is nan."""
        self.n_bad = 0
        """Lines that are no numbers."""
        self._identity: Identity = (0, 0)
        self._offset = 0
        self._rest = b""

    def _read(self, file: BinaryIO) -> bool:
        stat = os.fstat(file.fileno())
        identity = (stat.st_dev, stat.st_ino)
        is_other = identity != self._identity or stat.st_size < self._offset
        if is_other:
            self._forget()
            self._identity = identity
        file.seek(self._offset)
        piece = file.read(MOST_BYTES)
        self._offset += len(piece)
        *lines, self._rest = (self._rest + piece).split(b"\n")
        self._rest = self._rest[-4096:]
        for line in lines:
            self._take(line.decode("utf-8", "replace").strip("\r "))
        return is_other or bool(lines)

    def _take(self, line: str) -> None:
        parts = line.split(",")
        if not self.columns:
            names = [part.strip() for part in parts[:MOST_COLUMNS]]
            if STEP in names and len(set(names)) == len(names):
                self.columns = {name: [] for name in names}
            return
        numbers = [_number(part) for part in parts]
        by_name = dict(zip(self.columns, numbers, strict=False))
        steps = self.columns[STEP]
        is_whole = len(numbers) == len(self.columns) and math.isfinite(by_name[STEP])
        if not is_whole or (steps and by_name[STEP] <= steps[-1]):
            self.n_bad += bool(line)
        elif len(steps) < MOST_LINES:
            for name, number in by_name.items():
                self.columns[name].append(number)


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan
