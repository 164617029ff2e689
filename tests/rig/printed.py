"""What a process prints, for reading while it runs and afterwards."""

import os
import tempfile


class Printed:
    """A nameless file to be a process's output. No pipe: nobody reads while music plays."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 (closed in close)
        self._kept = b""

    def text(self) -> str:
        """All so far."""
        if not self.file.closed:
            # Not read(): the process writes where we last read, as it shares the file's position.
            number = self.file.fileno()
            self._kept = os.pread(number, os.fstat(number).st_size, 0)
        return self._kept.decode(errors="replace")

    def close(self) -> None:
        """Nothing more is going to come; the text stays."""
        self.text()
        self.file.close()
