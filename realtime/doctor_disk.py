"""Is the disk fast enough to record? Writes for a moment what a recording would write."""

import os
import shutil
import tempfile
import time
from pathlib import Path

from realtime.doctor_findings import Disk

N_TRACKS = 2
"""What is sung and what is played."""

SAMPLE_BYTES = 3
PIECE_S = 0.2
"""The recorder writes five times a second."""

N_PIECES_MAX = 50
MB = 1e6


def examine_disk(folder: Path, sample_rate: int, seconds: float = 0.5) -> Disk:
    """Writes pieces and forces each to the disk, then removes them."""
    bytes_a_second = N_TRACKS * SAMPLE_BYTES * sample_rate
    where = nearest_folder(folder)
    try:
        pieces_s = _time_pieces(where, round(PIECE_S * bytes_a_second), seconds)
        free_hours = shutil.disk_usage(where).free / bytes_a_second / 3600
    except OSError as error:
        problem = error.strerror or str(error)
        return Disk(str(folder), 0.0, 0.0, 0.0, f"cannot be written ({problem})")
    speed = len(pieces_s) * PIECE_S * bytes_a_second / MB / max(sum(pieces_s), 1e-6)
    return Disk(str(folder), speed, 1e3 * max(pieces_s), free_hours, "")


def nearest_folder(folder: Path) -> Path:
    """The folder, or that above it which exists: a recording would make the rest."""
    whole = folder.expanduser().absolute()
    return next((place for place in (whole, *whole.parents) if place.is_dir()), Path())


def _time_pieces(folder: Path, n_bytes: int, seconds: float) -> list[float]:
    piece = os.urandom(n_bytes)  # zeros may be packed away
    taken_s: list[float] = []
    with tempfile.TemporaryFile(dir=folder, prefix="chanterelle-") as file:
        give_up_s = time.monotonic() + seconds
        while len(taken_s) < N_PIECES_MAX and (not taken_s or time.monotonic() < give_up_s):
            begun_s = time.monotonic()
            file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            taken_s.append(time.monotonic() - begun_s)
    return taken_s
