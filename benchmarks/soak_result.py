"""What a soak's stages say after their hour, what of it is a fault, and how people read it."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.stalls import Spans, overlaps

MEMORY_LIMIT_MB = 5.0


def with_stalls(stage: dict[str, Any], stalls_us: Spans) -> dict[str, Any]:
    """A finished stage's figures, and which of its late cycles and blocks no stall explains."""
    late = np.array(stage["late_spans_us"], np.int64).reshape(-1, 2)
    explained = overlaps(late[:, 0], late[:, 1], stalls_us)
    kept = {name: value for name, value in stage.items() if name not in ("late_spans_us", "said")}
    kept["late_cycles_without_stall"] = len(late) - explained
    return kept | (what_it_said(stage["said"], stalls_us) if stage["said"] else {})


def what_it_said(said: dict[str, Any], stalls_us: Spans) -> dict[str, Any]:
    """The program's closing statistics. Its clock is CLOCK_MONOTONIC_RAW, as the watch's."""
    events = said["late_events"]
    ours = [event for event in events if event["cause"] in ("own", "unclear")]
    starts_us = np.array([1e6 * event["at_s"] for event in ours]).astype(np.int64)
    spans_us = np.array([1e3 * event["span_ms"] for event in ours]).astype(np.int64)
    explained = overlaps(starts_us, starts_us + spans_us, stalls_us)
    return {
        "blocks": said["n_blocks"],
        "blocks_ms": {name: said[f"{name}_ms"] for name in ("p50", "p99", "max")},
        "computing_ms": said["computing_ms"],
        "late": said["late"],
        "own_or_unclear_without_stall": len(ours) - explained,
        "late_events": events,
        "latency_ms": said["latency_ms"],
        "realtime_priority": said["realtime_priority"],
        "memory_locked": said["memory_locked"],
        "said_problem": said["problem"],
    }


def faults(result: dict[str, Any]) -> list[str]:
    """What should not be; empty if all is as promised."""
    stages = result["stages"]
    found = []
    for name, stage in stages.items():
        if stage["problem"]:
            found.append(f"{name}: {stage['problem']}")
        if stage["exit_code"]:
            found.append(f"{name}: exit code {stage['exit_code']}")
        if stage.get("memory_grown_mb", 0.0) > MEMORY_LIMIT_MB:
            found.append(f"{name}: {stage['memory_grown_mb']} MB more memory")
        if stage.get("own_or_unclear_without_stall"):
            found.append(f"{name}: {stage['own_or_unclear_without_stall']} blocks late by itself")
    sync = stages.get("sync", {})
    for what in ("lost_samples", "drift_samples"):
        if sync.get(what):
            found.append(f"sync: {sync[what]} {what}")
    if "control" in stages and "async" in stages:
        ours, theirs = (stages[name]["lost_cycles"] for name in ("async", "control"))
        if ours > theirs:
            found.append(f"async: {ours} gaps, control {theirs}")
    return found


def as_lines(result: dict[str, Any]) -> Iterator[str]:
    """For people."""
    yield (
        f"{result['minutes_asked']:g} minutes, blocks of {result['period']}, busy cores"
        f" {result['busy_cores']}; machine: {result['stalls']} stalls, up to"
        f" {result['longest_stall_ms']:.1f} ms"
    )
    for name, stage in result["stages"].items():
        yield f"{name}: exit code {stage['exit_code']}, deadline {stage['deadline_ms']:.3f} ms"
        for what in ("computing_ms", "blocks_ms", "turnaround_ms"):
            if what in stage:
                yield f"  {what:14} {_times(stage[what])}"
        yield from (f"  {line}" for line in _stage_lines(stage))
    yield "faults: " + ("; ".join(result["faults"]) or "none")


def _stage_lines(stage: dict[str, Any]) -> Iterator[str]:
    if "late" in stage:
        causes = ", ".join(f"{n} {cause}" for cause, n in stage["late"].items())
        unexplained = stage["own_or_unclear_without_stall"]
        yield f"late blocks    {causes}; own or unclear without a stall: {unexplained}"
        priority, locked = stage["realtime_priority"], stage["memory_locked"]
        yield f"granted        priority {priority}, memory locked: {locked}"
    yield (
        f"cycles         {stage['cycles']}, late {stage['late_cycles']}, of them without a stall"
        f" {stage['late_cycles_without_stall']}; xruns {stage['xruns']},"
        f" lost {stage['lost_cycles']}"
    )
    if "drift_samples" in stage:
        yield f"delay          {stage['delay_samples']} samples, drift {stage['drift_samples']}"
    if "memory_now_mb" in stage:
        settled, end, grown = (stage[f"memory_{when}_mb"] for when in ("settled", "now", "grown"))
        yield f"memory         {settled} MB settled, {end} at the end, at most {grown} more"


def _times(figures: dict[str, float]) -> str:
    return ", ".join(f"{name} {time:.3f}" for name, time in figures.items())
