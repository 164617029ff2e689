"""The newest rows of a stream, in memory that is taken once."""

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
        self._rows[:] = 0.0  # every page is there from the beginning: memory does not grow
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
        """Appends rows. Shape: (T, C), or (T,) into one column; T up to `n_rows`."""
        rows = block if block.ndim == 2 else block[:, np.newaxis]
        start = self.n % len(self._rows)
        n_fits = len(self._rows) - start
        self._rows[start : start + len(rows)] = rows[:n_fits]
        self._rows[: max(len(rows) - n_fits, 0)] = rows[n_fits:]
        self.n += len(rows)

    def get(self, start: int, stop: int) -> Rows:
        """A copy of the rows with these numbers. Shape: (stop - start, C)."""
        size = len(self._rows)
        first, n = start % size, stop - start
        if first + n <= size:
            return self._rows[first : first + n].copy()
        return np.concatenate((self._rows[first:], self._rows[: first + n - size]))
