"""Control values as a hop needs them: gains, semitones, ramps."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.scales import notes_of
from ddsp_core.shaping import ShapingControls
from ddsp_core.tuning import TuningControls
from realtime.smoothing import INDEX

Audio = NDArray[np.float32]
Vector = NDArray[np.float64]


class Settings(NamedTuple):
    """What one hop is played with. Made anew only while a control moves."""

    values: Vector
    input_gain: float
    semitones: float
    loudness_shift_db: float
    gate_db: float
    harmonic_gain: float
    noise_gain: float
    room_mix: Audio  # (hop_size,), reaching the value with its last sample
    wet_share: float
    output_gain: float
    tuning: TuningControls


def next_settings(values: Vector, before: Settings | None, hop_size: int) -> Settings:
    """Settings at `values`, ramping there from the hop before; `before` itself if nothing moved."""
    if before is not None and values is before.values:
        return before
    mix = values[INDEX["room_mix"]]
    mix_before = before.room_mix[-1] if before else mix
    return Settings(
        values,
        _gain(values, "input_gain_db"),
        _semitones(values),
        float(values[INDEX["loudness_shift_db"]]),
        float(values[INDEX["gate_db"]]),
        _gain(values, "harmonic_gain_db"),
        _gain(values, "noise_gain_db"),
        np.linspace(mix_before, mix, hop_size + 1, dtype=np.float32)[1:].copy(),
        float(values[INDEX["dry_wet"]]),
        _gain(values, "output_gain_db"),
        _tuning(values),
    )


def _gain(values: Vector, name: str) -> float:
    return float(10.0 ** (values[INDEX[name]] / 20.0))


def _semitones(values: Vector) -> float:
    return float(12.0 * values[INDEX["octave_shift"]] + values[INDEX["transpose_semitones"]])


def _tuning(values: Vector) -> TuningControls:
    numbers = {name: float(values[INDEX[name]]) for name in TuningControls._fields if name in INDEX}
    return TuningControls(notes=_notes(values), **numbers)


def _notes(values: Vector) -> int:
    return notes_of(int(values[INDEX["key"]]), int(values[INDEX["scale"]]))


def shaping_controls(values: Vector, n_hops: int = 1) -> ShapingControls:
    """What the shaping is told while the controls stand at `values`. Shape: (N,) each."""
    numbers = (_semitones(values), values[INDEX["loudness_shift_db"]], values[INDEX["gate_db"]])
    return ShapingControls(*(np.full(n_hops, number, np.float32) for number in numbers))


def tuning_controls(values: Vector, n_hops: int = 1) -> TuningControls:
    """What the tuning is told while the controls stand at `values`. Shape: (N,) each."""
    return TuningControls(*(np.full(n_hops, number, np.float64) for number in _tuning(values)))
