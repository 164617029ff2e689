"""Where in a sung line a pitch tracker goes wrong: at starts, at ends, in creak, or elsewhere.

Every frame of known pitch lies in one of these places, the first that fits:

- start: the first 40 ms of a voiced stretch, or after its pitch leaps by half a semitone or more
- end: its last 40 ms, or before such a leap
- rough: creak and breath; one period is like the next (to both sides of the frame, below 4 kHz)
  with a correlation of less than 0.85
- elsewhere

`frames` is the place's share of all frames, `errors` its share of all errors, an error being a
reading 50 cents or more away; `wrong` the share of its frames that are errors; `heard` the share
with a confidence of 0.5 or more, and `wrong_heard` the errors among those. All in percent.
"""

from collections.abc import Sequence

import numpy as np
import soxr
from numpy.typing import NDArray

from benchmarks.pitch_steps import HOP_SIZE, Row
from benchmarks.pitch_truth import SAMPLE_RATE, Case, Curve, truth_at

EDGE_S = 0.04
LEAP_OCTAVES = 0.5 / 12
ROUGH = 0.85
TOP_HZ = 4_000
SHORTEST_S = 0.005
ERROR_CENTS = 50.0
SURE = 0.5
PLACES = ("start", "end", "rough", "elsewhere")

Readings = tuple[NDArray[np.float32], NDArray[np.float32]]


def where_errors_lie(
    cases: Sequence[Case], heard: Sequence[Readings], lags_s: Sequence[float]
) -> dict[str, Row]:
    """A row a place, all cases together.

    Args:
        heard: f0 and confidence of each hop.
        lags_s: by how much each case's readings lag its truth.
    """
    columns = [_frames(*one) for one in zip(cases, heard, lags_s, strict=True)]
    place, wrong, sure = (np.concatenate(column) for column in zip(*columns, strict=True))
    return {f"where, {PLACES[p]}": _row(place == p, wrong, sure) for p in range(len(PLACES))}


def _row(here: NDArray[np.bool_], wrong: NDArray[np.bool_], sure: NDArray[np.bool_]) -> Row:
    return {
        "frames": _percent(here.sum(), len(here)),
        "errors": _percent((here & wrong).sum(), wrong.sum()),
        "wrong": _percent((here & wrong).sum(), here.sum()),
        "heard": _percent((here & sure).sum(), here.sum()),
        "wrong_heard": _percent((here & sure & wrong).sum(), (here & sure).sum()),
    }


def _percent(part: int, whole: int) -> float | None:
    return 100.0 * float(part) / float(whole) if whole else None


def _frames(case: Case, heard: Readings, lag_s: float) -> tuple[NDArray, NDArray, NDArray]:
    """Place, whether wrong and whether sure, of each frame whose pitch is known."""
    f0_hz, confidence = heard
    then_s = (np.arange(len(f0_hz)) + 1) * HOP_SIZE / SAMPLE_RATE - lag_s
    truth_hz = truth_at(case, then_s)
    voiced = truth_hz > 0
    cents = np.abs(1200 * np.log2(f0_hz / np.where(voiced, truth_hz, 1.0)))
    return places(case, then_s)[voiced], cents[voiced] >= ERROR_CENTS, confidence[voiced] >= SURE


def places(case: Case, at_s: Curve) -> NDArray[np.int64]:
    """Index into PLACES of each moment (evenly spaced), wherever a pitch is known."""
    truth_hz = truth_at(case, at_s)
    edge = round(EDGE_S / (at_s[1] - at_s[0]))
    octave = np.log2(np.where(truth_hz > 0, truth_hz, 1.0))
    leaps = np.abs(np.diff(octave, prepend=0.0)) >= LEAP_OCTAVES
    counted = np.concatenate([np.zeros(edge), np.cumsum(leaps), np.full(edge, leaps.sum())])
    here = counted[edge : edge + len(leaps)]
    after = here > counted[: len(leaps)]
    before = counted[2 * edge :] > here
    rough = likeness(case, at_s, truth_hz) < ROUGH
    return np.select([after, before, rough], [0, 1, 2], default=3)


def likeness(case: Case, at_s: Curve, f0_hz: Curve) -> Curve:
    """Correlation of what lies before each moment with what comes after; 1 where no pitch is known.

    A period each, or as many periods as fill 5 ms.
    """
    low = soxr.resample(case.audio.astype(np.float64), SAMPLE_RATE, 2 * TOP_HZ)
    audio = soxr.resample(low, 2 * TOP_HZ, SAMPLE_RATE)
    found = np.ones(len(at_s))
    for n in np.flatnonzero(f0_hz > 0):
        middle = round(at_s[n] * SAMPLE_RATE)
        width = round(max(1, round(SHORTEST_S * f0_hz[n])) * SAMPLE_RATE / f0_hz[n])
        if width <= middle <= len(audio) - width:
            one, other = audio[middle - width : middle], audio[middle : middle + width]
            found[n] = one @ other / np.sqrt((one @ one) * (other @ other) + 1e-12)
    return found
