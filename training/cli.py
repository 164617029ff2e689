"""`chanterelle-train prepare | train | evaluate`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ddsp_core.errors import ChanterelleError


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; an error for people is one line and exit code 2."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except ChanterelleError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="chanterelle-train", description="Makes voices.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_prepare(commands.add_parser("prepare", help="recordings in, a dataset out"))
    _add_train(commands.add_parser("train", help="a dataset in, a voice out"))
    _add_evaluate(commands.add_parser("evaluate", help="how well a voice plays its dataset"))
    return parser


def _add_prepare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("audio", nargs="+", type=Path, metavar="AUDIO_OR_DIR")
    parser.add_argument("--out", required=True, type=Path, metavar="DATASET")
    parser.add_argument("--spans", type=Path, metavar="CSV", help="columns file,start_s,end_s")
    parser.add_argument("--rate", type=int, default=48000, metavar="HZ")
    parser.add_argument("--hop", type=int, default=128, metavar="SAMPLES")
    parser.add_argument("--validation-share", type=float, default=0.12, metavar="SHARE")
    parser.add_argument("--room-by", choices=("auto", "parent", "file"), default="auto")
    parser.add_argument(
        "--pitch",
        choices=("repaired", "live"),
        default="repaired",
        help="repaired: octave errors of the live tracker put right with swift-f0, if installed",
    )
    parser.set_defaults(run=_prepare)


def _prepare(options: argparse.Namespace) -> None:
    from training.prepare import Options, prepare

    settings = Options(
        sample_rate=options.rate,
        hop_size=options.hop,
        spans_csv=options.spans,
        validation_share=options.validation_share,
        room_by=options.room_by,
        pitch=options.pitch,
    )
    prepare(options.audio, options.out, settings)


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", type=Path, metavar="DATASET")
    parser.add_argument("--out", required=True, type=Path, metavar="RUN")
    parser.add_argument("--recipe", default="live", help="name of a bundled recipe, or a YAML file")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="overrides")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.set_defaults(run=_train)


def _train(options: argparse.Namespace) -> None:
    from training.loop import train
    from training.recipe import load_recipe

    recipe = load_recipe(options.recipe, options.overrides)
    train(recipe, options.dataset, options.out, options.resume)


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("voice", type=Path, metavar="VOICE_DIR")
    parser.add_argument("--dataset", required=True, type=Path, metavar="DATASET")
    parser.add_argument("--room", metavar="NAME", help="compare recordings of this room")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.set_defaults(run=_evaluate)


def _evaluate(options: argparse.Namespace) -> None:
    from training.evaluate import run_evaluate

    run_evaluate(options.voice, options.dataset, as_json=options.json, room=options.room)


if __name__ == "__main__":
    sys.exit(main())
