"""What the console is shown thirty times a second, packed: meters, pitch, harmonics, noise.

The engine packs numbers as they are; the console's process does what it takes to show them.
"""

import struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from realtime.live_view_state import NOTHING_DB
from realtime.meters import Meters, Sounding

FLOOR_DB, STEP_DB = -100.0, 0.5
"""Levels of harmonics and bands are bytes: 0 is the floor or less, 200 is 0 dBFS."""

HEAD = struct.Struct("<d8f?HH")
AMPLITUDE = np.dtype("<f4")


class LiveFrame(NamedTuple):
    """One moment."""

    time_s: float = 0.0
    """time.monotonic() of the engine's process."""
    input_peak_db: float = NOTHING_DB
    """dBFS, of the loudest since the last frames, falling slowly: `peaks`."""
    output_peak_db: float = NOTHING_DB
    f0_hz: float = 0.0
    """What is sung."""
    confidence: float = 0.0
    loudness_db: float = NOTHING_DB
    """A-weighted, of the microphone."""
    played_hz: float = 0.0
    """What the voice plays; 0: nothing."""
    load: float = 0.0
    """p99 of the last seconds, computing time over block length."""
    recording_s: float = -1.0
    """Length of the take; negative: nothing is recorded."""
    is_singing: bool = False
    """The gate is open."""
    harmonics: bytes = b""
    """Levels, see `STEP_DB`."""
    bands: bytes = b""


def pack_live(
    time_s: float,
    peaks_db: tuple[float, float],
    meters: Meters,
    sounding: Sounding,
    load: float,
    recording_s: float,
) -> bytes:
    """Out of what engine and session know; `unpack_live` makes a frame of it."""
    head = HEAD.pack(
        time_s,
        *peaks_db,
        meters.f0_hz,
        meters.confidence,
        meters.loudness_db,
        sounding.f0_hz,
        load,
        recording_s,
        meters.gate_open,
        len(sounding.harmonics),
        len(sounding.bands),
    )
    amplitudes = sounding.harmonics, sounding.bands
    return head + b"".join(part.astype(AMPLITUDE, copy=False).tobytes() for part in amplitudes)


def unpack_live(data: bytes) -> LiveFrame:
    """The frame that `pack_live` has packed. Raises ValueError or struct.error for another."""
    *numbers, is_singing, n_harmonics, n_bands = HEAD.unpack_from(data)
    heights = levels(np.frombuffer(data, AMPLITUDE, n_harmonics + n_bands, HEAD.size))
    return LiveFrame._make((*numbers, is_singing, heights[:n_harmonics], heights[n_harmonics:]))


def levels(amplitudes: NDArray[np.float32]) -> bytes:
    """Linear amplitudes as bytes.

    >>> list(levels(np.array([0.0, 1e-6, 0.1, 1.0], np.float32)))
    [0, 0, 160, 200]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        level_db = 20.0 * np.log10(np.abs(amplitudes))
    steps = np.nan_to_num((level_db - FLOOR_DB) / STEP_DB, nan=0.0, neginf=0.0, posinf=255.0)
    return bytes(np.clip(np.rint(steps), 0, 255).astype(np.uint8))
