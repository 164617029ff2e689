"""What a singer does and recordings of an instrument may lack: does the voice follow?

    python -m benchmarks.moves [--preset violin] [--voice FOLDER] [--plot PNG] [--json]

A synthetic singer, whose pitch and level are known exactly, goes through the engine as in a show:

- sustained: notes of 3 s with vibrato, low, middle and high in what the instrument knows
- quiet: the same notes 10, 20 and 30 dB softer; how much softer the instrument becomes
- run: a scale up and down, eight notes a second
- glide: an octave up and down in two seconds
- swell: from 40 dB below up to full level and back, in six seconds

Pitch of the output is heard by swift-f0 (47 to 2094 Hz), octave shift taken out. The room is off
and the gate at its lowest, so that what is measured is the voice.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.measures import Curve, clicks, correlation, loudness_curve, match_pitch
from benchmarks.quality import VOICED, Rendered, render, swift
from ddsp_core.checkpoint import VoiceFile, load_voice
from ddsp_core.errors import ChanterelleError
from realtime.engine import Engine
from realtime.preset import load_preset

FULL_DB = -14.0
"""Level of a loud sung note, peaks against full scale."""
QUIET_DB = (-10.0, -20.0, -30.0)
STEP_S = 0.005
"""Spacing of the truth's pitch."""
REGISTERS = ("5", "50", "95")
"""Low, middle, high: percentiles of the pitches that the voice was trained on."""


class Move(NamedTuple):
    """What is sung, a value a sample. Shapes: (T,), (T,)."""

    f0_hz: Curve
    level_db: Curve


class Followed(NamedTuple):
    """How well. Levels count frames of 10 ms, from 0.1 s on."""

    within_50_cents: float
    median_cents: float
    loudness_correlation: float | None
    level_db: float
    """Median A-weighted level of the output."""
    worst_click: float


def main() -> None:
    args = _parser().parse_args()
    try:
        preset = load_preset(args.preset)
        voice = load_voice(args.voice or preset.voice_dir)
    except ChanterelleError as error:
        sys.exit(f"error: {error}")
    controls = {**preset.controls, "room_mix": 0.0, "gate_db": -90.0}
    truth = moves(voice, controls.get("octave_shift", 0.0))
    done = {
        name: render(Engine(voice, controls), sing(move, voice.config.sample_rate), controls)
        for name, move in truth.items()
    }
    rows = {name: follow(done[name], truth[name]) for name in done}
    if args.plot:
        plot(args.plot, done, truth)
    print(json.dumps({k: r._asdict() for k, r in rows.items()}) if args.json else as_text(rows))


def moves(voice: VoiceFile, octave_shift: float) -> dict[str, Move]:
    """All moves, in the singer's register."""
    rate = voice.config.sample_rate
    quantiles = voice.statistics["f0_quantiles_hz"]
    low, middle, high = (float(quantiles[q]) / 2.0**octave_shift for q in REGISTERS)
    found = {}
    for name, note_hz in (("low", low), ("middle", middle), ("high", min(high, 1900.0))):
        time_s = np.arange(3 * rate) / rate
        f0_hz = note_hz * 2.0 ** (30.0 / 1200.0 * np.sin(2 * np.pi * 5.5 * time_s))
        for softer_db in (0.0, *QUIET_DB):
            found[f"sustained {name} {softer_db:+.0f} dB"] = Move(
                f0_hz, np.full(len(f0_hz), softer_db)
            )
    scale = np.array([0, 2, 4, 5, 7, 9, 11, 12, 11, 9, 7, 5, 4, 2, 0]) / 12.0
    run = np.repeat(middle / 2**0.5 * 2.0**scale, rate // 8)
    up = np.geomspace(middle / 2**0.5, middle * 2**0.5, rate)
    glide = np.concatenate([up, up[::-1]])
    swell_db = -40.0 * np.abs(np.linspace(-1.0, 1.0, 6 * rate))
    found["run"] = Move(run, np.zeros(len(run)))
    found["glide"] = Move(glide, np.zeros(len(glide)))
    found["swell"] = Move(np.full(len(swell_db), middle), swell_db)
    return found


def sing(move: Move, sample_rate: int) -> NDArray[np.float32]:
    """Harmonics that fall by 9 dB an octave, with a start and an end of 30 ms. (T,)."""
    phase = 2 * np.pi * np.cumsum(move.f0_hz) / sample_rate
    audio = np.zeros(len(phase))
    for k in range(1, 21):
        below_nyquist = k * move.f0_hz < 0.45 * sample_rate
        audio += np.where(below_nyquist, k**-1.5 * np.sin(k * phase), 0.0)
    edge = np.minimum(1.0, np.arange(len(audio)) / (0.03 * sample_rate))
    gain = 10.0 ** ((move.level_db + FULL_DB) / 20.0) / np.abs(audio).max()
    return np.asarray(audio * edge * edge[::-1] * gain, dtype=np.float32)


def follow(done: Rendered, move: Move) -> Followed:
    """Measures one move."""
    rate = done.sample_rate
    truth_s = np.arange(0.1, len(move.f0_hz) / rate - 0.05, STEP_S)
    truth_hz = move.f0_hz[(truth_s * rate).astype(int)]
    times_s, f0_hz, confidence = swift(done.wet, rate)
    heard = np.where(confidence >= VOICED, f0_hz, 0.0)
    pitch = match_pitch(times_s, heard, truth_s, truth_hz, done.octaves)
    played_db, sung_db = (loudness_curve(x, rate)[10:-5] for x in (done.wet, done.dry))
    moves_much = np.ptp(move.level_db) > 1.0
    return Followed(
        round(pitch.within_50_cents, 1),
        round(pitch.median_cents, 1),
        round(correlation(sung_db, played_db), 3) if moves_much else None,
        round(float(np.median(played_db)), 1),
        round(clicks(done.wet, rate).worst_ratio, 1),
    )


def as_text(rows: Mapping[str, Followed]) -> str:
    """A line a move."""
    lines = [f"{'':28}  within 50 c  median c  level dB  loudness r  click"]
    for name, row in rows.items():
        r = "" if row.loudness_correlation is None else f"{row.loudness_correlation:.3f}"
        lines.append(
            f"{name:28}  {row.within_50_cents:9.1f} %  {row.median_cents:8.1f}"
            f"  {row.level_db:8.1f}  {r:>10}  {row.worst_click:5.1f}"
        )
    return "\n".join(lines)


def plot(path: Path, done: Mapping[str, Rendered], truth: Mapping[str, Move]) -> None:
    """Spectrograms up to 8 kHz of run, glide, swell and the middle notes, the pitch sung over."""
    from matplotlib.figure import Figure

    shown = [name for name in done if name in {"run", "glide", "swell"} or "middle" in name]
    figure = Figure(figsize=(15, 3.2 * -(-len(shown) // 2)), layout="constrained")
    axes = figure.subplots(-(-len(shown) // 2), 2).ravel()
    for axis, name in zip(axes, shown, strict=False):
        wet, rate = done[name].wet, done[name].sample_rate
        axis.specgram(wet + 1e-7, NFFT=2048, Fs=rate, noverlap=1536, vmin=-140, vmax=-40)
        times_s = np.arange(len(wet)) / rate
        f0_hz = truth[name].f0_hz[: len(wet)] * 2.0 ** done[name].octaves
        axis.plot(times_s, f0_hz, color="white", linewidth=0.6)
        axis.set(title=name, ylim=(0, 8000), xlabel="s", ylabel="Hz")
    figure.savefig(path, dpi=70)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Does the voice follow what a singer does?")
    parser.add_argument("--preset", default="violin")
    parser.add_argument("--voice", type=Path, help="a voice folder instead of the preset's")
    parser.add_argument("--plot", type=Path, metavar="PNG")
    parser.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    main()
