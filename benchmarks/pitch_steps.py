"""How fast a pitch tracker follows: new notes by register, notes out of silence, vibrato.

Steps of a fifth, up and down and without a gap, between 80 and 1000 Hz, at random moments within a
hop; each counts in the register of its new note. Settled is the first of four readings in a row
within 50 cents of the new note, and the time runs from the step to the end of that reading's hop.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.pitch_truth import (
    SAMPLE_RATE,
    VIOLIN_BODY,
    VOICE_FORMANTS,
    Case,
    Curve,
    sound,
    truth_at,
)
from ddsp_core.trackers import Tracker

HOP_SIZE = 128
REGISTERS_HZ = (80.0, 125.0, 250.0, 500.0, 1000.0)
FIFTH = 1.5
N_LOW_NOTES = 24
NOTE_S, NOTE_MORE_S, PAUSE_S = 0.18, 0.03, 0.12
IN_TUNE_CENTS = 50.0
STAYS = 4
LONGEST = 60  # readings; what has not settled by then counts as so long
VIBRATO_HZ, VIBRATO_CENTS = 6.0, 50.0
VIBRATO_NOTES_HZ = (90.0, 125.0, 180.0, 250.0, 360.0, 500.0, 720.0, 1000.0)

Hops = NDArray[np.float32]
Row = dict[str, float | None]


class Steps(NamedTuple):
    """Notes in pairs a fifth apart: where the pitch jumps, and where it starts out of silence."""

    case: Case
    steps_s: tuple[float, ...]
    onsets_s: tuple[float, ...]


def hops_of(audio: Hops) -> Hops:
    """(T,) -> (N, HOP_SIZE), what is left over being dropped."""
    n_hops = len(audio) // HOP_SIZE
    return audio[: n_hops * HOP_SIZE].reshape(n_hops, HOP_SIZE)


def settling_s(case: Case, changes_s: tuple[float, ...], f0_hz: NDArray[np.float32]) -> Curve:
    """After each change of pitch, how long until the readings are in tune and stay so."""
    found = []
    for start_s in changes_s:
        target_hz = _note_hz(case, start_s)
        first = int(np.ceil(start_s * SAMPLE_RATE / HOP_SIZE))
        read_hz = f0_hz[first : first + LONGEST]
        in_tune = np.abs(1200 * np.log2(read_hz / target_hz)) < IN_TUNE_CENTS
        stays = np.flatnonzero(np.convolve(in_tune, np.ones(STAYS), mode="valid") > STAYS - 0.5)
        frame = first + (int(stays[0]) if len(stays) else LONGEST)
        found.append((frame + 1) * HOP_SIZE / SAMPLE_RATE - start_s)
    return np.array(found)


def steps_of_a_fifth(
    breath_db: float, seed: int = 0, n_low_notes: int = N_LOW_NOTES
) -> list[Steps]:
    """Sung and bowed: out of silence a low note, the fifth above it, and to and fro."""
    random = np.random.default_rng(seed)
    parts = [_lasting(0.0, PAUSE_S)]
    for low_hz in random.permutation(np.geomspace(REGISTERS_HZ[0], 1000.0 / FIFTH, n_low_notes)):
        for f0_hz in (low_hz, FIFTH * low_hz, low_hz, FIFTH * low_hz, low_hz):
            parts.append(_lasting(f0_hz, NOTE_S + NOTE_MORE_S * random.random()))
        parts.append(_lasting(0.0, PAUSE_S))
    f0_hz = np.concatenate([*parts, _lasting(0.0, LONGEST * HOP_SIZE / SAMPLE_RATE)])
    is_new = (np.diff(f0_hz, prepend=0.0) != 0) & (f0_hz > 0)
    follows = np.roll(f0_hz, 1) > 0
    steps_s = tuple(np.flatnonzero(is_new & follows) / SAMPLE_RATE)
    onsets_s = tuple(np.flatnonzero(is_new & ~follows) / SAMPLE_RATE)
    times_s = np.arange(0, len(f0_hz), 48) / SAMPLE_RATE
    return [
        Steps(Case("fifths", audio, times_s, f0_hz[::48]), steps_s, onsets_s)
        for audio in (
            sound(f0_hz, peaks, breath_db, random) for peaks in (VOICE_FORMANTS, VIOLIN_BODY)
        )
    ]


def follow_steps(tracker: Tracker, sung: list[Steps]) -> dict[str, Row]:
    """A row a register: p50 and p90 after steps, up or down alone, and out of silence."""
    kinds: dict[str, list[tuple[float, float]]] = {"step": [], "up": [], "down": [], "onset": []}
    for case, steps_s, onsets_s in sung:
        f0_hz = tracker.forward(hops_of(case.audio))[0][0]
        for name, changes_s in (("step", steps_s), ("onset", onsets_s)):
            for start_s, took_s in zip(changes_s, settling_s(case, changes_s, f0_hz), strict=True):
                note_hz, before_hz = _note_hz(case, start_s), _note_hz(case, start_s - 0.02)
                kinds[name].append((note_hz, took_s))
                if name == "step":
                    kinds["up" if note_hz > before_hz else "down"].append((note_hz, took_s))
    return {
        f"{low_hz:.0f}-{high_hz:.0f} Hz": _percentiles(kinds, low_hz, high_hz)
        for low_hz, high_hz in pairwise(REGISTERS_HZ)
    }


def _percentiles(kinds: dict[str, list[tuple[float, float]]], low_hz: float, high_hz: float) -> Row:
    row: Row = {}
    for name, found in kinds.items():
        times_s = [s for hz, s in found if 0.999 * low_hz < hz <= 1.001 * high_hz]
        for percent in (50, 90):
            figure = 1e3 * float(np.percentile(times_s, percent)) if times_s else None
            row[f"{name}_p{percent}_ms"] = figure
        row[f"{name}_n"] = len(times_s)
    return row


def follow_vibrato(tracker: Tracker) -> dict[str, Row]:
    """A row a note: by how much vibrato is late, and which part of its depth is kept."""
    return {f"{hz:.0f} Hz": _vibrato(tracker, hz) for hz in VIBRATO_NOTES_HZ}


def _vibrato(tracker: Tracker, note_hz: float, seconds: float = 3.0) -> Row:
    times_s = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    swing = VIBRATO_CENTS / 1200 * np.sin(2 * np.pi * VIBRATO_HZ * times_s)
    audio = sound(note_hz * 2.0**swing, VOICE_FORMANTS, 40.0, np.random.default_rng(0))
    f0_hz = tracker.forward(hops_of(audio))[0][0]
    now_s = (np.arange(len(f0_hz)) + 1) * HOP_SIZE / SAMPLE_RATE
    settled = now_s > 0.5
    cents = 1200 * np.log2(f0_hz[settled] / note_hz)
    turn = 2 * np.pi * VIBRATO_HZ * now_s[settled]
    columns = np.stack([np.sin(turn), np.cos(turn), np.ones_like(turn)], axis=1)
    sine, cosine, _ = np.linalg.lstsq(columns, cents, rcond=None)[0]
    return {
        "lag_ms": 1e3 * float(np.arctan2(-cosine, sine)) / (2 * np.pi * VIBRATO_HZ),
        "depth_kept": float(np.hypot(sine, cosine)) / VIBRATO_CENTS,
    }


def _lasting(f0_hz: float, seconds: float) -> Curve:
    return np.full(round(seconds * SAMPLE_RATE), f0_hz)


def _note_hz(case: Case, start_s: float) -> float:
    return float(truth_at(case, np.array([start_s + 0.01]))[0])
