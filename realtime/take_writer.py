"""One take on its way to the disk: sound, what was heard, what was done, and what it is.

All of it runs in the recorder's thread. Each `write` leaves everything complete on disk.
"""

import contextlib
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.take_about import iso_time, write_about
from realtime.take_layout import TakeLayout
from realtime.take_lock import lock_take
from realtime.take_notes import COLUMNS, EVENTS, FEATURES, LineFile, event_line, feature_lines
from realtime.take_sound import SoundPair

Audio = NDArray[np.float32]


class TakeWriter:
    """Writes a take.

    Args:
        folder: of the take, which exists.
        sample_rate: in Hz.
        n_wet: channels of the wet sound.
        layout: of the sound files.
        about: for take.yaml.
        n_before: samples that the take has in earlier pieces, where it is gone on with.
        piece: see `SoundPair`.

    Raises OSError or soundfile.SoundFileError.
    """

    def __init__(
        self,
        folder: Path,
        sample_rate: int,
        n_wet: int,
        layout: TakeLayout,
        about: Mapping[str, Any],
        *,
        n_before: int = 0,
        piece: int = 1,
    ) -> None:
        self.folder, self._rate, self._n_wet = folder, sample_rate, n_wet
        self._about = dict(about)
        self._n_before = n_before
        with contextlib.ExitStack() as stack:
            self._events = LineFile(folder / EVENTS)
            stack.callback(self._events.close)
            lock_take(self._events.fileno(), folder)
            self._features = LineFile(folder / FEATURES, ",".join(COLUMNS))
            stack.callback(self._features.close)
            self._sound = SoundPair(folder, sample_rate, n_wet, layout, piece)
            stack.callback(self._sound.close)
            write_about(folder, self._about)
            self._open = stack.pop_all()

    @property
    def n_samples(self) -> int:
        """Of the whole take, on disk."""
        return self._n_before + self._sound.n_samples

    def describe(self, about: Mapping[str, Any]) -> None:
        """Writes take.yaml anew."""
        self._about = dict(about)
        write_about(self.folder, self._about)

    def sound(self, wet: Audio, dry: Audio) -> None:
        """Appends both. Shape: (T, C) and (T, 1)."""
        self._sound.write(wet[:, 0] if self._n_wet == 1 else wet, dry[:, 0])

    def silence(self, n_samples: int) -> None:
        """Keeps the take's clock right; a second at a time, as it may be long."""
        for start in range(0, n_samples, self._rate):
            zeros = np.zeros((min(self._rate, n_samples - start), self._n_wet), np.float32)
            self.sound(zeros, zeros[:, :1])

    def features(self, rows: NDArray[np.floating[Any]]) -> None:
        """Appends what was heard. Shape: (N, 4), with samples of the take."""
        self._features.write(feature_lines(rows))

    def events(self, events: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
        """Appends what was done, with samples of the take."""
        self._events.write(event_line(sample, event) for sample, event in events)

    def stamp(self, end_s: float) -> None:
        """Notes when the last sample was played, by the wall clock."""
        self._sound.stamp(end_s)

    def close(self, how: str, dropped_s: float) -> None:
        """Ends the take; take.yaml says how."""
        n_samples = self.n_samples
        with self._open:
            pass
        self._about["ended"] = {
            "how": how,
            "duration_s": round(n_samples / self._rate, 6),
            "n_samples": n_samples,
            "dropped_s": round(dropped_s, 6),
            "at": iso_time(time.time()),
        }
        write_about(self.folder, self._about)


def new_folder(parent: Path, at_s: float) -> Path:
    """`parent/2026-11-21_20-15-00`, or with a number behind it where that exists."""
    stamp = datetime.fromtimestamp(at_s).astimezone().strftime("%Y-%m-%d_%H-%M-%S")
    parent.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        folder = parent / (stamp if number == 1 else f"{stamp}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
        else:
            return folder
