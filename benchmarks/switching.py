"""Changes of preset while a note is held: clicks, late blocks, continuity, tails, and pre-roll.

    python -m benchmarks.switching [--changes 500] [--seed 0] [--quick] [--plot PNG] [--json]

Six presets that come along, two of them with effects, over real singing and a rich tone:

- clicks: the third difference against its rms over 20 ms (`measures.clicks`), with changes at
  random blocks and without any, from each preset; changes must not make the worst ratio worse.
- late: a block's own computing time against its length, paced, at 128 and 64 samples.
- continuity: two presets of one voice; the output is that of an engine whose controls were turned.
- tail: what rings of the old preset after a change, beside the same when the singer stops there.
- pre-roll: how far an engine that listened for so long is from one that has played all along.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.switching_parts import (
    PRESETS,
    RATE,
    Audio,
    click_row,
    continuity,
    fresh,
    late_row,
    play,
    tail,
)
from benchmarks.switching_preroll import preroll_table
from realtime.audio_file import read_audio
from realtime.preset import load_preset
from realtime.slot import load_slots

CLIP = Path(__file__).resolve().parent.parent / "tests" / "clips" / "vocadito_1.flac"


def main() -> None:
    args = _parser().parse_args()
    found = measure(args.changes, args.seed, quick=args.quick)
    print(json.dumps(found, indent=2) if args.json else as_text(found))
    if args.plot:
        plot(args.plot)


def measure(n_changes: int, seed: int = 0, *, quick: bool = False) -> dict[str, Any]:
    """All figures; quick ones are of a few seconds and ten changes."""
    rng = np.random.default_rng(seed)
    sung = read_audio(CLIP, RATE)
    tone = rich_tone(220.0, 10.0)
    if quick:
        sung, tone, n_changes = sung[RATE : 3 * RATE], tone[: 2 * RATE], 10
    names = (PRESETS[0], PRESETS[-1]) if quick else PRESETS
    slots = load_slots([load_preset(name) for name in names])
    half = -(-n_changes // 2)
    clicks = [
        click_row(slots, name, audio, half, rng) for name, audio in (("sung", sung), ("tone", tone))
    ]
    paced = sung if not quick else sung[:RATE]
    late = [late_row(slots, paced, size, half, rng) for size in (128, 64)]
    places = 8 if quick else 80
    rings, stopped = tail(tone)
    return {
        "clicks": [row._asdict() for row in clicks],
        "late": [row._asdict() for row in late],
        "continuity": continuity(tone, half, rng),
        "tail_db": {"after_a_change": rings, "after_the_singer": stopped},
        "preroll": [
            row._asdict()
            for name in (("flute",) if quick else ("violin", "flute"))
            for row in preroll_table(name, read_audio(CLIP, RATE), places, seed)
        ],
    }


def rich_tone(f0_hz: float, duration_s: float) -> Audio:
    """Harmonics that fall by their number."""
    t = np.arange(round(duration_s * RATE)) / RATE
    wave = sum(np.sin(2 * np.pi * k * f0_hz * t + k) / k for k in range(1, 20))
    return np.asarray(0.2 * wave / np.abs(wave).max(), np.float32)


def as_text(found: dict[str, Any]) -> str:
    """A table for people."""
    lines = ["clicks      changes  worst still  worst changing  places above"]
    lines += [
        f"  {r['name']:8}{r['n_changes']:9}{r['worst_still']:13.1f}{r['worst_changing']:16.1f}"
        f"{r['n_clicks']:14}"
        for r in found["clicks"]
    ]
    lines.append(
        "late        changes   blocks  late   p50    p99   most   p99 and most without changes"
    )
    lines += [
        f"  {r['block_size']:<8}{r['n_changes']:9}{r['n_blocks']:9}{r['n_late']:6}{r['p50']:7.2f}"
        f"{r['p99']:7.2f}{r['greatest']:7.2f}{r['p99_still']:8.2f}{r['greatest_still']:7.2f}"
        for r in found["late"]
    ]
    lines.append(f"continuity  greatest difference {found['continuity']:.1e}")
    rings, stopped = found["tail_db"].values()
    lines.append(f"tail        {rings:.1f} dB, and {stopped:.1f} dB where the singer stops")
    lines.append("pre-roll    hops      ms  median dB  p90 dB")
    lines += [
        f"  {r['preset']:8}{r['n_hops']:8}{r['n_hops'] / 0.375:8.0f}{r['median_db']:11.1f}"
        f"{r['p90_db']:8.1f}{'  <- used' if r['is_used'] else ''}"
        for r in found["preroll"]
    ]
    return "\n".join(lines)


def plot(path: Path) -> None:
    """Violin to flute and back on real singing: spectrogram, waveform around the changes."""
    from matplotlib.figure import Figure

    slots = load_slots([load_preset("violin"), load_preset("flute")])
    sung = read_audio(CLIP, RATE)[: 8 * RATE]
    changes = {round(s * RATE / 128): n for s, n in ((3.0, 1), (5.5, 0))}
    out = play(fresh(slots, 0), sung, changes).out
    figure = Figure(figsize=(14, 9), layout="constrained")
    above, *below = figure.subplot_mosaic("AA;BC").values()
    above.specgram(out, NFFT=2048, Fs=RATE, noverlap=1536, vmin=-140)
    above.set(ylim=(0, 12000), xlabel="s", ylabel="Hz", title="violin, flute, violin")
    for axes, at in zip(below, changes, strict=True):
        t = np.arange((at - 10) * 128, (at + 40) * 128)
        axes.plot(t / RATE, out[t], linewidth=0.5)
        axes.axvline(at * 128 / RATE, color="k", linewidth=0.8)
        axes.set(xlabel="s", title=f"around {at * 128 / RATE:.2f} s")
    figure.savefig(path, dpi=100)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measures changes of preset.")
    parser.add_argument("--changes", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="a few seconds, ten changes")
    parser.add_argument("--plot", type=Path, metavar="PNG")
    parser.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    main()
