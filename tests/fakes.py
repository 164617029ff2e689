"""Stand-ins for the world outside: an engine, a sound card, a recorder, PortAudio."""

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from ddsp_core.errors import StreamError
from realtime.session_partners import FinishedTake
from realtime.stats import NO_FLAGS, CardFlags


class FakeMeters(NamedTuple):
    input_peak_db: float = -20.0
    output_peak_db: float = -14.0
    f0_hz: float = 440.0
    confidence: float = 0.9
    loudness_db: float = -25.0
    gate_open: bool = True


class DelayEngine:
    """Gives back what it gets, `latency_samples` later: an engine as its callers see it."""

    def __init__(self, sample_rate: int = 48000, latency_samples: int = 512) -> None:
        self.sample_rate, self.latency_samples = sample_rate, latency_samples
        self.meters = FakeMeters()
        self.controls: dict[str, float] = {}
        self.block_sizes: list[int] = []
        self._held = np.zeros(latency_samples, np.float32)

    def expect_blocks_of(self, block_size: int | None) -> None:
        pass

    def process(self, block: np.ndarray) -> np.ndarray:
        assert block.dtype == np.float32
        assert block.flags.c_contiguous
        assert 1 <= len(block) <= 8192
        self.block_sizes.append(len(block))
        joined = np.concatenate((self._held, block))
        out, self._held = joined[: len(block)], joined[len(block) :]
        return out

    def set_control(self, name: str, value: float) -> None:
        self.controls[name] = value

    def warm_up(self, seconds: float = 1.0) -> None:
        pass


class FailingEngine(DelayEngine):
    """Fails at every second block."""

    def process(self, block: np.ndarray) -> np.ndarray:
        out = super().process(block)
        if len(self.block_sizes) % 2 == 0:
            raise ZeroDivisionError("made up")
        return out


class FakeCard:
    """Hands over the given blocks as fast as it can, then ends, or breaks down."""

    description = "fake"
    latency_s = 0.01

    def __init__(
        self,
        blocks: list[np.ndarray],
        sample_rate: int = 48000,
        flags: list[CardFlags] | None = None,
        breaks_down: bool = False,
    ) -> None:
        self.blocks, self.sample_rate, self.breaks_down = blocks, sample_rate, breaks_down
        self.flags = flags or [NO_FLAGS] * len(blocks)
        self.played: list[np.ndarray] = []
        self.is_closed = False
        self._done = threading.Event()

    def open(self, on_block: Any) -> None:
        for block, flags in zip(self.blocks, self.flags, strict=True):
            self.played.append(on_block(block, flags))

    def is_playing(self) -> bool:
        if self.breaks_down:
            raise StreamError("fake", "the sound server went away", "")
        return False

    def close(self) -> bool:
        self.is_closed = True
        return True


class FakeTape:
    """Keeps what is pushed."""

    failed: str | None = None
    folder = Path("take")
    seconds_dropped = 0.0
    seconds_written = 1.0
    finished = (FinishedTake(Path("take"), 1.0),)

    def __init__(self) -> None:
        self.wet: list[np.ndarray] = []
        self.dry: list[np.ndarray] = []
        self.is_closed = False

    def push(self, wet_block: np.ndarray, dry_block: np.ndarray, *more: Any) -> None:
        self.wet.append(wet_block.copy())
        self.dry.append(dry_block.copy())

    def close(self) -> None:
        self.is_closed = True


class PortAudioError(Exception):
    """As sounddevice raises it."""


class FakeStatus(SimpleNamespace):
    """As sounddevice's CallbackFlags: true if any flag is set."""

    def __init__(self, **flags: bool) -> None:
        names = ("input_underflow", "input_overflow", "output_underflow", "output_overflow")
        super().__init__(**(dict.fromkeys((*names, "priming_output"), False) | flags))

    def __bool__(self) -> bool:
        return any(vars(self).values())


class FakeStream:
    """Keeps what it was opened with; `run_callback` does what the card's thread would."""

    latency = (0.004, 0.006)

    def __init__(self, **kwargs: Any) -> None:
        self.kwargs = kwargs
        self.active = False
        self.hang = threading.Event()
        self.hang.set()

    def start(self) -> None:
        self.active = True

    def close(self) -> None:
        self.hang.wait(10)
        self.active = False

    def run_callback(self, block: np.ndarray, status: Any = None) -> np.ndarray:
        out = np.full((len(block), self.kwargs["channels"][1]), 9.0, np.float32)
        self.kwargs["callback"](block[:, np.newaxis], out, len(block), None, status)
        return out


class FakeOutputStream(FakeStream):
    """Of a speaker alone."""

    latency = 0.006

    def run_callback(self, block: np.ndarray, status: Any = None) -> np.ndarray:
        out = np.full((len(block), self.kwargs["channels"]), 9.0, np.float32)
        self.kwargs["callback"](out, len(block), None, status)
        return out


class FakePortAudio:
    """The part of the sounddevice module that is used here."""

    PortAudioError = PortAudioError

    def __init__(self, rates: tuple[int, ...] = (44100, 48000), refuses: bool = False) -> None:
        self.rates, self.refuses = rates, refuses
        self.default = SimpleNamespace(device=[-1, -1])
        self.hosts = [{"name": "ALSA"}, {"name": "JACK Audio Connection Kit"}]
        self.entries: list[dict[str, Any]] = []
        self.streams: list[FakeStream] = []

    def add(
        self, name: str, n_in: int, n_out: int, host: int = 0, rate: float = 44100.0
    ) -> "FakePortAudio":
        self.entries.append(
            {
                "index": len(self.entries),
                "name": name,
                "hostapi": host,
                "max_input_channels": n_in,
                "max_output_channels": n_out,
                "default_samplerate": rate,
            }
        )
        return self

    def query_hostapis(self) -> list[dict[str, str]]:
        return self.hosts

    def query_devices(self) -> list[dict[str, Any]]:
        return self.entries

    def _check(self, device: int, channels: int | None, dtype: str, extra: Any, rate: int) -> None:
        if rate not in self.rates:
            raise PortAudioError(f"Invalid sample rate {rate} for {device}")

    check_input_settings = check_output_settings = _check

    def Stream(self, **kwargs: Any) -> FakeStream:  # noqa: N802 (sounddevice's name)
        if self.refuses:
            raise PortAudioError("Device unavailable [PaErrorCode -9985]")
        self.streams.append(FakeStream(**kwargs))
        return self.streams[-1]

    def OutputStream(self, **kwargs: Any) -> "FakeOutputStream":  # noqa: N802
        self.streams.append(FakeOutputStream(**kwargs))
        return self.streams[-1]
