"""Cuts the usable parts of a recording into segments, each of one split.

Everything here counts in feature frames. A recording is measured as a whole (the features of a
frame depend on what came before), but windows are drawn from segments only.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.spans import Span
from training.splits import Split as Split  # where the loaders look for it
from training.splits import Stretch

CONFIDENT = 0.5
SILENCE_BELOW_P90_DB = 45.0
"""Frames this far below a recording's loud passages (90th percentile) count as silent."""
SHORTEST_SEGMENT_S = 0.3
SCRAPS = "scraps"
"""What is left between faults and shorter than a segment may be."""


class Segment(NamedTuple):
    """Usable frames start <= n < end; a window may reach back to `earliest` for context."""

    start: int
    end: int
    earliest: int
    split: Split


def span_frames(
    span: Span, sample_rate: int, hop_size: int, delay_samples: int, n_frames: int
) -> tuple[int, int]:
    """The frames whose target audio lies within `span` (see dataset.py for the alignment).

    Frame n answers to the samples n * hop - delay <= t < (n + 1) * hop - delay.

    >>> span_frames(Span(0.0, 1.0), 48000, 128, 384, 1000)
    (3, 378)
    """
    first = -(-(round(span.start_s * sample_rate) + delay_samples) // hop_size)
    last = (round(span.end_s * sample_rate) + delay_samples) // hop_size
    return min(first, n_frames), min(last, n_frames)


def usable_segments(
    faults: Mapping[str, NDArray[np.bool_]], stretches: Sequence[Stretch], frame_rate: float
) -> tuple[list[Segment], dict[str, float]]:
    """Segments without any fault; seconds left out, by reason.

    Args:
        faults: frames that cannot be used, by reason, the weightiest first. Shape: (N,) each
    """
    segments: list[Segment] = []
    left_out = dict.fromkeys((*faults, SCRAPS), 0.0)
    bad = np.logical_or.reduce(list(faults.values()))
    for start, end, split in stretches:
        blamed = np.zeros(end - start, dtype=bool)
        for reason, fault in faults.items():
            left_out[reason] += float((fault[start:end] & ~blamed).sum()) / frame_rate
            blamed |= fault[start:end]
        for first, last in runs(~bad[start:end]):
            if last - first >= SHORTEST_SEGMENT_S * frame_rate:
                segments.append(Segment(start + first, start + last, start, split))
            else:
                left_out[SCRAPS] += (last - first) / frame_rate
    return segments, left_out


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(start, end) of every run of True.

    >>> runs(np.array([True, True, False, True]))
    [(0, 2), (3, 4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def long_runs(mask: NDArray[np.bool_], longest: float) -> NDArray[np.bool_]:
    """`mask` without its runs of up to `longest` frames."""
    kept = np.zeros_like(mask)
    for start, end in runs(mask):
        kept[start:end] = end - start > longest
    return kept
