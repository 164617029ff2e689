"""`chanterelle presets`: list, show, check, begin, send and receive presets."""

import argparse
import json
import sys
from pathlib import Path

from ddsp_core.errors import ChanterelleError, PresetError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Words and flags of `chanterelle presets`."""
    to_json = "one JSON object"
    parser.add_argument("--json", action="store_true", help=to_json)
    words = parser.add_subparsers(dest="word", metavar="list|show|check|new|export|import")
    for word, doc in WORDS.items():
        below = words.add_parser(word, help=doc, description=doc, allow_abbrev=False)
        below.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=to_json)
        _add_flags(word, below)
        below.set_defaults(known_options=sorted(below._option_string_actions))
    parser.set_defaults(word="list")


WORDS = {
    "list": "all presets: name, title, voices",
    "show": "everything in a preset",
    "check": "all that is wrong with presets; exit code 2 if anything is",
    "new": "begin a preset of your own",
    "export": "pack a preset, or a voice, with all that it needs into one file",
    "import": "take a preset or voice from such a file",
}


def _add_flags(word: str, parser: argparse.ArgumentParser) -> None:
    if word in ("show", "new", "export"):
        parser.add_argument("preset", metavar="NAME", help="name or path of a preset")
    if word == "check":
        parser.add_argument("files", metavar="FILE", nargs="+", help="names or paths of presets")
    if word == "new":
        parser.add_argument("--from", dest="origin", default="violin", help="default: violin")
    if word == "export":
        parser.add_argument("file", metavar="FILE", nargs="?", type=Path)
        parser.add_argument("--voice", action="store_true", help="NAME is a voice's")
    if word == "import":
        parser.add_argument("file", metavar="FILE", type=Path, help="a .chanterelle file")
    if word in ("export", "import"):
        parser.add_argument("--name", default="", help="another name for it")
        parser.add_argument("--replace", action="store_true", help="what is there already")


def run(args: argparse.Namespace) -> int:
    """Does what the word says; returns the exit code."""
    runs = {
        "list": _list,
        "show": _show,
        "check": _check,
        "new": _new,
        "export": _export,
        "import": _import,
    }
    return runs[args.word](args)


def _list(args: argparse.Namespace) -> int:
    from realtime.preset import list_presets
    from realtime.preset_words import summary, table

    if args.json:
        print(json.dumps({"presets": [summary(name) for name in list_presets()]}))
    else:
        print("\n".join(table()))
    return 0


def _show(args: argparse.Namespace) -> int:
    from realtime.preset import load_preset
    from realtime.preset_words import as_json, lines

    preset = load_preset(args.preset)
    print(json.dumps(as_json(preset)) if args.json else "\n".join(lines(preset)))
    return 0


def _check(args: argparse.Namespace) -> int:
    from realtime.preset_sound import everything_wrong

    found = {file: everything_wrong(file) for file in args.files}
    return tell_problems(found, "presets", args.json)


def tell_problems(found: dict[str, list[ChanterelleError]], what: str, to_json: bool) -> int:
    """Prints what is wrong with each file; returns the exit code."""
    if to_json:
        told = [{"file": file, "problems": [str(e) for e in all_]} for file, all_ in found.items()]
        print(json.dumps({what: told}))
    for file, problems in found.items():
        if not to_json:
            print("".join(f"error: {problem}\n" for problem in problems), end="", file=sys.stderr)
            if not problems:
                print(f"{file}: in order")
    return ChanterelleError.exit_code if any(found.values()) else 0


def _new(args: argparse.Namespace) -> int:
    from realtime.preset_new import new_preset

    path = new_preset(args.preset, args.origin)
    print(json.dumps({"path": str(path)}) if args.json else path)
    return 0


def _export(args: argparse.Namespace) -> int:
    from realtime.bundle_export import export_preset, export_voice
    from realtime.bundle_format import SUFFIX
    from realtime.preset import load_preset

    own_name = Path(args.preset).name if args.voice else load_preset(args.preset).name
    file: Path = args.file or Path(f"{args.name or own_name}{SUFFIX}")
    if file.exists() and not args.replace:
        raise PresetError(str(file), "it exists", "another FILE, or --replace")
    (export_voice if args.voice else export_preset)(args.preset, file, args.name)
    n_bytes = file.stat().st_size
    said = f"{file}: {n_bytes / 1e6:.1f} MB"
    print(json.dumps({"file": str(file), "bytes": n_bytes}) if args.json else said)
    return 0


def _import(args: argparse.Namespace) -> int:
    from realtime.bundle_import import import_bundle

    done = import_bundle(args.file, args.name, args.replace)
    if args.json:
        print(json.dumps({**done._asdict(), "folder": str(done.folder)}))
        return 0
    print(f"{done.kind} {done.name}: {done.folder}")
    for plugin in done.plugins:
        print(f"it needs the plug-in {plugin}, which must be on this computer")
    return 0
