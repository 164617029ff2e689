"""Control values as a hop needs them: gains, semitones, ramps."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.scales import notes_of
from ddsp_core.shaping import ShapingControls
from ddsp_core.tuning import TuningControls, TuningCurves
from realtime.smoothing import INDEX

Audio = NDArray[np.float32]
Vector = NDArray[np.float64]


class Bends(NamedTuple):
    """How far each course goes beside the straight line of its hop: see `next_settings`."""

    input_gain: float = 0.0
    harmonic_gain: float = 0.0
    noise_gain: float = 0.0
    wet_share: float = 0.0
    output_gain: float = 0.0


class Settings(NamedTuple):
    """What one hop is played with, at its end. Made anew only while a control moves."""

    values: Vector
    n_still: int
    """For how many hops the values have been these, up to `SETTLED`."""
    input_gain: float
    semitones: float
    loudness_shift_db: float
    gate_db: float
    harmonic_gain: float
    noise_gain: float
    room_mix: Audio  # (hop_size,), through the whole hop
    wet_share: float
    output_gain: float
    tuning: TuningControls
    bends: Bends


SETTLED = 2
"""Hops after which a course has arrived where its value stands."""


def next_settings(values: Vector, before: Settings | None, hop_size: int) -> Settings:
    """Settings at `values`, on from the hop before; `before` itself if nothing moved lately.

    Values come once a hop. Joined by straight lines they would have a corner at each hop, 375 times
    a second, and a tone that is turned up by 70 dB in 50 ms would get lines at -65 dB beside it. So
    gains and mixes go along a quadratic B-spline: in each hop the parabola from the middle of the
    last two values to the middle of the last and the new one, on which the last one pulls:

        m0 (1 - x)^2 + 2 v x (1 - x) + m1 x^2 = m0 + (m1 - m0) x + 4 bend x (1 - x)

    with bend = (v - (m0 + m1) / 2) / 2.
    """
    n_still = 0
    if before is None:
        n_still = SETTLED
    elif values is before.values:
        n_still = before.n_still + 1
        if n_still > SETTLED:
            return before
    ends, bends = _courses(values, before)
    return Settings(
        values=values,
        n_still=n_still,
        semitones=_semitones(values),
        loudness_shift_db=float(values[INDEX["loudness_shift_db"]]),
        gate_db=float(values[INDEX["gate_db"]]),
        room_mix=_mixes(values, before, hop_size),
        tuning=_tuning(values),
        bends=Bends(**bends),
        **ends,
    )


def _courses(values: Vector, before: Settings | None) -> tuple[dict[str, float], dict[str, float]]:
    """By the names of `Bends`: where the courses end, and how they are bent."""
    ends, bends = {}, {}
    last_values = values if before is None else before.values
    for name in Bends._fields:
        last, new = _level(last_values, name), _level(values, name)
        ends[name] = 0.5 * (last + new)
        start = ends[name] if before is None else float(getattr(before, name))
        bends[name] = 0.5 * (last - 0.5 * (start + ends[name]))
    return ends, bends


def _mixes(values: Vector, before: Settings | None, hop_size: int) -> Audio:
    """The room's mix sample by sample, along the same parabola."""
    new = float(values[INDEX["room_mix"]])
    last = new if before is None else float(before.values[INDEX["room_mix"]])
    end = 0.5 * (last + new)
    start = end if before is None else float(before.room_mix[-1])
    x = np.arange(1, hop_size + 1) / hop_size
    bend = 0.5 * (last - 0.5 * (start + end))
    return (start + (end - start) * x + 4.0 * bend * x * (1.0 - x)).astype(np.float32)


def _level(values: Vector, name: str) -> float:
    """A gain, or the share of the instrument."""
    is_share = name == "wet_share"
    return float(values[INDEX["dry_wet"]]) if is_share else _gain(values, f"{name}_db")


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


def tuning_controls(values: Vector, n_hops: int = 1) -> TuningCurves:
    """What the tuning is told while the controls stand at `values`. Shape: (N,) each."""
    return TuningCurves(*(np.full(n_hops, number, np.float64) for number in _tuning(values)))
