"""`chanterelle effects`: the kinds that a preset's chains can be made of, and what they take."""

import argparse
import json
from collections.abc import Iterator
from typing import Any

from ddsp_core.errors import PresetError, did_you_mean
from realtime.cli_controls import as_json
from realtime.effects.kind import Kind
from realtime.effects.kinds import KINDS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Words and flags of `chanterelle effects`."""
    parser.add_argument("kind", metavar="KIND", nargs="?", help="only this one, with its options")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Prints the list, or one kind."""
    if args.kind is not None and args.kind not in KINDS:
        raise PresetError("effects", f"unknown kind {args.kind!r}", did_you_mean(args.kind, KINDS))
    kinds = [KINDS[args.kind]] if args.kind is not None else list(KINDS.values())
    if args.json:
        print(json.dumps({"effects": [_as_json(kind) for kind in kinds]}))
    elif args.kind is None:
        print("\n".join(f"{kind.name:10}  {kind.doc}" for kind in kinds))
    else:
        print("\n".join(_page(kinds[0])))
    return 0


def _page(kind: Kind) -> Iterator[str]:
    yield f"{kind.name}: {kind.doc}"
    names = [option.name for option in kind.options] + [*kind.by_name]
    width = max(map(len, names))
    for option in kind.options:
        needed = "needed" if option.is_required else "option"
        yield f"{option.name:{width}}  {needed:22}  {'':>9}  {option.doc}"
    for control in kind.parameters:
        default = control.shown(control.default)
        yield f"{control.name:{width}}  {control.allowed:22}  {default:>9}  {control.doc}"


def _as_json(kind: Kind) -> dict[str, Any]:
    return {
        "kind": kind.name,
        "doc": kind.doc,
        "parameters": [as_json(control) for control in kind.parameters],
        "options": [
            {"name": option.name, "doc": option.doc, "is_required": option.is_required}
            for option in kind.options
        ],
    }
