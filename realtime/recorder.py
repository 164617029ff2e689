"""Records a performance: what was played (wet.wav) and the microphone (dry.wav), sample by sample.

The audio thread copies blocks into a queue; a writer thread takes them out a few times a second.
After each of its turns both files are complete on disk, so that a killed process loses no more than
one turn. A disk that is full or gone stops the recording, never the sound.
"""

import contextlib
import threading
from collections import deque
from datetime import datetime
from pathlib import Path

import numpy as np

from ddsp_core.errors import AudioError
from realtime.long_wav import LongWav
from realtime.processor import Audio

WRITE_EVERY_S = 0.2
"""Well below the second that may be lost, and seldom enough to leave the audio thread alone."""

QUEUE_S = 10.0
"""How long a disk may stall before sound is left out. Disks that wake up take some seconds."""

CLOSE_LIMIT_S = 10.0


class Recorder:
    """One take, in a new folder of its own.

    Args:
        folder: where takes are kept; made if it does not exist.
        sample_rate: of the blocks, in Hz.
        queue_s: how much sound may wait for the disk.

    Raises AudioError if the folder or the files cannot be made.
    """

    def __init__(self, folder: Path, sample_rate: int, queue_s: float = QUEUE_S) -> None:
        self.failed: str | None = None
        self.n_dropped = 0
        self._sample_rate = sample_rate
        self._queue: deque[tuple[int, Audio, Audio]] = deque()
        self._n_queue_max = round(queue_s * sample_rate)
        # Each count has one writing thread, so that no lock is needed.
        self._n_pushed = 0
        self._n_taken = 0
        self._n_missing = 0
        try:
            self.folder = _new_folder(folder)
            self._wet, self._dry = _open_pair(self.folder, sample_rate)
        except OSError as error:
            given = f"cannot be written ({error.strerror})"
            raise AudioError(str(folder), given, "a folder on a disk with room left") from error
        self.n_written = 0
        self._closing = threading.Event()
        # A daemon: a disk that hangs must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def seconds_written(self) -> float:
        """How much of the take is safe on disk."""
        return self.n_written / self._sample_rate

    @property
    def seconds_dropped(self) -> float:
        """How much was left out because the disk was too slow; silence stands in its place."""
        return self.n_dropped / self._sample_rate

    def push(self, wet_block: Audio, dry_block: Audio, *_more: object) -> None:
        """Takes copies of two blocks of equal length (audio thread; never waits)."""
        if self.failed or self._closing.is_set():
            return
        n_samples = len(dry_block)
        if self._n_pushed - self._n_taken + n_samples > self._n_queue_max:
            self._n_missing += n_samples
            self.n_dropped += n_samples
            return
        self._queue.append((self._n_missing, wet_block.copy(), dry_block.copy()))
        self._n_missing = 0
        self._n_pushed += n_samples

    def close(self) -> None:
        """Writes what is left and closes the files; a second time does nothing."""
        self._closing.set()
        self._thread.join(CLOSE_LIMIT_S)
        if self._thread.is_alive():
            self.failed = self.failed or f"the disk did not answer for {CLOSE_LIMIT_S:g} s"

    def _run(self) -> None:
        try:
            while not self._closing.wait(WRITE_EVERY_S):
                self._write_queue()
            self._write_queue()
            self._finish()
        except Exception as error:  # whatever it is, the sound goes on
            self.failed = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
            self._queue.clear()
            with contextlib.suppress(OSError):
                self._finish()

    def _write_queue(self) -> None:
        """All that waits, as few writes as possible."""
        blocks: list[tuple[Audio, Audio]] = []
        for _ in range(len(self._queue)):
            n_missing, wet, dry = self._queue.popleft()
            if n_missing:
                self._write_blocks(blocks)
                self._write_silence(n_missing)
                blocks = []
            blocks.append((wet, dry))
        self._write_blocks(blocks)

    def _write_blocks(self, blocks: list[tuple[Audio, Audio]]) -> None:
        if blocks:
            wet, dry = (np.concatenate(side) for side in zip(*blocks, strict=True))
            self._write(wet, dry)
            self._n_taken += len(dry)

    def _write_silence(self, n_samples: int) -> None:
        """Keeps the take's clock right; a second at a time, as a stall may have been long."""
        for start in range(0, n_samples, self._sample_rate):
            silence = np.zeros(min(self._sample_rate, n_samples - start), np.float32)
            self._write(silence, silence)

    def _write(self, wet: Audio, dry: Audio) -> None:
        """Both files, then both headers, one right after the other."""
        if len(wet) != len(dry):
            raise ValueError(f"{len(wet)} wet samples for {len(dry)} dry ones")
        self._wet.write(wet)
        self._dry.write(dry)
        self._wet.commit()
        self._dry.commit()
        self.n_written += len(dry)

    def _finish(self) -> None:
        """Both files end with the same sample, also where one of two writes failed."""
        n_samples = min(self._wet.n_samples, self._dry.n_samples)
        with contextlib.ExitStack() as stack:
            for file in (self._wet, self._dry):
                stack.callback(file.close, n_samples)
        self.n_written = n_samples


def _open_pair(folder: Path, sample_rate: int) -> tuple[LongWav, LongWav]:
    wet = LongWav(folder / "wet.wav", sample_rate)
    try:
        return wet, LongWav(folder / "dry.wav", sample_rate)
    except OSError:
        wet.close(0)
        raise


def _new_folder(parent: Path) -> Path:
    """`parent/2026-11-21_20-15-00`, or with a number behind it where that exists."""
    stamp = datetime.now().astimezone().strftime("%Y-%m-%d_%H-%M-%S")
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
