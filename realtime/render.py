"""`chanterelle render IN OUT`: a file through the very engine that plays live."""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.errors import AudioError
from ddsp_core.trackers import Tracker
from realtime.cli_controls import add_control_flags, given_controls
from realtime.cli_numbers import whole_between
from realtime.engine import Engine
from realtime.patience import preparing
from realtime.stats import BlockReport, BlockTimes

Audio = NDArray[np.float32]

BLOCK_SIZES = (1, 8192)
USUAL_BLOCK_SIZE = 1024
"""The sound is the same at any size, and nobody waits for a block: eight hops a call are fast."""

SUBTYPES = {
    ".wav": "PCM_24",
    ".flac": "PCM_24",
    ".aiff": "PCM_24",
    ".aif": "PCM_24",
    ".ogg": "VORBIS",
}


class Rendering(NamedTuple):
    """What came out, and how long the blocks took. Shape of audio: (T,)."""

    audio: Audio
    report: BlockReport


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `chanterelle render`."""
    parser.add_argument("input", metavar="IN", type=Path, help="what was sung: any sound file")
    parser.add_argument("output", metavar="OUT", type=Path, help=", ".join(SUBTYPES))
    parser.add_argument("--preset", default="violin", help="name or path (default violin)")
    parser.add_argument(
        "--block-size",
        type=whole_between(*BLOCK_SIZES),
        default=USUAL_BLOCK_SIZE,
        help=f"samples (default {USUAL_BLOCK_SIZE})",
    )
    parser.add_argument(
        "--keep-latency", action="store_true", help="leave the engine's delay in OUT, as live"
    )
    parser.add_argument("--seed", type=_seed, default=0, help="of the noise (default 0)")
    parser.add_argument("--report", metavar="DIR", type=Path, help="write a picture into DIR")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    add_control_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Renders; returns the exit code."""
    from ddsp_core.checkpoint import load_voice
    from realtime.audio_file import read_audio
    from realtime.hearing import tracker_of
    from realtime.preset import load_preset

    started_s = time.perf_counter()
    preset = load_preset(args.preset)
    controls = {**preset.controls, **given_controls(args)}
    _check_output(args.input, args.output)
    voice = load_voice(preset.voice_dir)
    tracker = tracker_of(preset, voice)
    engine = Engine(voice, controls, args.seed, tracker=tracker)
    sung = read_audio(args.input, engine.sample_rate)
    with preparing():
        engine.warm_up(0.1)
    rendering = render(engine, sung, args.block_size, keep_latency=args.keep_latency)
    write_audio(args.output, rendering.audio, engine.sample_rate)
    seconds = time.perf_counter() - started_s
    _print_summary(args, engine, rendering.report, len(sung) / engine.sample_rate / seconds)
    if args.report:
        lined_up = render_lined_up(engine, sung, rendering, args)
        picture = write_picture(args.report, args.output.stem, sung, lined_up, engine, tracker)
        print(f"picture: {picture}", file=sys.stderr)
    return 0


def render(engine: Engine, sung: Audio, block_size: int, *, keep_latency: bool) -> Rendering:
    """Plays a whole recording through an engine, from its beginning.

    Args:
        engine: is reset first.
        sung: at the engine's rate.
        block_size: samples, 1 or more.
        keep_latency: as live; else the output lines up with the input.

    Shape:
        sung (T,) -> audio (T,).
    """
    engine.expect_blocks_of(block_size)
    skipped = 0 if keep_latency else engine.latency_samples
    n_samples = len(sung) + skipped
    padded = np.zeros(-(-n_samples // block_size) * block_size, np.float32)
    padded[: len(sung)] = sung
    times = BlockTimes(engine.sample_rate)
    blocks = []
    for start in range(0, len(padded), block_size):
        block = padded[start : start + block_size]
        begun_s = time.perf_counter()
        blocks.append(engine.process(block))
        times.add(time.perf_counter() - begun_s, len(block))
    return Rendering(np.concatenate(blocks)[skipped:n_samples], times.report())


def render_lined_up(
    engine: Engine, sung: Audio, rendering: Rendering, args: argparse.Namespace
) -> Audio:
    """The output as the picture wants it: without latency."""
    if not args.keep_latency:
        return rendering.audio
    return render(engine, sung, args.block_size, keep_latency=False).audio


def write_audio(path: Path, audio: Audio, sample_rate: int) -> None:
    """Writes a sound file in one piece: if it fails, an older file stays.

    Raises:
        AudioError: the folder or the disk refuses.
    """
    import soundfile

    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    subtype = SUBTYPES[path.suffix.lower()]
    try:
        with soundfile.SoundFile(partial, "w", sample_rate, 1, subtype) as file:
            # A second at a time: libsndfile's Vorbis overflows the stack if given minutes at once.
            for start in range(0, len(audio), sample_rate):
                file.write(audio[start : start + sample_rate])
        partial.replace(path)
    except (soundfile.SoundFileError, OSError) as error:
        partial.unlink(missing_ok=True)
        given = f"could not be written ({error})"
        raise AudioError(str(path), given, "a folder with room to write") from None


def write_picture(
    folder: Path, name: str, sung: Audio, played: Audio, engine: Engine, tracker: Tracker | None
) -> Path:
    """The report: features as the engine saw them, beside input and output."""
    from ddsp_core.features import FeatureExtractor
    from ddsp_core.shaping import Shaping
    from ddsp_core.units import db_to_gain
    from realtime.report_png import ReportFrames, write_report
    from realtime.settings import shaping_controls
    from realtime.smoothing import as_vector

    extractor = FeatureExtractor(engine.sample_rate, engine.hop_size, tracker)
    n_hops = len(sung) // engine.hop_size
    gain = np.float32(db_to_gain(engine.control_values["input_gain_db"]))
    hops = gain * sung[: n_hops * engine.hop_size].reshape(n_hops, engine.hop_size)
    features, _ = extractor.forward(hops)
    controls = shaping_controls(as_vector(engine.control_values), n_hops)
    shaped, _ = Shaping(engine.sample_rate, engine.hop_size).forward((features, controls))
    ends = engine.hop_size * np.arange(1, n_hops + 1)
    time_s = (ends - extractor.delay_samples) / engine.sample_rate
    frames = ReportFrames(
        time_s, features.f0_hz, shaped.f0_hz, features.confidence, features.loudness_db,
        shaped.tone_gain,
    )  # fmt: skip
    try:
        return write_report(folder, name, sung, played, engine.sample_rate, frames)
    except OSError as error:
        raise AudioError(
            str(folder), f"no picture could be written ({error})", "a folder"
        ) from None


def _print_summary(
    args: argparse.Namespace, engine: Engine, report: BlockReport, realtime_factor: float
) -> None:
    times = {"p50": report.p50_ms, "p99": report.p99_ms, "max": report.max_ms}
    if args.json:
        summary = {
            "sample_rate": engine.sample_rate,
            "block_size": args.block_size,
            "latency_samples": engine.latency_samples,
            "n_blocks": report.n_blocks,
            "block_ms": times,
            "deadline_ms": 1000.0 * args.block_size / engine.sample_rate,
            "realtime_factor": realtime_factor,
        }
        print(json.dumps(summary))
        return
    print(f"{args.output}: {report.duration_s:.1f} s, {realtime_factor:.1f} x real time")
    print("block time " + ", ".join(f"{name} {ms:.3f} ms" for name, ms in times.items()))


def _check_output(source: Path, target: Path) -> None:
    if target.suffix.lower() not in SUBTYPES:
        given = f"a file ending in {target.suffix!r}" if target.suffix else "no file ending"
        raise AudioError(str(target), given, ", ".join(SUBTYPES))
    if not target.parent.is_dir():
        raise AudioError(str(target), f"no folder {target.parent}", "an existing folder")
    if target.exists() and source.exists() and target.samefile(source):
        raise AudioError(str(target), "IN and OUT are the same file", "another name for OUT")


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 up")
    return int(text)
