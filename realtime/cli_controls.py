"""`chanterelle controls`, and the flags of all commands that derive from the table of controls."""

import argparse
import json
from textwrap import fill, indent

from realtime.controls import CONTROLS, Control, find_control


def add_control_flags(parser: argparse.ArgumentParser) -> None:
    """One flag for each control, with dashes or underscores; only the given ones are set."""
    group = parser.add_argument_group("controls")
    for control in CONTROLS:
        dashed = flag(control.name)
        names = dict.fromkeys((dashed, f"--{control.name}"))
        group.add_argument(
            *names,
            dest=f"control_{control.name}",
            metavar="VALUE",
            default=None,
            help=f"{control.doc} ({control.allowed}, default {control.shown(control.default)})",
        )


def given_controls(args: argparse.Namespace) -> dict[str, float]:
    """Name to value of the controls that stood on the command line; raises ControlError."""
    texts = {control.name: getattr(args, f"control_{control.name}") for control in CONTROLS}
    return {
        name: find_control(name).check(text, flag(name))
        for name, text in texts.items()
        if text is not None
    }


def flag(name: str) -> str:
    """The command-line flag of a control.

    >>> flag("octave_shift")
    '--octave-shift'
    """
    return f"--{name.replace('_', '-')}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `chanterelle controls`."""
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Prints the table."""
    if args.json:
        print(json.dumps({"controls": [as_json(control) for control in CONTROLS]}))
        return 0
    width = max(len(control.name) for control in CONTROLS)
    for control in CONTROLS:
        default = control.shown(control.default)
        numbers = f"{control.minimum:g} to {control.maximum:g} {control.unit}"
        print(f"{control.name:{width}}  {numbers:22}  {default:>9}  {control.doc}")
        if control.choices:
            words = fill(", ".join(control.choices), 60)
            print(indent(words, " " * (width + 2)))
    return 0


def as_json(control: Control) -> dict[str, object]:
    """All that the table says of it."""
    return {
        "name": control.name,
        "minimum": control.minimum,
        "maximum": control.maximum,
        "default": control.default,
        "unit": control.unit,
        "step": control.step,
        "smoothing_s": control.smoothing_s,
        "curve": control.curve,
        "choices": list(control.choices),
        "doc": control.doc,
    }
