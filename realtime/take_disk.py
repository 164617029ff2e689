"""How long a disk still takes a recording."""

import shutil
from pathlib import Path

KEPT_BYTES = 50 * 2**20
"""Stay free: a full disk harms more than the take."""

WARN_S = 600.0
LOOK_EVERY_S = 1.0
NOTES_BYTES_S = 40_000
"""Features and events, at most."""


class DiskRoom:
    """Watches the disk that a take lies on.

    Args:
        folder: on that disk.
        sound_bytes_s: what the sound needs in a second, uncompressed.
    """

    def __init__(self, folder: Path, sound_bytes_s: float) -> None:
        self._folder = folder
        self._bytes_s = sound_bytes_s + NOTES_BYTES_S
        self._looked_s = float("-inf")
        self._left_s = float("inf")

    def left_s(self, now_s: float) -> float:
        """How many seconds of recording there is room for; looks at most once a second."""
        if now_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = now_s
            free_bytes = shutil.disk_usage(self._folder).free
            self._left_s = (free_bytes - KEPT_BYTES) / self._bytes_s
        return self._left_s
