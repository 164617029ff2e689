"""What the soak makes of its stages' figures: what a stall explains, and what is a fault."""

from typing import Any

import numpy as np

from benchmarks.soak_result import as_lines, faults, with_stalls

STALLS_US = np.array([[1_000_000, 1_020_000]])


def event(cause: str, at_s: float) -> dict[str, Any]:
    return {"cause": cause, "at_s": at_s, "span_ms": 5.0}


def stage(**changes: Any) -> dict[str, Any]:
    said = {
        **dict.fromkeys(("n_blocks", "p50_ms", "p99_ms", "max_ms", "latency_ms"), 1.0),
        "computing_ms": {"p50": 0.1},
        "late": {"own": 1, "machine": 0},
        "late_events": [event("own", 1.01), event("machine", 7.0)],
        "realtime_priority": 65,
        "memory_locked": True,
        "problem": "",
    }
    times = {"turnaround_ms": {"p50": 0.3}, "deadline_ms": 2.667, "late_cycles": 2, "xruns": 0}
    lost = {"lost_samples": 0, "lost_cycles": 0, "exit_code": 0, "problem": "", "cycles": 9}
    late = [[1_010_000, 1_014_000], [5_000_000, 5_004_000]]
    return {**times, **lost, "late_spans_us": late, "said": said, **changes}


def faults_of(**stages: dict[str, Any]) -> list[str]:
    return faults({"stages": {n: with_stalls(s, STALLS_US) for n, s in stages.items()}})


def test_a_stall_explains_what_was_late_during_it() -> None:
    found = with_stalls(stage(), STALLS_US)
    assert found["late_cycles_without_stall"] == 1
    assert found["own_or_unclear_without_stall"] == 0
    assert faults_of(sync=stage(drift_samples=0)) == []


def test_a_block_that_was_late_by_itself_is_a_fault() -> None:
    late = stage()
    late["said"]["late_events"] += [event("own", 1.5), event("unclear", 2.0), event("card", 3.0)]
    assert faults_of(sync=late) == ["sync: 2 blocks late by itself"]


def test_lost_samples_drift_memory_and_exit_codes_are_faults() -> None:
    bad = stage(lost_samples=128, drift_samples=1, memory_grown_mb=5.1, exit_code=1)
    assert len(faults_of(sync=bad)) == 4
    assert faults_of(sync=stage(memory_grown_mb=4.9)) == []


def test_gaps_are_a_fault_only_above_the_controls() -> None:
    control = stage(said=None, lost_cycles=3)
    ours = {"async": stage(lost_cycles=3)}
    assert faults_of(control=control, **ours) == []
    ours = {"async": stage(lost_cycles=4)}
    assert faults_of(control=control, **ours) == ["async: 4 gaps, control 3"]


def test_people_read_it_in_lines() -> None:
    stages = {"sync": with_stalls(stage(delay_samples=216, drift_samples=0), STALLS_US)}
    result = {
        "minutes_asked": 60.0, "period": 128, "busy_cores": 1, "stalls": 1, "stages": stages,
        "longest_stall_ms": 20.0, "faults": [],
    }  # fmt: skip
    text = "\n".join(as_lines(result))
    assert "1 own, 0 machine; own or unclear without a stall: 0" in text
    assert "216 samples, drift 0" in text
    assert text.endswith("faults: none")
