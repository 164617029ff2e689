"""What is said after a performance: for people in lines, for programs as one JSON object."""

from collections.abc import Sequence
from typing import Any

from realtime.lateness import EXPLANATIONS, LateBlock, in_words
from realtime.session import Session, Tape
from realtime.session_partners import FinishedTake


def closing_lines(session: Session, tape: Tape | None) -> list[str]:
    """The closing statistics."""
    report = session.report()
    sizes = f"{report.smallest_block}"
    if report.largest_block != report.smallest_block:
        sizes += f" to {report.largest_block}"
    lines = [
        f"played {report.duration_s:.1f} s: {report.n_blocks} blocks of {sizes} samples",
        f"block time p50 {report.p50_ms:.3f} ms, p99 {report.p99_ms:.3f} ms, "
        f"max {report.max_ms:.3f} ms, deadline {report.deadline_ms:.3f} ms",
        f"late blocks {report.late_blocks}, xruns {report.xruns}, "
        f"latency {session.latency_ms:.1f} ms",
        *causes(session),
    ]
    if guide := session.guide:
        lines.append(f"pitch guide: {guide.n_late} of {guide.n_asked} answers came late")
    if session.problem:
        lines.append(f"problem: {session.problem}")
    return lines + [f"recorded {take.duration_s:.1f} s into {take.folder}" for take in takes(tape)]


def takes(tape: Tape | None) -> Sequence[FinishedTake]:
    """All that were recorded; one that a hanging disk has kept from ending as far as it goes."""
    if tape is None:
        return ()
    if tape.failed and tape.seconds_written and not tape.finished:
        return (FinishedTake(tape.folder, tape.seconds_written),)
    return tuple(tape.finished)


def causes(session: Session) -> list[str]:
    """Why blocks were late, in plain words; nothing if none were."""
    counts = session.late.counts
    if not session.late.n:
        return []
    explained = [f"  {cause}: {EXPLANATIONS[cause]}" for cause, n in counts.items() if n]
    return [in_words(session.late.n, counts), *explained]


def as_json(session: Session, tape: Tape | None) -> dict[str, Any]:
    """The same and more, in plain values. Times of late blocks are by `lateness.now_s`."""
    report = session.report()
    computing = session.late.computing
    said: dict[str, Any] = {
        **report._asdict(),
        "computing_ms": {
            "p50": 1e3 * computing.percentile(50),
            "p99": 1e3 * computing.percentile(99),
            "p99.9": 1e3 * computing.percentile(99.9),
            "max": 1e3 * computing.largest,
        },
        "late": session.late.counts,
        "late_events": [_event(block) for block in session.late.kept],
        "latency_ms": session.latency_ms,
        "realtime_priority": session.audio_priority or 0,
        "problem": session.problem,
    }
    if guide := session.guide:
        said |= {"guide_asked": guide.n_asked, "guide_late": guide.n_late}
    if recorded := takes(tape):
        said |= {"recorded_s": recorded[-1].duration_s, "folder": str(recorded[-1].folder)}
        said["takes"] = [
            {"folder": str(take.folder), "duration_s": take.duration_s} for take in recorded
        ]
    return said


def _event(block: LateBlock) -> dict[str, Any]:
    return {
        "cause": block.cause,
        "at_s": block.at_s,
        "over_ms": 1e3 * block.over_s,
        "span_ms": 1e3 * block.span_s,
        "cpu_ms": 1e3 * block.spent.cpu_s,
        "n_waits": block.spent.n_waits,
        "n_preempted": block.spent.n_preempted,
        "n_faults": block.spent.n_faults,
        "asked_late": block.asked_late,
    }
