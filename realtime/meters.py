"""What an engine shows of its last hop, and where its controls are told to go."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.units import gain_to_db

if TYPE_CHECKING:  # views read meters, too, and need no compiler for it
    from ddsp_core.live_voice import LiveState

Audio = NDArray[np.float32]


class Meters(NamedTuple):
    """What the last hop was like. `f0_hz` is what was sung."""

    input_peak_db: float
    output_peak_db: float
    f0_hz: float
    confidence: float
    loudness_db: float
    gate_open: bool


SILENCE = Meters(-100.0, -100.0, 0.0, 0.0, -100.0, False)


class LastHop(NamedTuple):
    """As an engine keeps it; readings of all hops of the last call. Shape: (N,) each."""

    input_peak: float
    out: Audio  # (H,)
    f0_hz: Audio
    confidence: Audio
    loudness_db: Audio
    tone_gain: float


def read_meters(last: LastHop) -> Meters:
    """In dB, of the last of its hops."""
    return Meters(
        gain_to_db(last.input_peak),
        gain_to_db(float(np.abs(last.out).max())),
        float(last.f0_hz[-1]),
        float(last.confidence[-1]),
        float(last.loudness_db[-1]),
        gate_open=bool(last.tone_gain > 0.5),
    )


def readings_of(read: Iterable[LastHop]) -> Audio:
    """f0_hz, confidence and loudness_db of many hops. Shape: (N, 3)."""
    columns = [(last.f0_hz, last.confidence, last.loudness_db) for last in read]
    if not columns:
        return np.zeros((0, 3), np.float32)
    return np.stack([np.concatenate(parts) for parts in zip(*columns, strict=True)], axis=1)


class Sounding(NamedTuple):
    """What a voice's last hop was made of; as it moved, if read while it was being made."""

    f0_hz: float
    """That was played; 0: nothing was."""
    harmonics: Audio
    """Amplitudes, linear. Shape: (K,)."""
    bands: Audio
    """Of the noise, from 0 Hz to half the sample rate, linear. Shape: (F,)."""


def read_sounding(voice: "LiveState", tone_gain: float) -> Sounding:
    """Copies, of a voice that may be playing."""
    f0_hz = float(voice.tone.frequencies_hz[0]) if tone_gain > 0.0 else 0.0
    return Sounding(f0_hz, voice.tone.amplitudes.copy(), voice.bands.copy())


class Aim(NamedTuple):
    """Where all controls go: by name, and in the order of the table."""

    values: Mapping[str, float]
    targets: NDArray[np.float64]
