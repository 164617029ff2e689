"""A take from the pedal that begins it to the one that ends it, as the writer thread does it."""

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from ddsp_core.errors import AudioError
from realtime.take_about import FORMAT, as_plain, iso_time, version
from realtime.take_disk import WARN_S, DiskRoom
from realtime.take_layout import TakeLayout
from realtime.take_resume import Resumed, open_again
from realtime.take_source import Event, Source
from realtime.take_writer import TakeWriter, new_folder

About = Mapping[str, Any] | Callable[[], Mapping[str, Any]] | None

DISK_FULL = "the disk is nearly full"


class Job:
    """One take.

    Args:
        source: what there is to write.
        parent: folder of the new take.
        layout: of a new take's sound.
        about: for take.yaml; asked now if it is a function.
        first: number of the take's first sample.
        resumed: folder of a take that is gone on with.
    """

    def __init__(
        self,
        source: Source,
        parent: Path,
        layout: TakeLayout,
        about: About,
        first: int,
        resumed: Path | None = None,
    ) -> None:
        self._source, self._parent, self._layout = source, parent, layout
        self.folder = resumed or parent
        self._resumed = resumed
        self._again: Resumed | None = None
        self._about = ask(about)
        self.next = self._first = first
        self._n_preroll = source.n_pushed - first
        self._begun_s = time.time()
        self._first_clock = self._offset = 0
        """Of the take's first sample here: by the recorder's clock, and in the take."""
        self._serial = 0
        self._events: list[Event] = []
        """Of later sound than has been written."""
        self._next_reading = source.readings.oldest
        self.stop: int | None = None
        """Number of the sample that ends it, once that is known."""
        self.how = "ended"
        self.failed: str | None = None
        self.problem = ""
        self.news = ""
        """To be told once."""
        self.opened = threading.Event()
        self.error: AudioError | None = None
        self.writer: TakeWriter | None = None
        self.n_written = 0
        self._n_dropped = source.n_dropped
        self._is_under_way = False
        self._room: DiskRoom | None = None
        self.disk_free_s: float | None = None
        """Room for so much more of it; None: nobody has looked yet."""

    def turn(self) -> bool:
        """Writes what there is of it; returns whether the take has ended."""
        try:
            if self.writer is None:
                self._open()
            if self._is_disk_full():
                return self._close("disk full", DISK_FULL)
            n_fetched = self._source.dry.n
            self._write(n_fetched if self.stop is None else min(n_fetched, self.stop))
            if self.stop is not None and self.next >= self.stop:
                return self._close(self.how)
        except Exception as error:  # whatever it is, the sound goes on
            self._fail(error)
            return self._close(f"failed: {self.failed}", self.failed)
        finally:
            self.opened.set()
        return False

    def _open(self) -> None:
        source = self._source
        if self._resumed and self._open_again(self._resumed):
            return
        self.folder = new_folder(self._parent, self._begun_s)
        self.writer = TakeWriter(
            self.folder, source.sample_rate, source.wet.n_columns, self._layout, self._header()
        )

    def _open_again(self, folder: Path) -> bool:
        """Whether the take can be gone on with; if not, a new one is better than none."""
        try:
            source = self._source
            self._again = open_again(folder, source.sample_rate, source.wet.n_columns)
        except (AudioError, OSError, soundfile.SoundFileError) as error:
            self.news = f"a new take: the last one could not be gone on with ({error})"
            return False
        self.writer, self._layout = self._again.writer, self._again.layout
        return True

    def _header(self) -> dict[str, Any]:
        """Of take.yaml, as far as it is known now."""
        source = self._source
        self._first_clock = source.clock_of(self._first)
        begun_s = source.played_s(self._first) if source.n_pushed else self._begun_s
        about = as_plain(self._about)
        return {
            "format": FORMAT,
            "chanterelle": version(),
            "title": about.pop("title", ""),
            "started": iso_time(begun_s),
            "preroll_s": round(self._n_preroll / source.sample_rate, 6),
            "sample_rate": source.sample_rate,
            "block_size": source.block_size,
            "latency_samples": about.pop("latency_samples", 0),
            "layout": {
                "file": self._layout.file,
                "bits": self._layout.bits,
                "wet_channels": source.wet.n_columns,
            },
            "start": asdict(source.state_at(self._first_clock)),
            **{key: value for key, value in about.items() if key != "start"},
        }

    def _begin(self) -> None:
        """With the first sample: only now block size, latency and a gap's length are known."""
        assert self.writer is not None
        self._is_under_way = True
        if self._again is None:
            self.writer.describe(self._header())
            return
        self._first_clock = self._source.clock_of(self._first)
        gap = self._again.fill(self._source.played_s(self._first))
        self._offset = self.writer.n_samples
        self.writer.events([gap])

    def _write(self, upto: int) -> None:
        """Sound first, then what belongs to it; a second at a time."""
        assert self.writer is not None
        source = self._source
        if self.next < upto and not self._is_under_way:
            self._begin()
        while self.next < upto:
            gap = source.gap_between(self.next, upto)
            if gap and gap.number == self.next and gap.number > self._first:
                self.writer.silence(gap.n_samples)
            later = source.gap_between(self.next + 1, upto)
            stop = min(upto, self.next + source.sample_rate, later.number if later else upto)
            wet, dry = (ring.get(self.next, stop) for ring in (source.wet, source.dry))
            self.writer.sound(wet, dry)
            self.next = stop
            self.n_written = self.writer.n_samples
            self.writer.stamp(source.played_s(stop))
        if self._is_under_way:
            self._write_features(source.clock_of(self.next))
            self._write_events(source.clock_of(self.next))

    def _write_features(self, end: int) -> None:
        """Of hops that end up to this sample of the clock."""
        assert self.writer is not None
        readings = self._source.readings
        newest = readings.n
        rows = readings.get(max(self._next_reading, readings.oldest), newest)
        n_due = int(np.searchsorted(rows[:, 0], end, side="right"))
        self._next_reading = newest - (len(rows) - n_due)
        due = rows[:n_due]
        due[:, 0] -= self._first_clock
        due = due[due[:, 0] > 0]
        due[:, 0] += self._offset
        self.writer.features(due)

    def _write_events(self, end: int) -> None:
        """Of before this sample of the clock."""
        assert self.writer is not None
        for serial, event in self._source.events_since(self._serial):
            self._serial = serial
            if event.clock >= self._first_clock:
                self._events.append(event)
        due = [event for event in self._events if event.clock < end]
        self._events = [event for event in self._events if event.clock >= end]
        moved = self._offset - self._first_clock
        self.writer.events((event.clock + moved, event.what) for event in due)

    def _is_disk_full(self) -> bool:
        """Also tells how long it will last, when that is not long any more."""
        assert self.writer is not None
        if self._room is None:
            self._room = DiskRoom(self.folder, self._bytes_s())
        left_s = self.disk_free_s = self._room.left_s(time.monotonic())
        self.problem = f"{DISK_FULL}: {left_s / 60:.0f} min of recording left"
        if left_s > WARN_S:
            self.problem = ""
        return left_s <= 0

    def _bytes_s(self) -> float:
        source = self._source
        return source.sample_rate * (source.wet.n_columns + 1) * self._layout.bits / 8

    def _fail(self, error: Exception) -> None:
        said = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        self.failed = str(said)
        where, given = str(self.folder), f"cannot be written ({said})"
        if isinstance(error, AudioError):
            self.error = error
        else:
            self.error = AudioError(where, given, "a folder on a disk with room left")

    def _close(self, how: str, failed: str | None = None) -> bool:
        self.failed = failed
        self.problem = f"recording stopped ({failed})" if failed else ""
        dropped_s = (self._source.n_dropped - self._n_dropped) / self._source.sample_rate
        if self.writer is not None:
            with contextlib.suppress(Exception):
                self.writer.close(how, dropped_s)
            self.n_written = self.writer.n_samples
        return True


def ask(about: About) -> dict[str, Any]:
    """What is known now; functions in it are asked later."""
    return dict(about() if callable(about) else about or {})
