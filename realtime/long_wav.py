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

SAMPLE_BYTES = 3
HEADER_BYTES = 80
MAX_WAV_BYTES = 2**32 - 1
IN_DS64 = 2**32 - 1
"""Stands in RF64's 32-bit fields: the real size is in the ds64 chunk."""
FULL_SCALE = 2**23


class LongWav:
    """Writes one mono file of 24-bit PCM.

    Args:
        path: must not exist yet.
        sample_rate: in Hz.

    Raises OSError here and in `write` and `commit`; what was committed before stays playable.
    """

    def __init__(self, path: Path, sample_rate: int) -> None:
        self._sample_rate = sample_rate
        self._n_bytes = 0
        # Unbuffered: what was written lies with the operating system and survives a killed process.
        self._file = path.open("xb", buffering=0)
        try:
            self.commit()
        except OSError:
            self._file.close()
            raise

    @property
    def n_samples(self) -> int:
        """Whole samples on disk; after a failed write that may be a part of what was given."""
        return self._n_bytes // SAMPLE_BYTES

    def write(self, samples: NDArray[np.float32]) -> None:
        """Appends samples; they count once they are committed. Shape: (T,)."""
        left = memoryview(to_pcm24(samples))
        while left:
            n_written = os.pwrite(self._file.fileno(), left, HEADER_BYTES + self._n_bytes)
            self._n_bytes += n_written
            left = left[n_written:]

    def commit(self) -> None:
        """Makes the header count all whole samples."""
        wanted = header(self.n_samples, self._sample_rate)
        if os.pwrite(self._file.fileno(), wanted, 0) < len(wanted):  # only while the file is new
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self, n_samples: int) -> None:
        """Cuts the file to `n_samples`, at most as many as it has, and closes it.

        Nothing of this asks for more room than the file has, so that it works on a full disk.
        """
        self._n_bytes = n_samples * SAMPLE_BYTES
        with self._file:
            self.commit()
            self._file.truncate(HEADER_BYTES + self._n_bytes)
            if self._n_bytes % 2:  # RIFF wants chunks of even length; nobody minds if it fails
                with contextlib.suppress(OSError):
                    self._file.truncate(HEADER_BYTES + self._n_bytes + 1)


def to_pcm24(samples: NDArray[np.float32]) -> bytes:
    """Little-endian 24-bit integers; clipped to full scale, NaN becomes 0.

    >>> to_pcm24(np.array([0.0, 2.0**-23, -1.0, 2.0], np.float32)).hex(" ", 3)
    '000000 010000 000080 ffff7f'
    """
    clipped = np.nan_to_num(np.clip(samples, -1.0, 1.0 - 1.0 / FULL_SCALE), nan=0.0)
    # Exact before it is rounded: a float32 holds every integer up to 2^24.
    whole = np.rint(clipped * np.float32(FULL_SCALE)).astype("<i4")
    return bytes(whole.view(np.uint8).reshape(-1, 4)[:, :SAMPLE_BYTES].tobytes())


def header(n_samples: int, sample_rate: int) -> bytes:
    """The 80 bytes before the samples: WAV up to 4 GiB, RF64 beyond."""
    n_bytes = n_samples * SAMPLE_BYTES
    n_riff = HEADER_BYTES - 8 + n_bytes + n_bytes % 2
    pcm = struct.pack(
        "<4sIHHIIHH4s",
        *(b"fmt ", 16),
        *(1, 1),  # PCM, mono
        *(sample_rate, sample_rate * SAMPLE_BYTES),
        *(SAMPLE_BYTES, 8 * SAMPLE_BYTES),
        b"data",
    )
    if n_riff <= MAX_WAV_BYTES:
        riff = struct.pack("<4sI4s4sI28x", b"RIFF", n_riff, b"WAVE", b"JUNK", 28)
        return riff + pcm + struct.pack("<I", n_bytes)
    rf64 = struct.pack("<4sI4s4sI", b"RF64", IN_DS64, b"WAVE", b"ds64", 28)
    sizes = struct.pack("<QQQI", n_riff, n_bytes, n_samples, 0)
    return rf64 + sizes + pcm + struct.pack("<I", IN_DS64)
