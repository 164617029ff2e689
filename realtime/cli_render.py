"""`chanterelle render IN OUT`: a file through the very instrument that plays live."""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ddsp_core.checkpoint import VoiceFile, load_voice
from ddsp_core.errors import AudioError
from ddsp_core.features import FeatureExtractor, Features
from ddsp_core.trackers import Tracker
from ddsp_core.units import db_to_gain
from realtime.cli_controls import add_control_flags, given_controls
from realtime.cli_numbers import number_between, whole_between
from realtime.effects.pace import OFFLINE, paced
from realtime.hearing import Ears, tracker_of
from realtime.host import Host
from realtime.patience import preparing
from realtime.preset import Preset, load_preset
from realtime.render import SUBTYPES, Audio, Rendering, render, write_audio
from realtime.singer import Singer, load_singer
from realtime.slot import load_slots
from realtime.stats import BlockReport
from realtime.transfer import Transfer, Wanted

BLOCK_SIZES = (1, 8192)
USUAL_BLOCK_SIZE = 1024
"""The sound is the same at any size, and nobody waits for a block: eight hops a call are fast."""

WARM_UP_S = 0.1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `chanterelle render`."""
    parser.add_argument("input", metavar="IN", type=Path, help="what was sung: any sound file")
    parser.add_argument("output", metavar="OUT", type=Path, help=", ".join(SUBTYPES))
    parser.add_argument("--preset", default="violin", help="name or path (default violin)")
    parser.add_argument("--singer", metavar="NAME", help="who sings: chanterelle soundcheck")
    parser.add_argument(
        "--block-size",
        type=whole_between(*BLOCK_SIZES),
        default=USUAL_BLOCK_SIZE,
        help=f"samples (default {USUAL_BLOCK_SIZE})",
    )
    parser.add_argument(
        "--keep-latency", action="store_true", help="leave the engine's delay in OUT, as live"
    )
    parser.add_argument(
        "--seed", type=whole_between(0, 2**32 - 1), default=0, help="of the noise (default 0)"
    )
    parser.add_argument("--report", metavar="DIR", type=Path, help="write a picture into DIR")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    _add_transfer_flags(parser)
    add_control_flags(parser)


def _add_transfer_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("timbre transfer, with the whole of IN known beforehand")
    group.add_argument(
        "--fit-loudness", action="store_true", help="quantiles onto those of the voice's training"
    )
    group.add_argument("--fit-octave", action="store_true", help="into the voice's range")
    group.add_argument(
        "--mask-threshold",
        type=number_between(0.0, 100.0),
        metavar="RATIO",
        help="attenuate what is not clearly a note: 1 is usual, more is stricter",
    )
    group.add_argument(
        "--mask-attenuation-db",
        type=number_between(0.0, 100.0),
        default=20.0,
        metavar="DB",
        help="by",
    )


class Played(NamedTuple):
    """What a render was made with."""

    host: Host
    voice: VoiceFile
    features: Features | None
    """Of the recording, behind the input gain, if anybody looks at them."""
    transfer: Transfer | None


def run(args: argparse.Namespace) -> int:
    """Renders; returns the exit code."""
    started_s = time.perf_counter()
    played, sung = prepare(args)
    rendering = _render(played, sung, args.block_size, args.keep_latency)
    write_audio(args.output, rendering.audio, played.host.sample_rate)
    seconds = time.perf_counter() - started_s
    factor = len(sung) / played.host.sample_rate / seconds
    _print_summary(args, played.host, rendering.report, factor)
    if args.report:
        lined_up = rendering
        if args.keep_latency:
            lined_up = _render(played, sung, args.block_size, keep_latency=False)
        picture = write_picture(args.report, args.output.stem, sung, lined_up.audio, played)
        print(f"picture: {picture}", file=sys.stderr)
    played.host.close()
    return 0


def prepare(args: argparse.Namespace) -> tuple[Played, Audio]:
    """The instrument at the recording's beginning, and the recording. Shape: (T,).

    Raises:
        ChanterelleError: a preset, voice or recording that cannot be used, an OUT that cannot be.
    """
    from realtime.audio_file import read_audio

    preset = load_preset(args.preset)
    singer = load_singer(args.singer) if args.singer else None
    controls = given_controls(args)
    _check_output(args.input, args.output)
    voice = load_voice(preset.voice_dir)
    if singer:
        preset = singer.in_front_of(preset, voice.statistics)
    sung = read_audio(args.input, voice.config.sample_rate)
    return _load(args, preset, controls, voice, sung, singer), sung


def _load(
    args: argparse.Namespace,
    preset: Preset,
    controls: dict[str, float],
    voice: VoiceFile,
    sung: Audio,
    singer: Singer | None,
) -> Played:
    """The instrument, and what it makes of the recording as a whole."""
    wanted = Wanted(
        args.fit_loudness, args.fit_octave, args.mask_threshold, args.mask_attenuation_db
    )
    features, transfer = None, None
    if wanted.is_anything or args.report:
        tracker = tracker_of(preset, voice)
        gain_db = controls.get("input_gain_db", preset.controls["input_gain_db"])
        heard = _behind_effects(preset, sung, voice)
        features = _features_of(heard, db_to_gain(gain_db), voice, tracker)
    if features and wanted.is_anything:
        config = voice.config
        transfer = Transfer(features, config.hop_size / config.sample_rate, wanted)
        octave = controls.get("octave_shift", 0.0) + transfer.octave_for(voice.statistics)
        if args.fit_octave:
            controls = {**controls, "octave_shift": max(min(octave, 3.0), -3.0)}
    with preparing(), paced(OFFLINE):
        # One map of loudness is enough: this recording's own goes before the singer's.
        ears = Ears(singer=None if args.fit_loudness else singer, keyboard=transfer)
        slots = load_slots([preset], controls, seed=args.seed, ears=ears, warm_up_s=WARM_UP_S)
    return Played(Host(slots), voice, features, transfer)


def _behind_effects(preset: Preset, sung: Audio, voice: VoiceFile) -> Audio:
    """What the voice hears: later by these effects' latency, as live. Shape: (T,) -> (T,)."""
    if not preset.input_effects:
        return sung
    from realtime.effects.chain import Chain

    chain = Chain(preset.input_effects, voice.config.sample_rate)
    hop_size = voice.config.hop_size
    hops = [sung[np.newaxis, at : at + hop_size] for at in range(0, len(sung), hop_size)]
    heard = [chain.process(hop).mean(axis=0) for hop in hops]
    chain.close()
    return np.concatenate(heard, dtype=np.float32)


def _features_of(sung: Audio, gain: float, voice: VoiceFile, tracker: Tracker | None) -> Features:
    hop_size = voice.config.hop_size
    n_hops = len(sung) // hop_size
    hops = np.float32(gain) * sung[: n_hops * hop_size].reshape(n_hops, hop_size)
    return FeatureExtractor(voice.config.sample_rate, hop_size, tracker).forward(hops)[0]


def _render(played: Played, sung: Audio, block_size: int, keep_latency: bool) -> Rendering:
    if played.transfer:
        played.transfer.rewind()
    return render(played.host, sung, block_size, keep_latency=keep_latency)


def write_picture(folder: Path, name: str, sung: Audio, out: Audio, played: Played) -> Path:
    """The report: features as the instrument saw them, beside input and output.

    Raises:
        AudioError: the folder or the disk refuses.
    """
    from realtime.render_picture import frames_of
    from realtime.report_png import write_report

    assert played.features is not None, "a report was asked for"
    wet = out if out.ndim == 1 else out.mean(axis=1)
    frames = frames_of(played.features, played.transfer, played.voice, played.host.control_values)
    try:
        return write_report(folder, name, sung, wet, played.host.sample_rate, frames)
    except OSError as error:
        given = f"no picture could be written ({error})"
        raise AudioError(str(folder), given, "a folder") from None


def _print_summary(
    args: argparse.Namespace, host: Host, report: BlockReport, realtime_factor: float
) -> None:
    times = {"p50": report.p50_ms, "p99": report.p99_ms, "max": report.max_ms}
    if args.json:
        summary = {
            "sample_rate": host.sample_rate,
            "block_size": args.block_size,
            "latency_samples": host.latency_samples,
            "n_blocks": report.n_blocks,
            "block_ms": times,
            "deadline_ms": 1000.0 * args.block_size / host.sample_rate,
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
