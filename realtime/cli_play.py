"""`chanterelle play`: microphone to instrument to speaker, until Ctrl-C."""

import argparse
import contextlib
import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ddsp_core.errors import StreamError
from realtime.card import Card
from realtime.cards import choose_card
from realtime.cli_controls import add_control_flags, given_controls
from realtime.cli_numbers import whole_between
from realtime.closing import as_json, closing_lines
from realtime.ending import ended_by_signals, leave_at_once
from realtime.patience import preparing
from realtime.processor import Processor
from realtime.scheduling import (
    AUDIO_PRIORITY,
    granted_lines,
    lock_memory,
    raise_companions,
    rights,
)
from realtime.session import Session, Tape, undisturbed
from realtime.standing import Standing, StandingFile
from realtime.supervisor import AGAIN, supervised

if TYPE_CHECKING:
    from mido import Message

    from realtime.engine import Engine
    from realtime.guide_process import GuideProcess
    from realtime.live_view import LiveView
    from realtime.preset import Preset

FILE = "file:"
BLOCK_SIZES = (16, 4096)

WARM_UP_S = 0.3
"""Of sound: every kernel is loaded and every table has been in memory."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `chanterelle play`."""
    parser.add_argument("--preset", default="violin", help="name or path (default violin)")
    device = "number, part of a name, or file:PATH for the virtual card"
    parser.add_argument("--input", metavar="DEV", help=f"microphone: {device}")
    parser.add_argument("--output", metavar="DEV", help=f"speaker: {device}")
    parser.add_argument(
        "--block-size", type=whole_between(*BLOCK_SIZES), default=128, help="samples (default 128)"
    )
    parser.add_argument("--midi", metavar="PORT", help="part of a MIDI port's name")
    parser.add_argument("--record", metavar="DIR", type=Path, help="record into this folder")
    parser.add_argument("--json", action="store_true", help="the statistics as one JSON object")
    add_control_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Plays; returns the exit code. Cheap checks come first, so that a typo is answered at once."""
    from realtime.first_start import has_compiled, start_again
    from realtime.hearing import listening
    from realtime.preset import load_preset

    stop, parent = threading.Event(), supervised()
    before = None
    if parent:
        parent.watch(stop)
        before = StandingFile(parent.standing_file).read()
        StandingFile(parent.standing_file).write(Standing())
    overrides = given_controls(args)
    preset = load_preset(args.preset)
    make_card = choose_card(args.input, args.output, args.block_size, stop if before else None)
    with contextlib.ExitStack() as stack:
        guide = stack.enter_context(listening(preset))
        engine = build_engine(preset, overrides, guide)
        if args.is_program and has_compiled():
            stack.close()
            start_again()
        if args.midi:
            stack.enter_context(follow_midi(args.midi, engine, preset))
        card = make_card(engine.sample_rate)
        return perform(engine, card, preset.name, args.record, args.json, guide)


def build_engine(
    preset: "Preset", overrides: dict[str, float], guide: "GuideProcess | None" = None
) -> "Engine":
    """The preset's voice in an engine that hears as the preset says, ready for its first block."""
    from ddsp_core.checkpoint import load_voice
    from realtime.engine import Engine
    from realtime.hearing import tracker_of

    voice = load_voice(preset.voice_dir)
    tracker = tracker_of(preset, voice, guide)
    engine = Engine(voice, {**preset.controls, **overrides}, tracker=tracker)
    with preparing():
        engine.warm_up(WARM_UP_S)
    if guide:
        guide.forget_late()  # a warm-up asks faster than anybody answers
    return engine


@contextlib.contextmanager
def follow_midi(port: str, engine: "Engine", preset: "Preset") -> Iterator[None]:
    """While inside, the port's messages turn the controls that the preset maps."""
    from realtime.mapping import MidiMap
    from realtime.midi_io import MidiInput

    midi_map = MidiMap(preset.midi)

    def on_message(message: "Message") -> None:
        for name, value in midi_map.apply(message):
            engine.set_control(name, value)

    with MidiInput(port, on_message):
        yield


def perform(
    engine: "Engine",
    card: Card,
    title: str,
    record: Path | None,
    to_json: bool = False,
    guide: "GuideProcess | None" = None,
) -> int:
    """Plays until the end, then prints the closing statistics; returns the exit code."""
    stop = threading.Event()
    tape = _open_tape(record, card.sample_rate)
    view = None if to_json else _view(engine)
    allowed = rights()
    priority = min(AUDIO_PRIORITY, allowed.realtime_priority)
    session = Session(_at_rate(engine, card.sample_rate), card, tape, view, priority, guide)
    is_locked = lock_memory()

    def say_what_was_granted() -> None:
        if priority:
            raise_companions()
        lines = granted_lines(session.audio_priority or 0, is_locked, allowed)
        _say("\n".join(lines), to_json)

    broken: StreamError | None = None
    with ended_by_signals(stop), undisturbed(), view or contextlib.nullcontext():
        _say(f"{title}: {card.description}; Ctrl-C ends", to_json)
        try:
            session.run(stop, say_what_was_granted)
        except StreamError as error:
            broken = error
    if to_json:
        print(json.dumps({**as_json(session, tape), "memory_locked": is_locked}), flush=True)
    else:
        print("\n".join(closing_lines(session, tape)), flush=True)
    if broken is None and tape and tape.failed:
        broken = StreamError("--record", f"recording stopped ({tape.failed})", "a disk with room")
    if not session.card_let_go:
        if broken and supervised():
            os._exit(AGAIN)
        leave_at_once(broken)
    if broken is not None:
        raise broken
    return 0


def _say(text: str, to_json: bool) -> None:
    """For people; out of the way of what a program reads."""
    print(text, flush=True, file=sys.stderr if to_json else sys.stdout)


def _at_rate(engine: "Engine", sample_rate: int) -> Processor:
    if engine.sample_rate == sample_rate:
        player: Processor = engine
        return player
    from realtime.resampled import Resampled

    return Resampled(engine, sample_rate)


def _open_tape(record: Path | None, sample_rate: int) -> Tape | None:
    if record is None:
        return None
    from realtime.recorder import Recorder

    tape: Tape = Recorder(record, sample_rate)
    return tape


def _view(engine: "Engine") -> "LiveView | None":
    if not sys.stdout.isatty():
        return None
    from realtime.live_view import LiveView

    return LiveView(lambda: engine.meters)
