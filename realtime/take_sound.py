"""The two sound files of a take, wet and dry, which have equally many samples at all times.

A file is one piece; only FLAC, which nobody can go on with once it is closed or its writer was
killed, has further ones when a take is taken up again: wet.flac, wet-2.flac, ...
"""

import contextlib
import os
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from realtime.long_flac import LongFlac
from realtime.long_wav import LongWav
from realtime.take_layout import TakeLayout

Audio = NDArray[np.float32]

SIDES = ("wet", "dry")


class SoundFile(Protocol):
    """What both kinds of file can do."""

    @property
    def n_samples(self) -> int:
        """Written so far."""

    def write(self, samples: Audio) -> None:
        """Appends."""

    def commit(self) -> None:
        """What was written can be read from now on."""

    def close(self, n_samples: int) -> None:
        """Ends the file with that many samples."""


class SoundPair:
    """Writes the wet and the dry file.

    Args:
        folder: of the take.
        sample_rate: in Hz.
        n_wet: channels of the wet file, 1 or 2; the dry one has one.
        layout: kind of file and bits.
        piece: 1, or more where a take is gone on with.

    Raises OSError or soundfile.SoundFileError.
    """

    def __init__(
        self, folder: Path, sample_rate: int, n_wet: int, layout: TakeLayout, piece: int = 1
    ) -> None:
        self._paths = [piece_path(folder, side, layout, piece) for side in SIDES]
        with contextlib.ExitStack() as stack:
            self._files = []
            for path, n_channels in zip(self._paths, (n_wet, 1), strict=True):
                file = _open(path, sample_rate, n_channels, layout)
                stack.callback(file.close, 0)
                self._files.append(file)
            if layout.file == "wav":
                self._even()
            stack.pop_all()

    @property
    def n_samples(self) -> int:
        """Of this piece, both files."""
        return min(file.n_samples for file in self._files)

    def write(self, wet: Audio, dry: Audio) -> None:
        """Both sides, (T,) or (T, 2) and (T,); then both headers, one right after the other."""
        if len(wet) != len(dry):
            raise ValueError(f"{len(wet)} wet samples for {len(dry)} dry ones")
        for file, samples in zip(self._files, (wet, dry), strict=True):
            file.write(samples)
        for file in self._files:
            file.commit()

    def stamp(self, end_s: float) -> None:
        """Notes when the last sample was played, by the wall clock, as the files' time."""
        for path in self._paths:
            os.utime(path, (end_s, end_s))

    def close(self) -> None:
        """Both end with the same sample, also where one of two writes failed."""
        n_samples = self.n_samples
        with contextlib.ExitStack() as stack:
            for file in self._files:
                stack.callback(file.close, n_samples)

    def _even(self) -> None:
        """A killed writer may have left one file a little longer."""
        n_samples = self.n_samples
        for file in self._files:
            if isinstance(file, LongWav):
                file.cut(n_samples)


def piece_path(folder: Path, side: str, layout: TakeLayout, piece: int) -> Path:
    """The file of one side: the first piece has no number."""
    return folder / f"{side}{'' if piece == 1 else f'-{piece}'}{layout.suffix}"


def pieces(folder: Path, side: str, layout: TakeLayout) -> list[Path]:
    """The files of one side that exist, in order."""
    found: list[Path] = []
    while (path := piece_path(folder, side, layout, len(found) + 1)).is_file():
        found.append(path)
    return found


def _open(path: Path, sample_rate: int, n_channels: int, layout: TakeLayout) -> SoundFile:
    if layout.file == "flac":
        return LongFlac(path, sample_rate, n_channels, layout.bits)
    return LongWav(path, sample_rate, n_channels, layout.bits, go_on=path.exists())
