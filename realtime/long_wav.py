"""A WAV file that is complete on disk after every commit and may grow beyond 4 GiB.

Plain WAV counts bytes in 32 bits; RF64 (EBU Tech 3306, https://tech.ebu.ch/docs/tech/tech3306.pdf)
counts in 64 but is not read everywhere. Its section on recorders is followed here: the file starts
as plain WAV with room kept in a JUNK chunk, and only when it passes 4 GiB (8 h 17 min of 24 bits at
48 kHz) the same 80 bytes are rewritten as RF64. So a short file opens everywhere, also after a
crash. libsndfile has the same idea (SFC_RF64_AUTO_DOWNGRADE), but decides when a file is closed,
and python-soundfile gives no access to it, nor to headers that are kept up to date.
"""

import contextlib
import errno
import os
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.pcm import to_bytes

HEADER_BYTES = 80
MAX_WAV_BYTES = 2**32 - 1
IN_DS64 = 2**32 - 1
"""Stands in RF64's 32-bit fields: the real size is in the ds64 chunk."""
PCM, FLOAT = 1, 3


class LongWav:
    """Writes one file.

    Args:
        path: must not exist yet, unless it is gone on with.
        sample_rate: in Hz.
        n_channels: of the samples.
        bits: 16 or 24 (integers) or 32 (floats).
        go_on: behind the whole samples of a file that was made here with the same arguments.

    Raises OSError here and in `write` and `commit`; what was committed before stays playable.
    """

    def __init__(
        self,
        path: Path,
        sample_rate: int,
        n_channels: int = 1,
        bits: int = 24,
        *,
        go_on: bool = False,
    ) -> None:
        self._sample_rate, self._n_channels, self._bits = sample_rate, n_channels, bits
        self._frame_bytes = n_channels * bits // 8
        # Unbuffered: what was written lies with the operating system and survives a killed process.
        self._file = path.open("r+b" if go_on else "xb", buffering=0)
        size = os.fstat(self._file.fileno()).st_size if go_on else 0
        self._n_bytes = max(size - HEADER_BYTES, 0) // self._frame_bytes * self._frame_bytes
        try:
            self.commit()
        except OSError:
            self._file.close()
            raise

    @property
    def n_samples(self) -> int:
        """Whole samples on disk; after a failed write that may be a part of what was given."""
        return self._n_bytes // self._frame_bytes

    def write(self, samples: NDArray[np.float32]) -> None:
        """Appends samples; they count once they are committed. Shape: (T,) or (T, C)."""
        left = memoryview(to_bytes(samples, self._bits))
        while left:
            n_written = os.pwrite(self._file.fileno(), left, HEADER_BYTES + self._n_bytes)
            self._n_bytes += n_written
            left = left[n_written:]

    def commit(self) -> None:
        """Makes the header count all whole samples."""
        wanted = header(self.n_samples, self._sample_rate, self._n_channels, self._bits)
        if os.pwrite(self._file.fileno(), wanted, 0) < len(wanted):  # only while the file is new
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def cut(self, n_samples: int) -> None:
        """Cuts the file to `n_samples`, at most as many as it has."""
        self._n_bytes = min(n_samples * self._frame_bytes, self._n_bytes)
        self.commit()
        self._file.truncate(HEADER_BYTES + self._n_bytes)

    def close(self, n_samples: int) -> None:
        """Cuts the file to `n_samples`, at most as many as it has, and closes it.

        Nothing of this asks for more room than the file has, so that it works on a full disk.
        """
        with self._file:
            self.cut(n_samples)
            if self._n_bytes % 2:  # RIFF wants chunks of even length; nobody minds if it fails
                with contextlib.suppress(OSError):
                    self._file.truncate(HEADER_BYTES + self._n_bytes + 1)


def header(n_samples: int, sample_rate: int, n_channels: int = 1, bits: int = 24) -> bytes:
    """The 80 bytes before the samples: WAV up to 4 GiB, RF64 beyond."""
    frame_bytes = n_channels * bits // 8
    n_bytes = n_samples * frame_bytes
    n_riff = HEADER_BYTES - 8 + n_bytes + n_bytes % 2
    fmt = struct.pack(
        "<4sIHHIIHH4s",
        *(b"fmt ", 16),
        *(FLOAT if bits == 32 else PCM, n_channels),
        *(sample_rate, sample_rate * frame_bytes),
        *(frame_bytes, bits),
        b"data",
    )
    if n_riff <= MAX_WAV_BYTES:
        riff = struct.pack("<4sI4s4sI28x", b"RIFF", n_riff, b"WAVE", b"JUNK", 28)
        return riff + fmt + struct.pack("<I", n_bytes)
    rf64 = struct.pack("<4sI4s4sI", b"RF64", IN_DS64, b"WAVE", b"ds64", 28)
    sizes = struct.pack("<QQQI", n_riff, n_bytes, n_samples, 0)
    return rf64 + sizes + fmt + struct.pack("<I", IN_DS64)


def count_wav_samples(path: Path) -> int:
    """Samples in a file that was made here, by its header; raises ValueError if it was not."""
    with path.open("rb") as file:
        start = file.read(HEADER_BYTES)
    if len(start) < HEADER_BYTES or start[:4] not in {b"RIFF", b"RF64"} or start[72:76] != b"data":
        raise ValueError("not a WAV file as recorded here")
    if start[:4] == b"RF64":
        return int(struct.unpack_from("<Q", start, 36)[0])
    n_bytes, frame_bytes = (
        struct.unpack_from("<I", start, 76)[0],
        struct.unpack_from("<H", start, 68)[0],
    )
    return int(n_bytes // max(frame_bytes, 1))
