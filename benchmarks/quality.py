"""How much the output is like what was sung, and how much like the instrument.

    python -m benchmarks.quality [CLIP] [--f0-csv CSV] [--preset violin] [--set NAME=VALUE ...]
        [--reference RECORDING ...] [--voice FOLDER] [--plot PNG] [--report DIR] [--json]

Without CLIP: the two sung clips and the violin of tests/clips. CLIP goes through the engine in
blocks of 128; the latency is removed. Then

- pitch: swift-f0 (which looks ahead, 47 to 2094 Hz) hears the output, and the engine's own f0 is
  looked at too. Truth is the CSV (time in s, f0 in Hz, 0: unvoiced), or swift-f0 on the input, sure
  frames only. Shares are of the truth's voiced frames; one without a pitch in the output is a miss.
- loudness: A-weighted, 10 ms frames. Before they are correlated, both curves are raised to a floor
  40 dB below their own 95th percentile: breath between two lines is not to be played. `open`
  counts only frames with the gate open, `floor_60` has a floor 60 dB below, `raw` none but -100 dB.
- spectrum: energy above 8 kHz against all, in dB, beside the same of the recordings.
- clicks: see `measures.clicks`; the same of the input and the recordings, as music has edges too.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.measures import (
    Curve,
    above_floor,
    clicks,
    correlation,
    high_share_db,
    levels,
    loudness_curve,
    match_pitch,
)
from benchmarks.pitch_truth import REFERENCE_CONFIDENCE
from benchmarks.quality_report import Row, as_text, plot_spectra
from ddsp_core.checkpoint import load_voice
from ddsp_core.errors import ChanterelleError, ControlError
from realtime.audio_file import read_audio
from realtime.engine import Engine
from realtime.preset import load_preset
from realtime.report_png import ReportFrames, write_report

BLOCK_SIZE = 128
CLIPS = Path(__file__).resolve().parent.parent / "tests" / "clips"
DEFAULT_CASES = (
    (CLIPS / "vocadito_1.flac", CLIPS / "vocadito_1_f0.csv"),
    (CLIPS / "nit_song070_004.flac", None),
)
DEFAULT_REFERENCE = CLIPS / "violin_bwv1002_mov6_end.flac"
VOICED = 0.5
"""swift-f0's confidence from which its pitch of the output counts."""


class Rendered(NamedTuple):
    """Input and output lined up, and what the engine meant. Shapes: (T,), (T,), (N,) each."""

    dry: NDArray[np.float32]
    wet: NDArray[np.float32]
    frames: ReportFrames
    sample_rate: int
    octaves: float  # by how much the output was meant to be higher


def main() -> None:
    args = _parser().parse_args()
    try:
        cases = [(args.clip, args.f0_csv)] if args.clip else list(DEFAULT_CASES)
        preset = load_preset(args.preset)
        controls = {**preset.controls, **dict(map(setting, args.set))}
        voice = load_voice(args.voice or preset.voice_dir)
        rows, renders = {}, {}
        rate = voice.config.sample_rate
        reference = [read_audio(path, rate) for path in args.reference or [DEFAULT_REFERENCE]]
        for clip, truth in cases:
            done = render(Engine(voice, controls), read_audio(clip, rate), controls)
            rows[clip.stem], renders[clip.stem] = measure(done, truth, reference), done
    except ChanterelleError as error:
        sys.exit(f"error: {error}")
    print(json.dumps(rows, indent=2) if args.json else "\n".join(map(as_text, rows, rows.values())))
    if args.plot:
        pairs = {name: (done.dry, done.wet) for name, done in renders.items()}
        plot_spectra(args.plot, pairs, np.concatenate(reference), rate)
    for name, done in renders.items() if args.report else ():
        write_report(args.report, name, done.dry, done.wet, done.sample_rate, done.frames)


def render(engine: Engine, dry: NDArray[np.float32], controls: dict[str, float]) -> Rendered:
    """The clip through the engine, a block a hop; what is heard after its end is dropped."""
    hop, latency, rate = engine.hop_size, engine.latency_samples, engine.sample_rate
    n_hops = -(-(len(dry) + latency) // hop)
    padded = np.zeros(n_hops * hop, np.float32)
    padded[: len(dry)] = dry
    wet = np.empty_like(padded)
    meters = []
    for k in range(n_hops):
        wet[k * hop : (k + 1) * hop] = engine.process(padded[k * hop : (k + 1) * hop])
        meters.append(engine.meters)
    octaves = controls.get("octave_shift", 0.0) + controls.get("transpose_semitones", 0.0) / 12.0
    f0_hz, confidence, loudness_db, gate = np.array([m[2:] for m in meters], dtype=np.float64).T
    time_s = (np.arange(n_hops) + 2) * hop / rate - latency / rate
    frames = ReportFrames(time_s, f0_hz, f0_hz * 2.0**octaves, confidence, loudness_db, gate)
    return Rendered(dry, wet[latency : latency + len(dry)], frames, rate, octaves)


def measure(done: Rendered, truth_csv: Path | None, reference: list[NDArray[np.float32]]) -> Row:
    """All figures of one clip."""
    rate = done.sample_rate
    truth_times_s, truth_hz = _read_truth(truth_csv) if truth_csv else _sure_pitch(done.dry, rate)
    heard = match_pitch(*_pitch(done.wet, rate), truth_times_s, truth_hz, done.octaves)
    own = match_pitch(*_own_pitch(done.frames), truth_times_s, truth_hz)
    instrument = np.concatenate(reference)
    return {
        "f0_output": heard._asdict(),
        "f0_engine": own._asdict(),
        "loudness": loudness_match(done),
        "above_8khz_db": {
            "output": high_share_db(done.wet, rate),
            "recordings": high_share_db(instrument, rate),
            "input": high_share_db(done.dry, rate),
        },
        "clicks": {
            "output": clicks(done.wet, rate)._asdict(),
            "input": clicks(done.dry, rate)._asdict(),
            "recordings": clicks(instrument, rate)._asdict(),
        },
        "levels": levels(done.wet, rate),
    }


def loudness_match(done: Rendered) -> Row:
    """Correlations of the loudness curves, and the median distance while the gate is open."""
    sung, played = (loudness_curve(audio, done.sample_rate) for audio in (done.dry, done.wet))
    # Loudness at the end of each 10 ms describes a moment 8 ms back, like the frames' time.
    at_s = (np.arange(len(sung)) + 1) * 0.01 - 0.008
    nearest = np.clip(np.searchsorted(done.frames.time_s, at_s), 0, len(done.frames.gate) - 1)
    is_open = done.frames.gate[nearest] > 0.5
    a, b = above_floor(sung), above_floor(played)
    distance = (played - sung)[is_open]
    return {
        "correlation": correlation(a, b),
        "correlation_open": correlation(a[is_open], b[is_open]),
        "correlation_floor_60": correlation(above_floor(sung, 60), above_floor(played, 60)),
        "correlation_raw": correlation(sung, played),
        "gate_open": 100.0 * float(is_open.mean()),
        "output_minus_input_db": float(np.median(distance)) if len(distance) else float("nan"),
    }


def setting(text: str) -> tuple[str, float]:
    """NAME=VALUE of `--set`; raises ControlError."""
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError:
        todo = "see `chanterelle controls`"
        raise ControlError("--set", repr(text), "NAME=NUMBER", todo) from None


def swift(audio: NDArray[np.float32], sample_rate: int) -> tuple[Curve, Curve, Curve]:
    from swift_f0 import SwiftF0

    found = SwiftF0(threads=1).detect(audio, sample_rate)
    return (
        np.asarray(found.timestamps, dtype=np.float64),
        np.asarray(found.pitch_hz, dtype=np.float64),
        np.asarray(found.confidence, dtype=np.float64),
    )


def _pitch(audio: NDArray[np.float32], sample_rate: int) -> tuple[Curve, Curve]:
    times_s, f0_hz, confidence = swift(audio, sample_rate)
    return times_s, np.where(confidence >= VOICED, f0_hz, 0.0)


def _sure_pitch(audio: NDArray[np.float32], sample_rate: int) -> tuple[Curve, Curve]:
    times_s, f0_hz, confidence = swift(audio, sample_rate)
    return times_s, np.where(confidence >= REFERENCE_CONFIDENCE, f0_hz, 0.0)


def _own_pitch(frames: ReportFrames) -> tuple[Curve, Curve]:
    """The engine's f0 with the gate open; closed, it plays none."""
    return np.asarray(frames.time_s), np.where(np.asarray(frames.gate) > 0.5, frames.f0_hz, 0.0)


def _read_truth(path: Path) -> tuple[Curve, Curve]:
    rows = np.loadtxt(path, delimiter=",", usecols=(0, 1), ndmin=2)
    return rows[:, 0], rows[:, 1]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measures what the engine makes of sung clips.")
    parser.add_argument("clip", type=Path, nargs="?", help="default: the clips of tests/clips")
    parser.add_argument("--f0-csv", type=Path, help="true pitch of CLIP: time in s, Hz")
    parser.add_argument("--preset", default="violin")
    parser.add_argument("--voice", type=Path, help="a voice folder instead of the preset's")
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="NAME=VALUE")
    parser.add_argument("--reference", type=Path, nargs="+", help="recordings of the instrument")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="long-term average spectra")
    parser.add_argument("--report", type=Path, metavar="DIR", help="a picture of each render")
    parser.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    main()
