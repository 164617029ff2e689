"""`chanterelle set-list`: shows and checks the songs of a show."""

import argparse
import json
from pathlib import Path

from ddsp_core.errors import ChanterelleError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Words and flags of `chanterelle set-list`."""
    words = parser.add_subparsers(dest="word", metavar="show|check", required=True)
    for word, doc in (("show", "songs and presets"), ("check", "all that is wrong with it")):
        below = words.add_parser(word, help=doc, description=doc, allow_abbrev=False)
        below.add_argument("file", metavar="FILE", type=Path, help="a YAML file")
        below.add_argument("--json", action="store_true", help="one JSON object")
        below.set_defaults(known_options=sorted(below._option_string_actions))


def run(args: argparse.Namespace) -> int:
    """Shows or checks; returns the exit code."""
    return _check(args) if args.word == "check" else _show(args)


def _check(args: argparse.Namespace) -> int:
    from realtime.cli_presets import tell_problems
    from realtime.preset_sound import unplayable
    from realtime.set_list import load_set_list, problems_of_set_list

    problems: list[ChanterelleError] = [*problems_of_set_list(args.file)]
    if not problems:
        problems = unplayable(load_set_list(args.file).presets)
    return tell_problems({str(args.file): problems}, "set_lists", args.json)


def _show(args: argparse.Namespace) -> int:
    from realtime.set_list import load_set_list

    show = load_set_list(args.file)
    if args.json:
        songs = [
            {**song.__dict__, "presets": [preset.name for preset in song.presets]}
            for song in show.songs
        ]
        print(json.dumps({"title": show.title, "songs": songs}))
        return 0
    if show.title:
        print(show.title)
    for number, song in enumerate(show.songs, 1):
        tempo = f"  {song.tempo_bpm:g} bpm" if song.tempo_bpm else ""
        print(f"{number:3}  {song.title}{tempo}")
        print(f"     {', '.join(preset.title or preset.name for preset in song.presets)}")
        print("".join(f"     {line}\n" for line in song.note.splitlines()), end="")
    return 0
