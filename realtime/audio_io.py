"""A real sound card, through PortAudio: mono in (or nothing), up to two channels out."""

import math
import threading
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ddsp_core.errors import DeviceError, StreamError
from realtime.card import OnBlock
from realtime.devices import HOW_TO_GO_ON, Device
from realtime.quiet import quiet_stderr
from realtime.stats import NO_FLAGS, CardFlags

SILENCE_LIMIT_S = 0.5
"""A card that has not called back for so long is taken for gone."""

FIRST_BLOCK_LIMIT_S = 3.0
"""Wireless and suspended cards wake up slowly."""

CLOSE_LIMIT_S = 2.0

BLOCKS_TO_SPARE = 2
"""Of ALSA: how many blocks are ready while the next one is computed."""


class PortAudioCard:
    """Two devices of one host API, opened as one stream, or a speaker alone.

    Args:
        microphone, speaker: of the same host API; no microphone: it hears silence.
        sample_rate: in Hz, one that both accept.
        block_size: in samples; ignored with JACK, which has its own.
        portaudio: the sounddevice module, or a fake of it.
    """

    def __init__(
        self,
        microphone: Device | None,
        speaker: Device,
        sample_rate: int,
        block_size: int,
        portaudio: Any,
    ) -> None:
        self.microphone, self.speaker, self.sample_rate = microphone, speaker, sample_rate
        # PortAudio's JACK code delays by every block size asked for, even the server's own; with 0
        # it passes the server's blocks on as they are.
        self.block_size = 0 if speaker.host_api.startswith("JACK") else block_size
        self._portaudio = portaudio
        self._stream: Any = None
        self._on_block: OnBlock | None = None
        self._watchdog = Watchdog()
        self._n_calls = 0

    @property
    def description(self) -> str:
        """Devices, rate and block size in one line."""
        size = f"blocks of {self.block_size}" if self.block_size else "JACK's block size"
        return f"{self._names} ({self.speaker.host_api}), {self.sample_rate} Hz, {size}"

    @property
    def _names(self) -> str:
        return " -> ".join(device.name for device in (self.microphone, self.speaker) if device)

    @property
    def latency_s(self) -> float | None:
        """Input plus output delay as PortAudio reports it; None where that is nonsense."""
        if self._stream is None:
            return None
        latency = self._stream.latency  # of a speaker alone a single number
        return believable_latency(latency if self.microphone else (0.0, latency))

    def open(self, on_block: OnBlock) -> None:
        """Opens and starts the stream; raises DeviceError if the card refuses."""
        self._on_block = on_block
        try:
            with quiet_stderr():
                self._stream = self._make_stream()
                self._stream.start()
        except (self._portaudio.PortAudioError, ValueError) as error:
            given = f"does not open ({error})"
            raise DeviceError(self._names, given, "", HOW_TO_GO_ON) from error

    def _make_stream(self) -> Any:
        speaker, n_outputs = self.speaker.index, min(2, self.speaker.n_outputs)
        both: dict[str, Any] = {
            "samplerate": self.sample_rate,
            "blocksize": self.block_size,
            "dtype": "float32",
            "latency": self._wanted_latency(),
        }
        if self.microphone is None:
            return self._portaudio.OutputStream(
                device=speaker, channels=n_outputs, callback=self._callback_out, **both
            )
        return self._portaudio.Stream(
            device=(self.microphone.index, speaker),
            channels=(1, n_outputs),
            callback=self._callback,
            **both,
        )

    def _wanted_latency(self) -> float | str:
        """What PortAudio shall aim at.

        In its ALSA code (pa_linux_alsa.c, PaAlsaStreamComponent_DetermineFramesPerBuffer and
        _FinishConfigure) the buffer is this and one period, and the period a quarter of this and
        one block, rounded up to whole blocks: `low`, 8 ms, makes that one block of 128 and three to
        spare, but two of 64 and six. Two blocks to spare make every period one block, and such
        periods pass through PortAudio without a further buffer.
        """
        if self.speaker.host_api.startswith("ALSA"):
            return BLOCKS_TO_SPARE * self.block_size / self.sample_rate
        return "low"

    def is_playing(self) -> bool:
        """True while the card calls back; raises StreamError once it does not."""
        problem = self._watchdog.look(self._stream.active, self._n_calls, time.monotonic())
        if problem:
            raise StreamError(
                self.speaker.name,
                f"the sound server went away ({problem})",
                "",
                "start it again, then play again",
            )
        return True

    def close(self) -> bool:
        """Stops the stream; False if PortAudio hangs in it, as it does when a server hangs."""
        if self._stream is None:
            return True
        closing = threading.Thread(target=self._stream.close, name="closing", daemon=True)
        closing.start()
        closing.join(CLOSE_LIMIT_S)
        return not closing.is_alive()

    def _callback(
        self,
        indata: NDArray[np.float32],
        outdata: NDArray[np.float32],
        _n_samples: int,
        _times: Any,
        status: Any,
    ) -> None:
        # A copy: PortAudio's buffer is only lent until the callback returns.
        self._play(indata[:, 0].copy(), outdata, status)

    def _callback_out(
        self, outdata: NDArray[np.float32], _n_samples: int, _times: Any, status: Any
    ) -> None:
        self._play(np.zeros(len(outdata), np.float32), outdata, status)

    def _play(self, dry: NDArray[np.float32], outdata: NDArray[np.float32], status: Any) -> None:
        self._n_calls += 1
        assert self._on_block is not None
        outdata[:] = spread(self._on_block(dry, read_flags(status)), outdata)


class Watchdog:
    """Tells a card that went away from a program that was paused.

    Nothing is raised and no callback comes when a sound server dies. A stream that says it is not
    active is gone; one that says it is, is gone if it stayed silent for `SILENCE_LIMIT_S` *while
    we were looking*: after a look that comes far too late (a debugger, a laptop that slept) the
    time starts anew.
    """

    def __init__(self) -> None:
        self._n_calls = -1
        self._heard_s = -math.inf
        self._looked_s = -math.inf

    def look(self, is_active: bool, n_calls: int, now_s: float) -> str:
        """What is wrong with the stream; empty if nothing is."""
        was_paused = now_s - self._looked_s > SILENCE_LIMIT_S
        if n_calls != self._n_calls or was_paused:
            self._n_calls, self._heard_s = n_calls, now_s
        self._looked_s = now_s
        limit_s = SILENCE_LIMIT_S if n_calls else FIRST_BLOCK_LIMIT_S
        if not is_active:
            return "the stream stopped"
        return f"silent for {limit_s:g} s" if now_s - self._heard_s > limit_s else ""


def spread(block: NDArray[np.float32], like: NDArray[np.float32]) -> NDArray[np.float32]:
    """A block, (T,) or (T, 2), for as many channels as `like`, (T, C), has.

    >>> spread(np.array([[1.0, 3.0]], np.float32), np.zeros((1, 1))).tolist()
    [[2.0]]
    """
    channels = block[:, np.newaxis] if block.ndim == 1 else block
    if like.shape[1] == 1 and channels.shape[1] == 2:
        return np.asarray(channels.mean(axis=1, keepdims=True), np.float32)
    return channels


def read_flags(status: Any) -> CardFlags:
    """PortAudio's status flags; those for priming the output lose no sound."""
    if not status:
        return NO_FLAGS
    return CardFlags(
        int(status.input_underflow),
        int(status.input_overflow),
        int(status.output_underflow),
        int(status.output_overflow),
    )


def believable_latency(latency_s: tuple[float, float]) -> float | None:
    """The sum of both directions, or None: PipeWire has been seen to report 89478 s.

    >>> believable_latency((0.005, 0.01))
    0.015
    >>> believable_latency((0.005, 89478.0)) is None
    True
    """
    if all(math.isfinite(part) and 0.0 <= part < 1.0 for part in latency_s):
        return float(sum(latency_s))
    return None
