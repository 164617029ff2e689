"""`chanterelle-train prepare`."""

import argparse
from pathlib import Path
from typing import Any

from training import cli_prepare_tfrecord


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser("prepare", help="recordings in, a dataset out")
    parser.add_argument("audio", nargs="*", type=Path, metavar="AUDIO_OR_DIR")
    parser.add_argument("--out", required=True, type=Path, metavar="DATASET")
    parser.add_argument("--spans", type=Path, metavar="CSV", help="columns file,start_s,end_s")
    parser.add_argument("--rate", type=int, default=48000, metavar="HZ")
    parser.add_argument("--hop", type=int, default=128, metavar="SAMPLES")
    parser.add_argument("--validation-share", type=float, default=0.12, metavar="SHARE")
    parser.add_argument("--test-share", type=float, default=0.06, metavar="SHARE")
    parser.add_argument(
        "--splits-of",
        type=Path,
        metavar="DATASET",
        help="as this older dataset of the same recordings: what was held out stays held out",
    )
    parser.add_argument("--room-by", choices=("auto", "parent", "file", "session"), default="auto")
    parser.add_argument(
        "--reference",
        default="swift-f0",
        metavar="TRACKER",
        help="compared with the live pitch: swift-f0, crepe-tiny, crepe-full, none",
    )
    parser.add_argument(
        "--pitch",
        choices=("repaired", "live"),
        default="repaired",
        help="repaired: octave errors of the live tracker put right with the reference",
    )
    parser.add_argument(
        "--jobs", type=int, default=-1, metavar="N", help="processes; -1: one a core"
    )
    parser.add_argument(
        "--scheduler", metavar="tcp://HOST:PORT", help="measure on a dask cluster instead"
    )
    cli_prepare_tfrecord.add_flags(parser)
    parser.set_defaults(run=_prepare)


def _prepare(options: argparse.Namespace) -> None:
    from training.prepare import Options, prepare
    from training.reference_pitch import checked

    settings = Options(
        sample_rate=options.rate,
        hop_size=options.hop,
        spans_csv=options.spans,
        validation_share=options.validation_share,
        test_share=options.test_share,
        room_by=options.room_by,
        reference=checked(options.reference),
        pitch=options.pitch,
        jobs=options.jobs,
        scheduler=options.scheduler,
        splits_of=options.splits_of,
    )
    if cli_prepare_tfrecord.is_asked_for(options):
        cli_prepare_tfrecord.run(options, settings)
    else:
        prepare(options.audio, options.out, settings)
