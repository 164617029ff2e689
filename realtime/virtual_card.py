"""A sound card without hardware: a file is the microphone, a file the speaker, at real-time pace.

The speaker's file is as exact as the stream: its sample n was played while the microphone gave its
sample n, so that the delay between the two files is the engine's alone.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile

from ddsp_core.errors import AudioError, StreamError
from realtime.audio_file import read_audio
from realtime.card import OnBlock
from realtime.processor import Audio
from realtime.stats import NO_FLAGS, CardFlags

TAIL_S = 2.0
"""How long it listens on after the clip: the last note and its room."""

UNDERFLOW = CardFlags(output_underflow=1)


class VirtualCard:
    """Plays a clip into a session and writes what comes back.

    Args:
        clip: any sound file; mixed to mono and resampled. None: silence, until it is closed.
        output: a 24-bit WAV file to be written.
        sample_rate: in Hz.
        block_size: in samples.
        n_outputs: channels of the output, 1 or 2.
        clock, sleep: of the pace; a test puts its own here.

    Raises AudioError if the clip cannot be read or the output not written.
    """

    latency_s = 0.0

    def __init__(
        self,
        clip: Path | None,
        output: Path,
        sample_rate: int,
        block_size: int,
        n_outputs: int = 1,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.sample_rate, self.block_size = sample_rate, block_size
        self._n_outputs = n_outputs
        names = " -> ".join(str(path) for path in (clip, output) if path)
        self.description = f"{names}, {sample_rate} Hz, blocks of {block_size}"
        self._microphone: Audio | None = None
        if clip:
            self._microphone = _with_tail(read_audio(clip, sample_rate), sample_rate, block_size)
        if clip and output.exists() and output.samefile(clip):
            raise AudioError(str(output), "is the clip itself", "another file for the output")
        self._speaker = _create(output, sample_rate, n_outputs)
        self._clock, self._sleep = clock, sleep
        self._stopping = False
        self._failure = ""
        self._thread: threading.Thread | None = None

    def open(self, on_block: OnBlock) -> None:
        """Starts the clip."""
        self._thread = threading.Thread(
            target=self._run, args=(on_block,), name="virtual card", daemon=True
        )
        self._thread.start()

    def is_playing(self) -> bool:
        """False after the clip and its tail; raises StreamError if the output cannot be written."""
        if self._failure:
            raise StreamError(self._speaker.name, self._failure, "a disk with room left")
        return self._thread is not None and self._thread.is_alive()

    def close(self) -> bool:
        """Stops and closes the output."""
        self._stopping = True
        if self._thread is not None:
            self._thread.join()
        self._speaker.close()
        return True

    def _run(self, on_block: OnBlock) -> None:
        try:
            self._play(on_block)
        except (soundfile.SoundFileError, OSError) as error:
            self._failure = f"cannot be written ({error})"
            with contextlib.suppress(soundfile.SoundFileError, OSError):
                self._speaker.close()  # the process leaves without clean-up after a StreamError

    def _play(self, on_block: OnBlock) -> None:
        block_s = self.block_size / self.sample_rate
        due_s = self._clock() + block_s
        flags = NO_FLAGS
        for block in self._blocks():
            self._wait_until(due_s)
            if self._stopping:
                return
            self._write(on_block(block, flags))
            # Like a card with two buffers: a block may be late by one block before sound is lost.
            late = self._clock() > due_s + 2 * block_s
            flags = UNDERFLOW if late else NO_FLAGS
            due_s = self._clock() if late else due_s + block_s

    def _blocks(self) -> Iterator[Audio]:
        if self._microphone is None:
            while True:
                yield np.zeros(self.block_size, np.float32)
        for start in range(0, len(self._microphone), self.block_size):
            yield self._microphone[start : start + self.block_size].copy()

    def _write(self, block: Audio) -> None:
        if block.ndim == 1 and self._n_outputs == 2:
            block = np.repeat(block[:, np.newaxis], 2, axis=1)
        elif block.ndim == 2 and self._n_outputs == 1:
            block = block.mean(axis=1)
        self._speaker.write(block)

    def _wait_until(self, due_s: float) -> None:
        left_s = due_s - self._clock()
        if left_s > 0:
            self._sleep(left_s)


def _with_tail(clip: Audio, sample_rate: int, block_size: int) -> Audio:
    """The clip, its tail and the zeros that fill the last block."""
    n_samples = len(clip) + round(TAIL_S * sample_rate)
    n_blocks = -(-n_samples // block_size)
    return np.pad(clip, (0, n_blocks * block_size - len(clip)))


def _create(output: Path, sample_rate: int, n_outputs: int) -> soundfile.SoundFile:
    where = str(output)
    if output.suffix.lower() != ".wav":
        raise AudioError(where, f"{output.suffix or 'no suffix'}", "a name that ends in .wav")
    if not output.parent.is_dir():
        raise AudioError(where, f"no folder {output.parent}", "an existing folder")
    try:
        return soundfile.SoundFile(where, "w", sample_rate, n_outputs, "PCM_24")
    except (soundfile.SoundFileError, OSError) as error:
        raise AudioError(where, f"cannot be written ({error})", "a file that may") from error
