"""`chanterelle take`: list, hear and play again what has been recorded."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddsp_core.errors import AudioError
from realtime.cli_controls import add_control_flags, given_controls

if TYPE_CHECKING:
    from realtime.take_list import Listed
    from realtime.take_reader import Take

FILE = "file:"
TAKES = Path("takes")
"""Where a pedal's takes go if nobody said where."""
WORDS = {
    "list": "all takes of a folder",
    "show": "what a take is, and what was done in it",
    "play": "hear a take",
    "render": "play what was sung again: as it was, with another voice, with other settings",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Words and flags of `chanterelle take`."""
    words = parser.add_subparsers(dest="word", required=True, metavar="|".join(WORDS))
    for word, doc in WORDS.items():
        below = words.add_parser(word, help=doc, description=doc, allow_abbrev=False)
        below.add_argument("--json", action="store_true", help="one JSON object")
        if word == "list":
            below.add_argument(
                "folder", metavar="DIR", type=Path, nargs="?", help="default: takes, or this one"
            )
        else:
            below.add_argument("take", metavar="TAKE", type=Path, help="folder of the take")
        if word == "play":
            _add_play(below)
        if word == "render":
            _add_render(below)
        below.set_defaults(known_options=sorted(below._option_string_actions))


def _add_play(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry", action="store_true", help="what was sung, not what was played")
    parser.add_argument("--from", dest="from_s", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument(
        "--output", metavar="DEV", help="speaker: number, part of a name, or file:PATH"
    )


def _add_render(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="FILE", type=Path, help=".wav or .flac; else in the take")
    parser.add_argument("--preset", help="another one than the take was played with")
    parser.add_argument("--bits", type=int, choices=(16, 24, 32), help="default: as recorded")
    parser.add_argument(
        "--line-up",
        choices=("wet", "dry"),
        default="wet",
        help="sample by sample with which of the take's files (default wet: as late as live)",
    )
    moves = parser.add_mutually_exclusive_group()
    moves.add_argument(
        "--as-played",
        action="store_true",
        default=True,
        help="what was turned meanwhile is turned again (default); but controls given here stay",
    )
    moves.add_argument(
        "--still", dest="as_played", action="store_false", help="nothing is turned meanwhile"
    )
    add_control_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Does what the word says; returns the exit code."""
    return {"list": _list, "show": _show, "play": _play, "render": _render}[args.word](args)


def _list(args: argparse.Namespace) -> int:
    from realtime.take_list import list_takes

    folder = args.folder or (TAKES if TAKES.is_dir() else Path())
    found = list_takes(folder)
    if args.json:
        print(json.dumps({"takes": [_as_json(one) for one in found]}))
        return 0
    if not found:
        print(f"no takes in {folder}: chanterelle play --record DIR makes some")
    for one in found:
        print(f"{one.folder.name}  {_line(one.take) if one.take else one.problem}")
    return 0


def _show(args: argparse.Namespace) -> int:
    from realtime.take_list import Listed, open_take
    from realtime.take_notes import read_events
    from realtime.take_words import show_lines

    take = open_take(args.take)
    events = read_events(take.folder)
    if args.json:
        print(json.dumps({**_as_json(Listed(take.folder, take)), "events": events}))
        return 0
    print("\n".join(show_lines(take, events)))
    return 0


def _play(args: argparse.Namespace) -> int:
    from realtime.take_list import open_take
    from realtime.take_play import BLOCK_S, check_output, play_blocks, write_blocks
    from realtime.take_reader import sound_blocks

    take = open_take(args.take)
    side = "dry" if args.dry else "wet"
    if not 0.0 <= args.from_s <= take.duration_s:
        raise AudioError("--from", f"{args.from_s:g}", f"0 to {take.duration_s:g} s")
    blocks = sound_blocks(
        take, side, round(BLOCK_S * take.sample_rate), round(args.from_s * take.sample_rate)
    )
    said = {"take": str(take.folder), "side": side, "duration_s": take.duration_s - args.from_s}
    if args.output and args.output.startswith(FILE):
        path = check_output(Path(args.output.removeprefix(FILE)))
        n_channels = 1 if args.dry else take.n_wet
        write_blocks(blocks, take.sample_rate, path, n_channels, take.layout.bits)
    else:
        from realtime.devices import load_portaudio

        portaudio = load_portaudio()
        if not args.json:
            print(f"{take.folder.name}, {side}: {_line(take)}; Ctrl-C ends", flush=True)
        play_blocks(blocks, take.sample_rate, args.output, portaudio)
    if args.json:
        print(json.dumps(said))
    return 0


def _render(args: argparse.Namespace) -> int:
    from realtime.take_list import open_take
    from realtime.take_revoice import revoice_into

    controls = given_controls(args)
    take = open_take(args.take)
    done = revoice_into(take, args.preset, controls, args)
    if args.json:
        print(json.dumps(done._asdict() | {"out": str(done.out)}))
        return 0
    print(f"{done.out}: {done.duration_s:.1f} s, {done.realtime_factor:.1f} x real time")
    return 0


def _line(take: "Take") -> str:
    from realtime.take_words import line

    return line(take)


def _as_json(one: "Listed") -> dict[str, Any]:
    from realtime.take_words import as_json

    return as_json(one)
