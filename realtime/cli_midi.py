"""`chanterelle midi`: which MIDI inputs there are, and what was learned."""

import argparse
import json
from typing import Any

from ddsp_core.errors import ControlError, DeviceError, did_you_mean
from realtime.mapping import MidiEntry
from realtime.midi_learned import load_learned, save_learned, without


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `chanterelle midi`."""
    actions = parser.add_subparsers(dest="action", metavar="forget")
    doc = "forget which knob moves a control or command"
    forget = actions.add_parser("forget", help=doc, description=doc)
    forget.add_argument("target", metavar="CONTROL", help="name of a control or command")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Lists, or forgets."""
    learned = load_learned()
    if args.action == "forget":
        learned = _forget(learned, args.target)
    ports, problem = _inputs()
    if args.json:
        lines = [entry.model_dump(exclude_defaults=True) for entry in learned]
        found: dict[str, Any] = {"inputs": ports, "problem": problem, "learned": lines}
        print(json.dumps(found))
    else:
        print("\n".join(_page(ports, problem, learned)))
    return 0


def _forget(learned: tuple[MidiEntry, ...], target: str) -> tuple[MidiEntry, ...]:
    kept = without(learned, target)
    if len(kept) == len(learned):
        known = sorted({entry.target for entry in learned})
        raise ControlError("midi forget", f"no knob for {target!r}", did_you_mean(target, known))
    save_learned(kept)
    return kept


def _inputs() -> tuple[list[str], str]:
    """Names, or why there are none."""
    from realtime.midi_watch import list_midi_inputs

    try:
        return list_midi_inputs(), ""
    except DeviceError as error:
        return [], str(error)


def _page(ports: list[str], problem: str, learned: tuple[MidiEntry, ...]) -> list[str]:
    names = [f"  {name}" for name in ports] or [f"  {problem or 'none; plug one in'}"]
    knobs = [f"  {entry.spoken}: {entry.target}" for entry in learned]
    todo = ["  none; `learn` in the live view, over OSC or by a switch"]
    return ["MIDI inputs (--midi takes part of a name):", *names, "Learned:", *(knobs or todo)]
