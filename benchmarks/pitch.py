"""How good and how fast the live pitch tracker is.

    python -m benchmarks.pitch [--truth SOUND F0.csv] [--reference SOUND ...] [--spans CSV] [--json]

Synthetic truth is always measured; `--truth` adds a recording with a corrected f0 (time in s, Hz,
0 = unvoiced), `--reference` recordings that swift-f0 judges, `--spans` says which parts of those
count. `rpa` is raw pitch accuracy: the share of voiced frames within 50 cents, whatever the tracker
says of voicing, at the constant lag `lag_ms` at which what it says is nearest to the truth (mean
over sure frames of cents, 50 at most). `sure` frames have a confidence of 0.5 or more; `steady`
ones lie more than 40 ms after and 20 ms before any leap of the truth. Shares are in percent.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.pitch_truth import SAMPLE_RATE, Case, from_csv, from_swift, synthetic
from ddsp_core.pitch import PitchTracker

HOP_SIZE = 128
LAGS_S = np.arange(0.0, 0.0251, 0.0005)
PACED_FRAMES = 750

Row = dict[str, float | None]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the live pitch tracker.")
    parser.add_argument("--truth", nargs=2, type=Path, action="append", default=[])
    parser.add_argument("--reference", nargs="+", type=Path, default=[])
    parser.add_argument("--spans", type=Path)
    parser.add_argument("--f0-max-hz", type=float)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    options = {} if args.f0_max_hz is None else {"f0_max_hz": args.f0_max_hz}
    tracker = PitchTracker(SAMPLE_RATE, HOP_SIZE, **options)
    rows = {case.name: measure(tracker, [case]) for case in recordings(args)}
    for breath_db in (30, 20, 10):
        rows[f"synthetic, breath -{breath_db} dB"] = measure(tracker, synthetic(breath_db))
    rows["speed"] = speed(tracker)
    print(json.dumps(rows) if args.json else table(rows))


def recordings(args: argparse.Namespace) -> list[Case]:
    return [from_csv(*pair) for pair in args.truth] + [
        from_swift(path, args.spans) for path in args.reference
    ]


def measure(tracker: PitchTracker, cases: list[Case]) -> Row:
    """All figures of some cases, counted together."""
    heard = [tracker.forward(_hops(case.audio))[0] for case in cases]
    lag_s = min(LAGS_S, key=lambda lag_s: _distance(cases, heard, lag_s))
    cents, truth, confidence = _compare(cases, heard, lag_s)
    voiced, silent = truth > 0, truth == 0
    sure = voiced & (confidence >= 0.5)
    settled = [s for case, (f0, _) in zip(cases, heard, strict=True) for s in settling_s(case, f0)]
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
        "settle_p50_ms": 1e3 * float(np.percentile(settled, 50)) if settled else None,
        "settle_p90_ms": 1e3 * float(np.percentile(settled, 90)) if settled else None,
    }


def settling_s(case: Case, f0_hz: NDArray[np.float32]) -> list[float]:
    """After each jump: how long until 4 readings in a row are within 50 cents of the new note."""
    found = []
    for start_s in case.changes_s:
        target_hz = case.f0_hz[np.searchsorted(case.times_s, start_s + 0.01)]
        first = int(np.ceil(start_s * SAMPLE_RATE / HOP_SIZE))
        right = np.abs(1200 * np.log2(f0_hz[first : first + 60] / target_hz)) < 50
        stays = np.flatnonzero(np.convolve(right, np.ones(4), mode="valid") > 3.5)
        frame = first + (int(stays[0]) if len(stays) else 60)
        found.append((frame + 1) * HOP_SIZE / SAMPLE_RATE - start_s)
    return found


def speed(tracker: PitchTracker) -> Row:
    """Microseconds a frame: in one run, a call a frame, and a call a hop of real time."""
    hops = _hops(synthetic(20)[0].audio)
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
    tracker: PitchTracker, hops: NDArray[np.float32], *, paced: bool
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


def truth_at(case: Case, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Known f0 between its rows: along a glide; from the nearest row at jumps and edges."""
    after = np.clip(np.searchsorted(case.times_s, times_s), 1, len(case.times_s) - 1)
    low, high = case.f0_hz[after - 1], case.f0_hz[after]
    share = (times_s - case.times_s[after - 1]) / (case.times_s[after] - case.times_s[after - 1])
    share = np.clip(share, 0.0, 1.0)
    nearest = np.where(share < 0.5, low, high)
    smooth = (low > 0) & (high > 0) & (np.abs(high - low) < 0.1 * np.maximum(low, 1.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(smooth, low * (high / low) ** share, nearest)


def _is_octave(cents: NDArray[np.float64]) -> NDArray[np.bool_]:
    octaves = np.round(cents / 1200)
    return (octaves != 0) & (np.abs(cents - 1200 * octaves) < 50)


def _percent(flags: NDArray[np.bool_]) -> float:
    return 100.0 * float(np.mean(flags)) if len(flags) else float("nan")


def _hops(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    n_hops = len(audio) // HOP_SIZE
    return audio[: n_hops * HOP_SIZE].reshape(n_hops, HOP_SIZE)


def table(rows: dict[str, Row]) -> str:
    lines = []
    for name, row in rows.items():
        figures = "  ".join(f"{k} {v:.2f}" for k, v in row.items() if v is not None)
        lines.append(f"{name}\n    {figures}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
