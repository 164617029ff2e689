"""A FLAC file that plays up to its last second although its writer was killed.

libsndfile writes each frame of 4096 samples as soon as it is encoded, but says how many samples
there are only when the file is closed; until then readers see 0 or nonsense and refuse. So this
count, 36 bits of the STREAMINFO block at the file's beginning (RFC 9639, section 8.2), is kept up
to date here through a second handle. When the file is closed libsndfile writes it once more.
"""

import os
import struct
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from realtime.pcm import to_integers

COUNT_AT, MD5_AT = 21, 26
"""Of the bytes that end with the count's low 32 bits, and of the checksum of all samples."""
BLOCK_AT = 8
HIGH_BITS = 0x0F


class LongFlac:
    """Writes one file.

    Args:
        path: must not exist yet.
        sample_rate: in Hz.
        n_channels: of the samples.
        bits: 16 or 24.

    Raises OSError or soundfile.SoundFileError here and in `write` and `commit`.
    """

    def __init__(self, path: Path, sample_rate: int, n_channels: int = 1, bits: int = 24) -> None:
        self._bits = bits
        self._header = path.open("x+b", buffering=0)
        try:
            self._file = soundfile.SoundFile(path, "w", sample_rate, n_channels, f"PCM_{bits}")
        except BaseException:
            self._header.close()
            raise
        self.n_samples = 0
        """Given so far; of these the whole frames are on disk."""

    def write(self, samples: NDArray[np.float32]) -> None:
        """Appends samples. Shape: (T,) or (T, C)."""
        whole = to_integers(samples, self._bits)
        # libsndfile takes 32 bits and keeps the upper ones.
        self._file.write(whole << (32 - self._bits))
        self.n_samples += len(samples)

    def commit(self) -> None:
        """Makes the header count what lies on disk."""
        if n_samples := self._n_on_disk():
            _set_count(self._header.fileno(), n_samples)

    def close(self, n_samples: int) -> None:
        """Writes what is left and makes the file end with `n_samples`, at most all that it has."""
        with self._header:
            try:
                self._file.close()
            finally:
                if n_samples < self.n_samples:
                    _cut(self._header.fileno(), n_samples)

    def _n_on_disk(self) -> int:
        """The encoder keeps a frame back until it has seen one sample more."""
        read = os.pread(self._header.fileno(), 2, BLOCK_AT)
        block = int.from_bytes(read, "big")  # nothing is there before the first samples
        return max(self.n_samples - 1, 0) // block * block if block else 0


def count_samples(path: Path) -> int:
    """What the header of a FLAC file counts; 0 where nothing was written yet."""
    with path.open("rb") as file:
        start = file.read(COUNT_AT + 5)
    if not start:
        return 0
    if len(start) < COUNT_AT + 5 or start[:4] != b"fLaC":
        raise ValueError("not a FLAC file")
    first, low = struct.unpack_from(">BI", start, COUNT_AT)
    return (int(first) & HIGH_BITS) << 32 | int(low)


def cut_flac(path: Path, n_samples: int) -> None:
    """Makes a file that nobody writes end with `n_samples`, at most as many as it has."""
    if n_samples < count_samples(path):
        with path.open("r+b", buffering=0) as file:
            _cut(file.fileno(), n_samples)


def _cut(file: int, n_samples: int) -> None:
    _set_count(file, n_samples)
    os.pwrite(file, bytes(16), MD5_AT)  # the checksum of all samples: not known


def _set_count(file: int, n_samples: int) -> None:
    (first,) = os.pread(file, 1, COUNT_AT)
    kept = first & ~HIGH_BITS
    os.pwrite(file, struct.pack(">BI", kept | n_samples >> 32, n_samples & 0xFFFFFFFF), COUNT_AT)
