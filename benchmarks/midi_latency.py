"""From a MIDI byte to a change of sound: the real `chanterelle play`, JACK MIDI in, speaker out.

    python -m benchmarks.midi_latency [--events 400] [--period 128] [--seed 0] [--quick] [--json]

A JACK server in sync mode (nothing is lost, every frame counts) sends control changes and notes at
random frames; the microphone hears a constant, so that the program's output is constant as well
until something moves. Counted is the time from the event's frame to the first output sample that
differs, and to where 95 % of the way is done, which is what a control's smoothing time means. A
block at 48 kHz and 128 frames lasts 2.67 ms; the smoothing, and the crossfade of a bypass, 20 ms.
"""

import argparse
import json
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.cards import CHANTERELLE, RATE, ROOT

sys.path.insert(0, str(ROOT / "tests"))  # the tests are no package

from rig.jack_rig import JackRig

LEVEL = 0.25
SETTLE_S = 2.0
"""Ports are looked for twice a second; the constant fills the program's delays."""
GAP_S = (0.08, 0.12)
STILL = 1e-6
THERE = 0.05
PERCENTILES = (50, 99, 100)

Script = list[tuple[int, tuple[int, int, int]]]


PRESET = """
voice: violin
controls: {dry_wet: 0}
midi:
  - {cc: 20, control: output_gain_db, range: [0, -2], pickup: false}
  - {cc: 21, control: dry_wet, pickup: false}
  - {note: 60, command: bypass, mode: momentary}
"""
GAIN, WET, BYPASS = "output_gain_db by cc", "dry_wet by cc", "bypass by note"
ROUND = (
    (GAIN, (0xB0, 20, 127)),
    (GAIN, (0xB0, 20, 0)),
    (WET, (0xB0, 21, 127)),
    (BYPASS, (0x90, 60, 100)),
    (BYPASS, (0x80, 60, 0)),
    (WET, (0xB0, 21, 0)),
)
"""The instrument has nothing to play to a constant: fully wet, there is silence to bypass."""


class Heard(NamedTuple):
    """One event."""

    first: int
    """Samples until the output moved."""
    there: int
    """Samples until it had arrived."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=400, help="of each kind (default 400)")
    parser.add_argument("--period", type=int, default=128, help="frames a block (default 128)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="20 events of each kind")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rows = measure(20 if args.quick else args.events, args.period, args.seed)
    print(json.dumps({"period": args.period, "rows": rows}) if args.json else page(rows))


def measure(n_events: int, period: int, seed: int = 0) -> list[dict[str, Any]]:
    """One row a kind of event."""
    heard = play(n_events, period, seed)
    return [row(name, n_events, found, period) for name, found in heard.items()]


def play(n_events: int, period: int, seed: int) -> dict[str, list[Heard]]:
    """What came of the events, by kind; those that were not heard are left out."""
    events = ROUND * -(-n_events // 2)
    random = np.random.default_rng(seed)
    gaps = random.integers(*(round(gap_s * RATE) for gap_s in GAP_S), len(events) + 1)
    at = np.cumsum(gaps) + round(SETTLE_S * RATE)
    script = [(int(frame), message) for frame, (_, message) in zip(at, events, strict=False)]
    output = record(script, np.full(int(at[-1]) + RATE // 10, LEVEL, np.float32), period)
    heard: dict[str, list[Heard]] = {GAIN: [], WET: [], BYPASS: []}
    for (start, end), (name, _) in zip(pairwise(at), events, strict=True):
        if found := answer(output[int(start) - 1 : int(end)]):
            heard[name].append(found)
    return heard


def record(script: Script, mic: NDArray[np.float32], period: int) -> NDArray[np.float32]:
    """What the speaker plays while the messages come in."""
    with tempfile.TemporaryDirectory() as folder, JackRig(period, RATE, "sync") as rig:
        preset = Path(folder) / "probe.yaml"
        preset.write_text(PRESET)
        cards = ("--input", "microphone", "--output", "speaker", "--block-size", str(period))
        words = ("play", *cards, "--preset", str(preset), "--midi", "knobs")
        rig.start([sys.executable, *CHANTERELLE, *words])
        rig.connect()
        return rig.run(mic, tail_s=0.0, midi=script).left


def answer(output: NDArray[np.float32]) -> Heard | None:
    """When it moves and when it is there; None if nothing moves.

    Args:
        output: from the sample before the event to the next event.

    >>> answer(np.array([1, 1, 1, 0.9, 0.5, 0.1, 0.1, 0.1], np.float32))
    Heard(first=2, there=4)
    """
    moved = np.flatnonzero(np.abs(output - output[0]) > STILL)
    if not len(moved):
        return None
    way = np.abs(output - output[-1]) / max(abs(output[0] - output[-1]), STILL)
    return Heard(int(moved[0]) - 1, int(np.flatnonzero(way > THERE)[-1]))


def row(name: str, n_events: int, heard: list[Heard], period: int) -> dict[str, Any]:
    """The figures of one probe."""
    first, there = np.array(heard, float).reshape(-1, 2).T
    found: dict[str, Any] = {"what": name, "events": n_events, "unheard": n_events - len(heard)}
    for percentile in PERCENTILES:
        key = "max" if percentile == 100 else f"p{percentile}"
        samples = float(np.percentile(first, percentile, method="inverted_cdf"))
        arrived = float(np.percentile(there, percentile, method="inverted_cdf"))
        found[f"{key}_blocks"] = round(samples / period, 2)
        found[f"{key}_ms"] = round(1000 * samples / RATE, 2)
        found[f"there_{key}_ms"] = round(1000 * arrived / RATE, 2)
    return found


def page(rows: list[dict[str, Any]]) -> str:
    """In markdown."""
    lines = [
        "| MIDI event | events | unheard | moves after p50 / p99 / max, blocks | ms | there, ms |",
        "|---|---|---|---|---|---|",
    ]
    for found in rows:
        cells = [
            " / ".join(f"{found[key]:g}" for key in keys)
            for keys in (
                ("p50_blocks", "p99_blocks", "max_blocks"),
                ("p50_ms", "p99_ms", "max_ms"),
                ("there_p50_ms", "there_p99_ms", "there_max_ms"),
            )
        ]
        counts = f"{found['events']} | {found['unheard']}"
        lines.append(f"| {found['what']} | {counts} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
