"""The command line `chanterelle`: finds the command, runs it, and turns errors into one line."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any, NamedTuple, NoReturn

from ddsp_core.errors import ChanterelleError, did_you_mean
from realtime.lean import leave_out
from realtime.supervisor import is_wanted, supervise


class Command(NamedTuple):
    """A sub-command: the module with its `add_arguments(parser)` and `run(args) -> int`."""

    module: str
    doc: str


COMMANDS = {
    "play": Command("realtime.cli_play", "sing into the microphone, hear the instrument"),
    "soundcheck": Command(
        "realtime.cli_soundcheck", "ten seconds of you, for gate, gain and octave"
    ),
    "render": Command("realtime.cli_render", "play a file through the engine into a file"),
    "studio": Command("realtime.cli_studio", "a recording in another voice, in a browser"),
    "devices": Command("realtime.cli_devices", "list the sound cards"),
    "presets": Command("realtime.cli_presets", "list, show, check, begin, send presets"),
    "set-list": Command("realtime.cli_set_list", "show or check the songs of a show"),
    "midi": Command("realtime.cli_midi", "list the MIDI inputs and what was learned"),
    "controls": Command("realtime.cli_controls", "list what can be turned, with ranges"),
    "take": Command("realtime.cli_take", "list, hear and play again what has been recorded"),
    "effects": Command("realtime.cli_effects", "list the kinds of effects, or what one takes"),
    "plugins": Command("realtime.cli_plugins", "list VST3 plug-ins, or one's parameters"),
    "bench": Command("realtime.bench", "measure the engine on this machine"),
    "doctor": Command("realtime.cli_doctor", "test this machine, and say which block size is safe"),
}

ONE_THREAD = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""More threads make single blocks no faster, but late at random."""


class Parser(argparse.ArgumentParser):
    """argparse with this project's kind of error, and descriptions that are sentences."""

    def __init__(self, *, description: str | None = None, **more: Any) -> None:
        super().__init__(description=description and sentence(description), **more)

    def error(self, message: str) -> NoReturn:
        """Prints one line and leaves with 2."""
        print(f"error: {self.prog}: {message}: see {self.prog} --help", file=sys.stderr)
        raise SystemExit(2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for name in ONE_THREAD:  # before numpy and numba are imported
        os.environ[name] = "1"
    if arguments is None:  # the process is ours alone
        leave_out()
    try:
        if arguments is None and is_wanted(words):
            return supervise()
        parser, module = build_parser(words)
        args = _parse(parser, words)
        args.is_program = arguments is None
        return int(module.run(args)) if module else 0
    except ChanterelleError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `chanterelle controls | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def build_parser(words: Sequence[str]) -> tuple[Parser, ModuleType | None]:
    """The parser, and the module of the command in `words`: the only one that is imported."""
    from importlib.metadata import version  # 3 MB that a supervisor has no use for

    doc = "sing into a microphone and hear a violin, live"
    parser = Parser(prog="chanterelle", description=doc, allow_abbrev=False)
    said = f"chanterelle {version('chanterelle')}"
    parser.add_argument("--version", action="version", version=said)
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", parser_class=Parser
    )
    chosen = next((word for word in words if not word.startswith("-")), None)
    module = None
    for name, command in COMMANDS.items():
        subparser = commands.add_parser(
            name, help=command.doc, description=command.doc, allow_abbrev=False
        )
        if name == chosen:
            module = importlib.import_module(command.module)
            module.add_arguments(subparser)
            subparser.set_defaults(known_options=sorted(subparser._option_string_actions))
    return parser, module


def sentence(words: str) -> str:
    """With a capital and a full stop.

    >>> sentence("list VST3 plug-ins")
    'List VST3 plug-ins.'
    """
    return f"{words[:1].upper()}{words[1:]}."


def _parse(parser: Parser, words: Sequence[str]) -> argparse.Namespace:
    args, unknown = parser.parse_known_args(words)
    if unknown:
        known = [option for option in args.known_options if "_" not in option]
        hint = did_you_mean(unknown[0], known)
        print(f"error: chanterelle {args.command}: unknown {unknown[0]}: {hint}", file=sys.stderr)
        raise SystemExit(2)
    return args


if __name__ == "__main__":
    sys.exit(main())
