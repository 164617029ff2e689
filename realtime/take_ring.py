"""The newest rows of a stream, in memory that is taken once: one thread puts, another one gets.

No lock: `n` is written by the putting thread alone, after the rows that it counts. Whoever gets
has to know that its rows are not overwritten meanwhile.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.floating[Any]]


class Ring:
    """Rows by their number since the start.

    Args:
        n_rows: that are kept.
        n_columns: of each.
        dtype: of the numbers.
    """

    def __init__(self, n_rows: int, n_columns: int, dtype: type = np.float32) -> None:
        self._rows: Rows = np.empty((n_rows, n_columns), dtype)
        self._rows[:] = 0.0  # every page is touched now and not in the audio thread
        self.n = 0
        """Put so far."""

    @property
    def n_rows(self) -> int:
        """That are kept."""
        return len(self._rows)

    @property
    def n_columns(self) -> int:
        """Of each row."""
        return int(self._rows.shape[1])

    @property
    def oldest(self) -> int:
        """Number of the oldest row that is still there."""
        return max(self.n - len(self._rows), 0)

    def put(self, block: Rows) -> None:
        """Appends rows. Shape: (T, C), or (T,) for the same in all columns; T up to `n_rows`."""
        columns = self._rows
        if block.ndim == 1:  # one column is filled faster as such
            columns = columns[:, 0] if columns.shape[1] == 1 else columns
            block = block if columns.ndim == 1 else block[:, np.newaxis]
        start, n_new = self.n % len(columns), len(block)
        n_fits = len(columns) - start
        if n_new <= n_fits:
            columns[start : start + n_new] = block
        else:
            columns[start:] = block[:n_fits]
            columns[: n_new - n_fits] = block[n_fits:]
        self.n += n_new

    def put_at(self, mark: float, block: Rows) -> None:
        """Appends rows without their first column, which is `mark`. Shape: (T, C - 1)."""
        start, n_new = self.n % len(self._rows), len(block)
        n_fits = len(self._rows) - start
        for at, part in ((start, block[:n_fits]), (0, block[n_fits:])):
            if len(part):
                self._rows[at : at + len(part), 0] = mark
                self._rows[at : at + len(part), 1:] = part
        self.n += n_new

    def get(self, start: int, stop: int) -> Rows:
        """A copy of the rows with these numbers. Shape: (stop - start, C)."""
        size = len(self._rows)
        first, n = start % size, stop - start
        if first + n <= size:
            return self._rows[first : first + n].copy()
        return np.concatenate((self._rows[first:], self._rows[: first + n - size]))
