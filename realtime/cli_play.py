"""`chanterelle play`: microphone to instrument to speaker, until Ctrl-C."""

import argparse
import contextlib
import json
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ddsp_core.errors import PresetError, StreamError
from realtime.card import Card
from realtime.cards import NOTES, choose_card
from realtime.cli_controls import add_control_flags, given_controls
from realtime.cli_numbers import whole_between
from realtime.closing import as_json, closing_lines
from realtime.console_flags import add_console_flags, check_console_flags, console_folder
from realtime.effects.pace import Pace, paced
from realtime.ending import ended_by_signals, leave_at_once, say_last
from realtime.guide_process import GuideProcess
from realtime.hearing import ALONE, Ears, listening
from realtime.patience import preparing
from realtime.performance import TAKES, Performance, Wishes
from realtime.restart import BLOCK_SIZES, flags_of, taken_up
from realtime.scheduling import (
    AUDIO_PRIORITY,
    granted_lines,
    lock_memory,
    raise_companions,
    rights,
)
from realtime.session import undisturbed
from realtime.standing import Standing, StandingFile
from realtime.supervisor import AGAIN, supervised
from realtime.take_layout import BITS, TakeLayout

if TYPE_CHECKING:
    from realtime.host import Host
    from realtime.midi_keyboard import Keyboard
    from realtime.preset import Preset
    from realtime.set_list import SetList

PORTS = (0, 65535)
USUAL_PRESET = "violin"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `chanterelle play`."""
    parser.add_argument(
        "--preset", metavar="NAMES", help="name or path, or several with commas (default violin)"
    )
    parser.add_argument("--set-list", metavar="FILE", type=Path, help="YAML: songs and presets")
    device = "number, part of a name, or file:PATH for the virtual card"
    parser.add_argument(
        "--input", metavar="DEV", help=f"microphone: {device}; midi: a keyboard plays instead"
    )
    parser.add_argument("--output", metavar="DEV", help=f"speaker: {device}")
    parser.add_argument(
        "--block-size", type=whole_between(*BLOCK_SIZES), default=128, help="samples (default 128)"
    )
    parser.add_argument(
        "--midi", metavar="PORTS", help="parts of MIDI inputs' names, with commas; all; virtual"
    )
    parser.add_argument("--mpe", action="store_true", help="the keyboard bends each note alone")
    parser.add_argument(
        "--midi-out", metavar="PORT", help="send what is sung there: part of a name; virtual"
    )
    parser.add_argument("--singer", metavar="NAME", help="who sings: chanterelle soundcheck")
    parser.add_argument(
        "--osc", metavar="PORT", type=whole_between(*PORTS), help="listen for OSC at this UDP port"
    )
    parser.add_argument(
        "--osc-host", metavar="ADDRESS", default="127.0.0.1", help="and at this address"
    )
    add_console_flags(parser)
    parser.add_argument("--record", metavar="DIR", type=Path, help="record into this folder")
    parser.add_argument("--take-file", choices=tuple(BITS), default="wav", help="kind of file")
    parser.add_argument(
        "--take-bits", type=int, choices=BITS["wav"], default=24, help="a sample (32: float)"
    )
    parser.add_argument("--json", action="store_true", help="the statistics as one JSON object")
    add_control_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Plays; returns the exit code."""
    check_console_flags(args)
    return taken_up(args, _play)


def _play(
    args: argparse.Namespace,
    end: threading.Event,
    standing: StandingFile | None,
    before: Standing | None,
) -> int:
    """Cheap checks come first, so that a typo is answered at once."""
    from realtime.first_start import has_compiled, start_again
    from realtime.take_heard import describe_ears

    overrides = given_controls(args)
    set_list = chosen_set(args)
    ears, keyboard = _ears(args)
    is_back = before is not None and before.flags == before.proven
    make_card = choose_card(args.input, args.output, args.block_size, end if is_back else None)
    with contextlib.ExitStack() as stack:
        wishes = _wishes(args, stack.enter_context(console_folder(args, args.record or TAKES)))
        guide = stack.enter_context(listening(set_list.presets))
        with paced(Pace(args.block_size)):
            host = build_host(set_list.presets, overrides, ears._replace(listener=guide))
        stack.callback(host.close)
        if args.is_program and has_compiled():
            stack.close()
            start_again()
        card = make_card(host.sample_rate)
        priority = min(AUDIO_PRIORITY, rights().realtime_priority)
        performance = Performance(
            host,
            set_list,
            card,
            wishes,
            end,
            priority=priority,
            guide=guide,
            keyboard=keyboard,
            heard=describe_ears(ears),
            standing=standing,
        )
        performance.begin(before)
        return perform(performance, card, args.json)


def chosen_set(args: argparse.Namespace) -> "SetList":
    """What the two flags ask for."""
    from realtime.set_list import load_set_list, set_of

    if args.set_list is None:
        return set_of(args.preset or USUAL_PRESET)
    if args.preset:
        given = f"--set-list {args.set_list} and --preset {args.preset}"
        raise PresetError("play", given, "one of them", "name the preset in the set list")
    return load_set_list(args.set_list)


def build_host(
    presets: "Sequence[Preset]", overrides: dict[str, float], ears: Ears = ALONE
) -> "Host":
    """All presets of a set, loaded, in a host that is ready for its first block."""
    from realtime.host import Host
    from realtime.slot import load_slots

    with preparing():
        host = Host(load_slots(presets, overrides, ears=ears))
    if isinstance(ears.listener, GuideProcess):
        ears.listener.forget_late()  # a warm-up asks faster than anybody answers
    return host


def _ears(args: argparse.Namespace) -> "tuple[Ears, Keyboard | None]":
    """Who sings, or plays notes instead.

    Raises:
        PresetError: no such singer, or both.
    """
    singer, keyboard = None, None
    if args.singer and args.input == NOTES:
        given = f"--singer {args.singer} and --input {NOTES}"
        raise PresetError("play", given, "one of them", "nobody sings where a keyboard plays")
    if args.singer:
        from realtime.singer import load_singer

        singer = load_singer(args.singer)
    if args.input == NOTES:
        from realtime.midi_keyboard import Keyboard

        keyboard = Keyboard(args.mpe)
    return Ears(singer=singer, keyboard=keyboard), keyboard


def perform(performance: Performance, card: Card, to_json: bool = False) -> int:
    """Plays until the end, then prints the closing statistics; returns the exit code."""
    from realtime.performance_hands import Hands

    session, tape = performance.session, performance.tape
    allowed, is_locked = rights(), lock_memory()

    def say_what_was_granted() -> None:
        if allowed.realtime_priority:
            raise_companions()
        lines = granted_lines(session.audio_priority or 0, is_locked, allowed)
        _say("\n".join(lines), to_json)

    broken: StreamError | None = None
    with ended_by_signals(performance.end), undisturbed(), Hands(performance):
        _say(f"{_title(performance)}: {card.description}; Ctrl-C ends", to_json)
        try:
            session.run(performance.end, say_what_was_granted)
        except StreamError as error:
            broken = error
    if performance.successor is not None and performance.keeper is not None:
        performance.keeper.hand_over(performance.successor)
        os._exit(AGAIN)
    if broken and supervised():
        os._exit(AGAIN)  # at once: PortAudio would hang in its own clean-up
    if to_json:
        say_last(json.dumps({**as_json(session, tape), "memory_locked": is_locked}))
    else:
        say_last("\n".join(closing_lines(session, tape)))
    if broken is None and tape.failed:
        broken = StreamError("--record", f"recording stopped ({tape.failed})", "a disk with room")
    if not session.card_let_go:
        leave_at_once(broken)
    if broken is not None:
        raise broken
    return 0


def _wishes(args: argparse.Namespace, console: Path | None) -> Wishes:
    return Wishes(
        record=args.record,
        layout=TakeLayout(args.take_file, args.take_bits),
        midi=args.midi or ("all" if args.input == NOTES else None),
        midi_out=args.midi_out,
        osc_port=args.osc,
        osc_host=args.osc_host,
        console=console,
        flags=flags_of(args),
        is_seen=bool(sys.stdout and sys.stdout.isatty()) and not args.json,
    )


def _title(performance: Performance) -> str:
    return ", ".join(preset.name for preset in performance.host.presets)


def _say(text: str, to_json: bool) -> None:
    """For people; out of the way of what a program reads."""
    with contextlib.suppress(OSError):
        print(text, flush=True, file=sys.stderr if to_json else sys.stdout)
