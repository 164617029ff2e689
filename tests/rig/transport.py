"""The microphone and the speaker of the tests: `transport.c`, compiled at first use and loaded."""

import ctypes
import hashlib
import os
import subprocess
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]
MidiScript = Sequence[tuple[int, Sequence[int]]]
"""Messages with the sample at which each is sent."""

SOURCE = Path(__file__).with_name("transport.c")
LEAD_S = 0.1
LOOK_EVERY_S = 0.005

Floats, Counts = ctypes.POINTER(ctypes.c_float), ctypes.POINTER(ctypes.c_int64)


class RigError(Exception):
    """The rig itself failed, not what it tests."""


class Recording(NamedTuple):
    """What came out of the speaker while a signal went into the microphone, and how it went."""

    left: Audio
    right: Audio
    played_at_us: NDArray[np.int64]
    """A cycle: when the microphone was done, by CLOCK_MONOTONIC_RAW."""
    turnaround_us: NDArray[np.float32]
    """From there to the speaker's start: the program's time in between."""
    n_xruns: int
    n_lost: int
    """Samples that no cycle brought."""


class Take(ctypes.Structure):
    """As in transport.c."""

    _fields_ = (
        ("mic", Floats),
        ("n_mic", ctypes.c_int64),
        ("left", Floats),
        ("right", Floats),
        ("n_samples", ctypes.c_int64),
        ("midi_at", Counts),
        ("midi", ctypes.POINTER(ctypes.c_uint8)),
        ("n_midi", ctypes.c_int64),
        ("played_at_us", Counts),
        ("turnaround_us", Floats),
        ("n_cycles_max", ctypes.c_int64),
        ("start_frame", ctypes.c_int64),
        ("n_midi_sent", ctypes.c_int64),
        ("n_cycles", ctypes.c_int64),
        ("n_recorded", ctypes.c_int64),
        ("n_xruns", ctypes.c_int64),
        ("is_done", ctypes.c_int64),
    )


class Transport:
    """Two JACK clients, `microphone` and `speaker`, of a running server.

    Raises RigError if the server does not answer.
    """

    def __init__(self, server_name: str, period: int, sample_rate: int) -> None:
        self._period, self._sample_rate = period, sample_rate
        self._library = load_library()
        self._card = self._library.card_open(server_name.encode())
        if not self._card:
            raise RigError(f"JACK server {server_name} does not answer")
        self._kept: list[object] = []

    @property
    def is_gone(self) -> bool:
        """Whether the server died."""
        return bool(self._library.card_is_gone(self._card))

    def start(self, mic: Audio, n_samples: int, midi: MidiScript = ()) -> "RunningTake":
        """Plays `mic` and records `n_samples`, from a cycle's start a little later on."""
        running = RunningTake(mic, n_samples, midi, self._period)
        # JACK's threads may still look at the take before: it stays as long as they do.
        self._kept.append(running)
        lead = -(-round(LEAD_S * self._sample_rate) // self._period) * self._period
        self._library.card_start(self._card, ctypes.byref(running.take), lead)
        return running

    def wait(self, running: "RunningTake", limit_s: float) -> Recording:
        """The recording once it is complete, or what there is of it if the server died.

        Raises RigError if it takes longer than `limit_s`.
        """
        give_up_s = time.monotonic() + limit_s
        while not self._library.card_is_done(ctypes.byref(running.take)) and not self.is_gone:
            if time.monotonic() > give_up_s:
                raise RigError(f"no recording within {limit_s:.0f} s")
            time.sleep(LOOK_EVERY_S)
        return running.recording()

    def close(self) -> None:
        """Both clients leave; a second time does nothing."""
        if self._card:
            self._library.card_close(self._card)
            self._card = None
        self._kept.clear()


class RunningTake:
    """A take and the arrays behind it."""

    def __init__(self, mic: Audio, n_samples: int, midi: MidiScript, period: int) -> None:
        script = sorted(midi)
        self._mic = np.ascontiguousarray(mic, np.float32)
        self._sound = np.zeros((2, n_samples), np.float32)
        self._played_at_us = np.zeros(n_samples // period + 2, np.int64)
        self._turnaround_us = np.zeros(len(self._played_at_us), np.float32)
        self._midi_at = np.array([at for at, _ in script], np.int64)
        padded = [[*message, 0, 0][:3] for _, message in script]
        self._midi = np.array(padded, np.uint8).reshape(-1, 3)
        self.take = Take(
            mic=self._mic.ctypes.data_as(Floats),
            n_mic=len(self._mic),
            left=self._sound[0].ctypes.data_as(Floats),
            right=self._sound[1].ctypes.data_as(Floats),
            n_samples=n_samples,
            midi_at=self._midi_at.ctypes.data_as(Counts),
            midi=self._midi.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8)),
            n_midi=len(script),
            played_at_us=self._played_at_us.ctypes.data_as(Counts),
            turnaround_us=self._turnaround_us.ctypes.data_as(Floats),
            n_cycles_max=len(self._turnaround_us),
        )

    def recording(self) -> Recording:
        """What there is by now."""
        n_cycles = self.take.n_cycles  # read once: JACK's thread counts on
        return Recording(
            left=self._sound[0],
            right=self._sound[1],
            played_at_us=self._played_at_us[:n_cycles],
            turnaround_us=self._turnaround_us[:n_cycles],
            n_xruns=self.take.n_xruns,
            n_lost=self.take.n_samples - self.take.n_recorded,
        )


@cache
def load_library() -> ctypes.CDLL:
    """`transport.c` as a library; compiled beside this file's bytecode unless it is there."""
    digest = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:12]
    binary = SOURCE.parent / "__pycache__" / f"transport-{digest}.so"
    if not binary.exists():
        binary.parent.mkdir(exist_ok=True)
        unfinished = binary.with_suffix(f".{os.getpid()}")
        flags = ["-O2", "-Wall", "-Wextra", "-std=gnu11", "-shared", "-fPIC"]
        command = ["cc", *flags, str(SOURCE), "-o", str(unfinished), "-l:libjack.so.0"]
        subprocess.run(command, check=True)
        unfinished.replace(binary)
    library = ctypes.CDLL(str(binary))
    library.card_open.restype = ctypes.c_void_p
    library.card_open.argtypes = [ctypes.c_char_p]
    library.card_start.argtypes = [ctypes.c_void_p, ctypes.POINTER(Take), ctypes.c_uint32]
    library.card_is_done.argtypes = [ctypes.POINTER(Take)]
    library.card_is_gone.argtypes = [ctypes.c_void_p]
    library.card_close.argtypes = [ctypes.c_void_p]
    return library
