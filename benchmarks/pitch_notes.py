"""Which sung notes start in a wrong octave: as the tracker hears them, and as they are played.

    python -m benchmarks.pitch_notes --song SOUND TRUTH NOTES [--song ...] [--tracker NAME ...]
        [--json]

TRUTH has rows of `time in s, Hz (0: unvoiced)`, or is the word `swift`: swift-f0, where it is sure.
NOTES has rows of `start in s, Hz, duration in s`, or is a song's full-context label (.lab). Notes
longer than 80 ms count. One is wrong when a reading in its first 80 ms, from the moment on at which
its true pitch begins, lies within a semitone of another octave of what is sung, and nothing sung in
the 20 ms before was as high or low. `heard` are readings with a confidence of 0.5 or more, `played`
is what Shaping asks the oscillators for while its tone is open, at the controls' defaults.
"""

import argparse
import csv
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.pitch_steps import HOP_SIZE, hops_of
from benchmarks.pitch_truth import SAMPLE_RATE, Case, Curve, from_csv, from_swift, truth_at
from ddsp_core.features import FeatureExtractor, Features
from ddsp_core.shaping import Shaping, ShapingControls
from ddsp_core.trackers import KINDS, TRAINED_WITH, Tracker, make_tracker
from realtime.controls import check_values

SHORTEST_S = 0.08
START_S = 0.08
"""How much of a note is its start."""
LAG_S = 0.005
FILL_S = 0.05
BEFORE_S = 0.02
"""What was sung so shortly before may still be what is read."""
NEAR_OCTAVES = 1 / 12
SURE = 0.5
AUDIBLE = 0.1
LAB_UNIT_S = 1e-7

Flags = NDArray[np.bool_]
Pitch = NDArray[np.float32]


class Note(NamedTuple):
    """When a note is sung, by hand or by score."""

    start_s: float
    end_s: float


class Wrong(NamedTuple):
    """A note that starts in a wrong octave."""

    at_s: float  # of the first wrong reading
    after_ms: float  # since the note's pitch began
    lasts_ms: float  # all wrong readings of this start
    read_hz: float
    sung_hz: float


def main() -> None:
    parser = argparse.ArgumentParser(description="Counts notes that start in a wrong octave.")
    parser.add_argument("--song", nargs=3, action="append", required=True)
    parser.add_argument("--tracker", nargs="+", choices=KINDS, default=[TRAINED_WITH])
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found: dict[str, dict] = {name: {} for name in args.tracker}
    for sound, truth, table in args.song:
        path = Path(sound)
        case = from_swift(path, None) if truth == "swift" else from_csv(path, Path(truth))
        for name in args.tracker:
            tracker = make_tracker(name, SAMPLE_RATE, HOP_SIZE)
            found[name][case.name] = judge(tracker, case, read_notes(Path(table)))
    print(json.dumps(found) if args.json else as_text(found))


def read_notes(path: Path) -> list[Note]:
    """Notes of a table or a label file that are longer than 80 ms."""
    text = path.read_text()
    notes = from_label(text) if path.suffix == ".lab" else from_rows(text.splitlines())
    return [note for note in notes if note.end_s - note.start_s > SHORTEST_S]


def from_rows(lines: Iterable[str]) -> list[Note]:
    """Notes from rows of start in s, Hz, duration in s."""
    rows = [[float(cell) for cell in row] for row in csv.reader(lines)]
    return [Note(start_s, start_s + lasts_s) for start_s, _, lasts_s in rows]


def from_label(text: str) -> list[Note]:
    """Notes of a full-context label: phones in a row that agree in field E, which is this note.

    Rows are `start end context`, times in units of 100 ns; in pauses field E is `xx]...`.
    """
    notes: list[Note] = []
    last = None
    for row in text.splitlines():
        start, end, context = row.split(maxsplit=2)
        field = re.search(r"/E:(.*?)/F:", context)
        name = field[1] if field and not field[1].startswith("xx") else None
        if name is not None and name == last:
            notes[-1] = notes[-1]._replace(end_s=float(end) * LAB_UNIT_S)
        elif name is not None:
            notes.append(Note(float(start) * LAB_UNIT_S, float(end) * LAB_UNIT_S))
        last = name
    return notes


def judge(tracker: Tracker, case: Case, notes: list[Note]) -> dict:
    """Notes that start in a wrong octave, in percent and one by one."""
    case = filled(case)
    extractor = FeatureExtractor(SAMPLE_RATE, HOP_SIZE, tracker)
    features, _ = extractor.forward(hops_of(case.audio))
    heard = features.f0_hz, features.confidence >= SURE
    both = {"heard": heard, "played": play(features)}
    found = {name: wrong_starts(case, notes, *readings) for name, readings in both.items()}
    return {"n_notes": len(notes)} | {
        name: {
            "percent": 100.0 * len(wrong) / max(1, len(notes)),
            "wrong": [one._asdict() for one in wrong],
        }
        for name, wrong in found.items()
    }


def filled(case: Case) -> Case:
    """Where nobody knows the pitch, it is taken to be what is known next to it, 50 ms away or less.

    swift-f0 is rarely sure of a note's very first frames, and those are what matters here.
    """
    known = np.flatnonzero(case.f0_hz > 0)
    if not len(known):
        return case
    after = np.clip(np.searchsorted(known, np.arange(len(case.f0_hz))), 1, len(known) - 1)
    low, high = known[after - 1], known[after]
    frames = np.arange(len(case.f0_hz))
    nearest = np.where(frames - low < high - frames, low, high)
    is_near = np.abs(case.times_s[nearest] - case.times_s) <= FILL_S
    return case._replace(
        f0_hz=np.where(np.isnan(case.f0_hz) & is_near, case.f0_hz[nearest], case.f0_hz)
    )


def play(features: Features) -> tuple[Pitch, Flags]:
    """What the oscillators are asked for at each hop, and whether they are heard."""
    zeros = np.zeros(len(features.f0_hz), dtype=np.float32)
    controls = ShapingControls(zeros, zeros, zeros + np.float32(check_values({})["gate_db"]))
    shaped, _ = Shaping(SAMPLE_RATE, HOP_SIZE).forward((features, controls))
    return shaped.f0_hz, shaped.tone_gain > AUDIBLE


def wrong_starts(case: Case, notes: list[Note], f0_hz: Pitch, counts: Flags) -> list[Wrong]:
    """Notes whose start has a reading in a wrong octave, among the readings that count."""
    now_s = (np.arange(len(f0_hz)) + 1) * HOP_SIZE / SAMPLE_RATE
    truth_hz = truth_at(case, now_s - LAG_S)
    wrong = counts & in_another_octave(case, now_s, f0_hz)
    hop_ms = 1e3 * HOP_SIZE / SAMPLE_RATE
    found = []
    for note in notes:
        sung = np.flatnonzero((now_s >= note.start_s) & (now_s < note.end_s) & (truth_hz > 0))
        if not len(sung):
            continue
        begins = sung[0]
        bad = np.flatnonzero(wrong[begins : begins + round(1e3 * START_S / hop_ms)])
        if len(bad):
            at = begins + bad[0]
            hz = float(f0_hz[at]), float(truth_hz[at])
            found.append(Wrong(float(now_s[at]), hop_ms * int(bad[0]), hop_ms * len(bad), *hz))
    return found


def in_another_octave(case: Case, now_s: Curve, f0_hz: Pitch) -> Flags:
    """Near another octave of what is sung, and near nothing that was sung a moment ago."""
    octaves = octaves_off(case, now_s - LAG_S, f0_hz)
    with np.errstate(invalid="ignore"):
        whole = np.round(octaves)
        other = (whole != 0) & (np.abs(octaves - whole) < NEAR_OCTAVES)
        for before_s in np.arange(0.0, BEFORE_S + 1e-9, 0.0025):
            other &= ~(np.abs(octaves_off(case, now_s - before_s, f0_hz)) < NEAR_OCTAVES)
    return other


def octaves_off(case: Case, at_s: Curve, f0_hz: Pitch) -> Curve:
    """From what was sung to what is read; NaN where nothing was, or nobody knows."""
    truth_hz = truth_at(case, at_s)
    return np.where(truth_hz > 0, np.log2(f0_hz / np.where(truth_hz > 0, truth_hz, 1.0)), np.nan)


def as_text(found: dict[str, dict]) -> str:
    lines = []
    for tracker, songs in found.items():
        for song, figures in songs.items():
            shares = ", ".join(f"{k} {figures[k]['percent']:.2f} %" for k in ("heard", "played"))
            lines.append(f"{tracker}: {song}: {figures['n_notes']} notes, wrong octave {shares}")
            lines += [
                f"    {how} at {one['at_s']:.3f} s, {one['after_ms']:.0f} ms into the note, for "
                f"{one['lasts_ms']:.0f} ms: {one['read_hz']:.0f} Hz instead of {one['sung_hz']:.0f}"
                for how in ("heard", "played")
                for one in figures[how]["wrong"]
            ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
