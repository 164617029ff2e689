"""The part of `chanterelle-train prepare` that reads TFRecords: its flags, and what they run."""

import argparse
from typing import TYPE_CHECKING, Any

from ddsp_core.errors import RecipeError

if TYPE_CHECKING:
    from training.prepare import Options


def add_flags(parser: Any) -> None:
    """Adds --tfrecord and what goes with it."""
    parser.add_argument(
        "--tfrecord",
        nargs="+",
        default=[],
        metavar="FILE",
        help="instead of recordings: TFRecords of DDSP or NSynth, by name or pattern",
    )
    parser.add_argument(
        "--family",
        type=lambda text: [name.strip() for name in text.split(",") if name.strip()],
        default=[],
        metavar="NAME,...",
        help="NSynth's instrument families to use; of several, each makes DATASET/NAME",
    )
    parser.add_argument(
        "--tfrecord-rate",
        type=int,
        metavar="HZ",
        help="sample rate of TFRecords that do not say it (16000)",
    )


def is_asked_for(options: argparse.Namespace) -> bool:
    """Whether this is about TFRecords; raises RecipeError where it is about both or neither."""
    if bool(options.tfrecord) == bool(options.audio):
        given = "recordings and --tfrecord" if options.audio else "nothing to prepare"
        raise RecipeError("prepare", given, "recordings, or --tfrecord FILE")
    for flag, value in (("--family", options.family), ("--tfrecord-rate", options.tfrecord_rate)):
        if value and not options.tfrecord:
            raise RecipeError(flag, "given with recordings", "it goes with --tfrecord")
    for flag, value in (("--spans", options.spans), ("--splits-of", options.splits_of)):
        if value and options.tfrecord:
            raise RecipeError(flag, "given with --tfrecord", "it goes with recordings")
    return bool(options.tfrecord)


def run(options: argparse.Namespace, settings: "Options") -> None:
    """Prepares TFRecords."""
    from training.prepare_tfrecord import prepare_tfrecord

    prepare_tfrecord(options.tfrecord, options.out, settings, options.family, options.tfrecord_rate)
