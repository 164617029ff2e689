"""The last word on pitch: vibrato, autotune, drone and glide, on what is played.

Everything is a distance in semitones that is added to the pitch; where it is none, the pitch passes
as it is, to the bit. No stage of it waits: a new note is there with its first hop.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.autotune import correct, start_autotune
from ddsp_core.vibrato import (
    VibratoState,
    centre_weights,
    follow_vibrato,
    is_leap,
    start_vibrato,
)

Curve = NDArray[np.float32]
Reals = NDArray[np.float64]

A4_NOTE, A4_HZ = 69.0, 440.0
STEP_SEMITONES_PER_S = 56.0
"""Faster is a step, which a glide makes longer: no slide of a voice, and no vibrato."""


class TuningControls(NamedTuple):
    """What the tuning is told for a hop."""

    autotune: float
    autotune_time_s: float
    notes: int
    """Of key and scale: bit n set: note n belongs, 0: C."""
    a4_hz: float
    glide_s: float
    vibrato_depth: float
    drone_note: float


class TuningCurves(NamedTuple):
    """The same, hop by hop; any type of number. Shape: (N,) each."""

    autotune: NDArray[Any]
    autotune_time_s: NDArray[Any]
    notes: NDArray[Any]
    a4_hz: NDArray[Any]
    glide_s: NDArray[Any]
    vibrato_depth: NDArray[Any]
    drone_note: NDArray[Any]


class TuningState(NamedTuple):
    """What was played lately; written in place by `tune_hop`."""

    vibrato: VibratoState
    note: Reals
    played: Reals
    """Whether the tone sounded (1), last pitch before the glide, what the glide adds, its seconds
    left, the last pitch heard."""


def start_tuning(hop_s: float) -> TuningState:
    """The state before the first note."""
    return TuningState(start_vibrato(hop_s), start_autotune(), np.zeros(5))


@njit(nogil=True, cache=True)
def _glide(pitch: float, is_sounding: bool, glide_s: float, hop_s: float, played: Reals) -> float:
    """What is added to this hop's pitch so that steps take `glide_s`; memory moves on in place.

    A step of d leaves -d behind, which is gone after that time in even parts. Where another one
    follows meanwhile they add up, and what is left takes the mean of their times, by their sizes.
    """
    was_sounding, last, added, left_s = played[0], played[1], played[2], played[3]
    step = pitch - last
    if not (is_sounding and was_sounding):
        added, left_s = 0.0, 0.0
    elif abs(step) > STEP_SEMITONES_PER_S * hop_s and glide_s > 0.0:
        parts = abs(added) + abs(step)
        left_s = (abs(added) * left_s + abs(step) * glide_s) / parts
        added -= step
    left_s = min(left_s, glide_s)
    added = added * (left_s - hop_s) / left_s if left_s > hop_s else 0.0
    left_s = max(left_s - hop_s, 0.0)
    sounds = 1.0 if is_sounding else 0.0
    played[0], played[1], played[2], played[3] = sounds, pitch, added, left_s
    return added


@njit(nogil=True, cache=True)
def tune_hop(
    f0_hz: float, is_sounding: bool, controls: TuningControls, weights: Reals, hop_s: float,
    state: TuningState,
) -> float:  # fmt: skip
    """The pitch to be played, in Hz; the state moves on in place.

    Args:
        f0_hz: as sung, transposed.
        is_sounding: whether the tone is to be heard; where it is not, every hop begins a note.
        weights: of `centre_weights`.
    """
    if not f0_hz > 0.0:  # no pitch at all
        return f0_hz
    pitch = A4_NOTE + 12.0 * math.log2(f0_hz / A4_HZ)
    is_new = not (is_sounding and state.played[0] > 0.0) or is_leap(pitch, state.played[4], hop_s)
    state.played[4] = pitch
    vibrato = follow_vibrato(pitch, is_new, weights, hop_s, state.vibrato)
    moved = (controls.vibrato_depth - 1.0) * vibrato
    above = 12.0 * math.log2(controls.a4_hz / A4_HZ)
    moved += controls.autotune * correct(
        pitch + moved - above, pitch - vibrato - above, is_new, controls.notes,
        controls.autotune_time_s, hop_s, state.note,
    )  # fmt: skip
    if controls.drone_note > 0.0:
        moved = controls.drone_note + above - pitch
    moved += _glide(pitch + moved, is_sounding, controls.glide_s, hop_s, state.played)
    return f0_hz if moved == 0.0 else f0_hz * 2.0 ** (moved / 12.0)


@njit(nogil=True, cache=True)
def _tune_hops(
    f0_hz: Curve, tone_gain: Curve, curves: TuningCurves, weights: Reals, hop_s: float,
    state: TuningState, out_hz: Curve,
) -> None:  # fmt: skip
    for n in range(len(f0_hz)):
        controls = TuningControls(
            curves.autotune[n], curves.autotune_time_s[n], int(curves.notes[n]), curves.a4_hz[n],
            curves.glide_s[n], curves.vibrato_depth[n], curves.drone_note[n],
        )  # fmt: skip
        out_hz[n] = tune_hop(f0_hz[n], tone_gain[n] > 0.0, controls, weights, hop_s, state)


class Tuning:
    """Tunes the pitch that was shaped.

    Args:
        hop_s: seconds a hop.

    Shape:
        f0_hz (N,), tone_gain (N,), TuningCurves (N,) -> f0_hz (N,).
    """

    def __init__(self, hop_s: float) -> None:
        self.hop_s = hop_s
        self.weights = centre_weights(hop_s)

    def forward(
        self, inputs: tuple[Curve, Curve, TuningCurves], state: TuningState | None = None
    ) -> tuple[Curve, TuningState]:
        """Pitches to be played; at the beginning nothing sounds."""
        f0_hz, tone_gain, curves = inputs
        moved = _copied(start_tuning(self.hop_s) if state is None else state)
        out_hz = np.empty_like(f0_hz)
        _tune_hops(f0_hz, tone_gain, curves, self.weights, self.hop_s, moved, out_hz)
        return out_hz, moved


def _copied(state: TuningState) -> TuningState:
    vibrato = VibratoState(*(array.copy() for array in state.vibrato))
    return TuningState(vibrato, state.note.copy(), state.played.copy())
