"""How good and how fast a live pitch tracker is.

    python -m benchmarks.pitch [--tracker NAME ...] [--truth SOUND F0.csv ...]
        [--reference SOUND ...] [--spans CSV] [--json]

Synthetic truth is always measured; `--truth` adds a recording with a corrected f0 (time in s, Hz,
0 = unvoiced), `--reference` recordings that swift-f0 judges, `--spans` says which parts of those
count. `rpa` is raw pitch accuracy: the share of voiced frames within 50 cents, whatever the tracker
says of voicing, at the constant lag `lag_ms` at which what it says is nearest to the truth (mean
over sure frames of cents, 50 at most). `sure` frames have a confidence of 0.5 or more; `steady`
ones lie more than 40 ms after and 20 ms before any leap of the truth. Shares are in percent.

Then how fast it follows, by register (`pitch_steps.py`), where in real singing its errors lie
(`pitch_errors.py`), and what it costs. `--tracker` compares the trackers that a preset may name.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.pitch_errors import where_errors_lie
from benchmarks.pitch_steps import (
    HOP_SIZE,
    Row,
    follow_steps,
    follow_vibrato,
    hops_of,
    steps_of_a_fifth,
)
from benchmarks.pitch_truth import SAMPLE_RATE, Case, from_csv, from_swift, synthetic, truth_at
from ddsp_core.trackers import KINDS, TRAINED_WITH, Tracker, make_tracker

LAGS_S = np.arange(0.0, 0.0401, 0.0005)
BREATHS_DB = (30, 20, 10)
PACED_FRAMES = 750
LEAST_KNOWN_S = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures live pitch trackers.")
    parser.add_argument("--tracker", nargs="+", choices=KINDS, default=[TRAINED_WITH])
    parser.add_argument("--truth", nargs=2, type=Path, action="append", default=[])
    parser.add_argument("--reference", nargs="+", type=Path, default=[])
    parser.add_argument("--spans", type=Path)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    real = recordings(args)
    found = {name: report(make_tracker(name, SAMPLE_RATE, HOP_SIZE), real) for name in args.tracker}
    print(json.dumps(found) if args.json else "\n\n".join(map(table, found, found.values())))


def recordings(args: argparse.Namespace) -> list[Case]:
    """Those of which enough is known; swift-f0 may be sure of next to nothing."""
    cases = [from_csv(*pair) for pair in args.truth]
    cases += [from_swift(path, args.spans) for path in args.reference]
    for case in cases:
        if known_s(case) < LEAST_KNOWN_S:
            print(f"{case.name}: {known_s(case):.2f} s of known pitch, left out", file=sys.stderr)
    return [case for case in cases if known_s(case) >= LEAST_KNOWN_S]


def known_s(case: Case) -> float:
    """How much of it has a pitch that is known."""
    return float(np.sum(case.f0_hz > 0) * (case.times_s[1] - case.times_s[0]))


def report(tracker: Tracker, real: list[Case]) -> dict[str, Row]:
    """All rows of one tracker."""
    rows = {case.name: measure(tracker, [case]) for case in real}
    if real:
        heard = [tracker.forward(hops_of(case.audio))[0] for case in real]
        lags_s = [rows[case.name]["lag_ms"] / 1e3 for case in real]
        rows |= where_errors_lie(real, heard, lags_s)
    for breath_db in BREATHS_DB:
        name = f"breath -{breath_db} dB"
        rows[f"synthetic, {name}"] = measure(tracker, synthetic(breath_db))
        registers = follow_steps(tracker, steps_of_a_fifth(breath_db))
        rows |= {f"steps, {register}, {name}": row for register, row in registers.items()}
    rows |= {f"vibrato, {note}": row for note, row in follow_vibrato(tracker).items()}
    rows["speed"] = speed(tracker)
    return rows


def measure(tracker: Tracker, cases: list[Case]) -> Row:
    """All figures of some cases, counted together."""
    heard = [tracker.forward(hops_of(case.audio))[0] for case in cases]
    lag_s = min(LAGS_S, key=lambda lag_s: _distance(cases, heard, lag_s))
    cents, truth, confidence = _compare(cases, heard, lag_s)
    voiced, silent = truth > 0, truth == 0
    sure = voiced & (confidence >= 0.5)
    return {
        "rpa": _percent(np.abs(cents[voiced]) < 50),
        "lag_ms": 1e3 * float(lag_s),
        "rpa_steady": _percent(np.abs(cents[voiced & _steady(truth)]) < 50),
        "rpa_sure": _percent(np.abs(cents[sure]) < 50),
        "median_cents": float(np.median(np.abs(cents[sure]))),
        "octave": _percent(_is_octave(cents[voiced])),
        "octave_sure": _percent(_is_octave(cents[sure])),
        "recall": _percent(confidence[voiced] >= 0.5),
        "false_alarm": _percent(confidence[silent] >= 0.5) if silent.any() else None,
    }


def speed(tracker: Tracker) -> Row:
    """Microseconds a frame: in one run, a call a frame, and a call a hop of real time."""
    hops = hops_of(synthetic(20)[0].audio)
    tracker.forward(hops[:8])
    start_s = time.perf_counter()
    tracker.forward(hops)
    run_us = 1e6 * (time.perf_counter() - start_s) / len(hops)
    tight_us = _call_times_us(tracker, hops[:2000], paced=False)
    paced_us = _call_times_us(tracker, hops[:PACED_FRAMES], paced=True)
    return {
        "run_us": run_us,
        "tight_p50_us": float(np.percentile(tight_us, 50)),
        "paced_p50_us": float(np.percentile(paced_us, 50)),
        "paced_p99_us": float(np.percentile(paced_us, 99)),
    }


def _call_times_us(
    tracker: Tracker, hops: NDArray[np.float32], *, paced: bool
) -> NDArray[np.float64]:
    state, times_us, start_s = None, [], time.perf_counter()
    for k in range(len(hops)):
        if paced:
            time.sleep(max(0.0, start_s + k * HOP_SIZE / SAMPLE_RATE - time.perf_counter()))
        before_s = time.perf_counter()
        _, state = tracker.forward(hops[k : k + 1], state)
        times_us.append(1e6 * (time.perf_counter() - before_s))
    return np.array(times_us)


def _distance(cases: list[Case], heard: list, lag_s: float) -> float:
    cents, truth, confidence = _compare(cases, heard, lag_s)
    return float(np.minimum(np.abs(cents[(truth > 0) & (confidence >= 0.5)]), 50).mean())


def _steady(truth: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Frames well away from leaps of more than half a semitone, onsets and ends."""
    leaps = np.abs(np.diff(np.log2(np.maximum(truth, 1.0)), prepend=0.0)) > 0.5 / 12
    near = np.convolve(leaps, np.ones(23))  # 15 frames (40 ms) after, 7 before
    return ~(near[7 : 7 + len(truth)] > 0.5)


def _compare(
    cases: list[Case], heard: list, lag_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float32]]:
    """Error in cents, truth and confidence of every frame of known truth."""
    parts = []
    for case, (f0_hz, confidence) in zip(cases, heard, strict=True):
        now_s = (np.arange(len(f0_hz)) + 1) * HOP_SIZE / SAMPLE_RATE
        truth = truth_at(case, now_s - lag_s)
        cents = 1200 * np.log2(f0_hz / np.maximum(truth, 1.0))
        known = ~np.isnan(truth)
        parts.append((cents[known], truth[known], confidence[known]))
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))


def _is_octave(cents: NDArray[np.float64]) -> NDArray[np.bool_]:
    octaves = np.round(cents / 1200)
    return (octaves != 0) & (np.abs(cents - 1200 * octaves) < 50)


def _percent(flags: NDArray[np.bool_]) -> float:
    return 100.0 * float(np.mean(flags)) if len(flags) else float("nan")


def table(tracker: str, rows: dict[str, Row]) -> str:
    lines = [f"# {tracker}"]
    for name, row in rows.items():
        figures = "  ".join(f"{k} {v:.2f}" for k, v in row.items() if v is not None)
        lines.append(f"{name}\n    {figures}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
