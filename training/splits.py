"""Deals recorded time to training, validation and test. Windows are drawn inside each afterwards.

A long span gives its end. Short ones (single notes) go whole, and those that are held back are
spread over the instrument's range: all short spans of a room are put in order of pitch, softest
first within a semitone, and the n-th goes by the fractional part of n times the golden ratio. Any
run of neighbours then holds close to the shares that were asked for (Weyl's sequence, whose
discrepancy is the lowest; Niederreiter 1992, section 3.1), and no period of the folder (four
dynamics on two strings, say) makes all that is held back mezzo-forte, as every 8th of them would.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

Split = Literal["train", "validation", "test"]

LONG_SPAN_S = 10.0
"""Spans from here on give their end; single notes are shorter."""
GOLDEN_RATIO = (5.0**0.5 - 1.0) / 2.0


class Stretch(NamedTuple):
    """A part of a span that belongs to one split. Frames start <= n < end."""

    start: int
    end: int
    split: Split


class Shares(NamedTuple):
    """Shares of the time that are held back, 0 to 1 each."""

    validation: float
    test: float


class PlayedSpan(NamedTuple):
    """A span of a recording in frames, with what is played in it."""

    start: int
    end: int
    pitch_midi: float
    loudness_db: float


def deal_room(
    spans: Sequence[PlayedSpan], frame_rate: float, shares: Shares
) -> list[list[Stretch]]:
    """The stretches of every span of one room, in the order given.

    Where a room has too few short spans to hold one back, each of them gives its end as well.
    """
    short = [n for n, span in enumerate(spans) if span.end - span.start < LONG_SPAN_S * frame_rate]
    short.sort(key=lambda n: (round(spans[n].pitch_midi), spans[n].loudness_db))
    wholes = [whole_goes_to(place, shares) for place in range(len(short))]
    dealt = [cut_end(span, shares) for span in spans]
    if shares.validation == 0.0 or "validation" in wholes:
        for n, split in zip(short, wholes, strict=True):
            dealt[n] = [Stretch(spans[n].start, spans[n].end, split)]
    return dealt


def cut_end(span: PlayedSpan, shares: Shares) -> list[Stretch]:
    """Training first, then validation, then test.

    >>> [tuple(part) for part in cut_end(PlayedSpan(0, 100, 60.0, -20.0), Shares(0.2, 0.1))]
    [(0, 70, 'train'), (70, 90, 'validation'), (90, 100, 'test')]
    """
    length = span.end - span.start
    test_from = span.end - round(shares.test * length)
    validation_from = test_from - round(shares.validation * length)
    parts = (
        Stretch(span.start, validation_from, "train"),
        Stretch(validation_from, test_from, "validation"),
        Stretch(test_from, span.end, "test"),
    )
    return [part for part in parts if part.end > part.start]


def whole_goes_to(place: int, shares: Shares) -> Split:
    """The split of the span at `place` in the order of pitch.

    >>> [whole_goes_to(place, Shares(0.2, 0.1))[0] for place in range(14)]
    ['t', 't', 't', 'v', 't', 't', 'v', 't', 't', 't', 't', 'v', 't', 't']
    """
    position = (place + 0.5) * GOLDEN_RATIO % 1.0
    if position < shares.validation:
        return "validation"
    return "test" if position < shares.validation + shares.test else "train"
