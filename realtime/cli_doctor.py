"""`chanterelle doctor`: is this machine fit to play, at which block size, and what to change."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ddsp_core.errors import DeviceError
from realtime.cli_numbers import seconds_between

if TYPE_CHECKING:
    from realtime.doctor import Examination, Wishes
    from realtime.processor import Processor

FILE = "file:"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `chanterelle doctor`."""
    parser.add_argument("--preset", default="violin", help="name or path (default violin)")
    parser.add_argument(
        "--seconds", type=seconds_between(1, 600), default=20.0, help="how long (default 20)"
    )
    device = "number, part of a name, or file:PATH to test no sound card"
    parser.add_argument("--input", metavar="DEV", help=f"microphone: {device}")
    parser.add_argument("--output", metavar="DEV", help=f"speaker: {device}")
    folder = "where recordings shall go (default: this folder)"
    parser.add_argument("--record", metavar="DIR", type=Path, default=Path(), help=folder)
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Tests the machine; 0 if some block size is safe, else 1."""
    from realtime.doctor import Examination
    from realtime.doctor_verdict import is_hung, reach_verdict

    wishes = read_wishes(args)
    examination = Examination(wishes, engine_maker(args.preset))
    try:
        if args.json:
            for _ in examination.run():
                pass
        else:
            _tell(examination, wishes)
    except KeyboardInterrupt:
        pass
    findings = examination.findings
    if args.json:
        print(json.dumps(as_json(examination)))
    else:
        _tell_verdict(examination)
    code = 0 if reach_verdict(findings).safe_block_size else 1
    if is_hung(findings.cards):
        sys.stdout.flush()
        os._exit(code)  # anything else would hang in PortAudio's clean-up
    return code


def read_wishes(args: argparse.Namespace) -> "Wishes":
    """What the flags ask for; raises DeviceError if only one of the devices is a file."""
    from realtime.doctor import Wishes

    files = [bool(name and name.startswith(FILE)) for name in (args.input, args.output)]
    if any(files) and not all(files):
        given = f"--input {args.input or 'not given'}, --output {args.output or 'not given'}"
        raise DeviceError("doctor", given, "both a file: or neither")
    return Wishes(args.preset, args.seconds, args.input, args.output, not any(files), args.record)


def engine_maker(preset_name: str) -> "Callable[[], Processor]":
    """Makes the engine of a preset, warmed up."""
    from ddsp_core.checkpoint import load_voice
    from realtime.engine import Engine
    from realtime.patience import preparing
    from realtime.preset import load_preset

    preset = load_preset(preset_name)
    voice = load_voice(preset.voice_dir)

    def make() -> "Processor":
        engine = Engine(voice, preset.controls)
        with preparing():
            engine.warm_up()
        return engine

    return make


def as_json(examination: "Examination") -> dict[str, object]:
    """Findings, verdict and advice."""
    from realtime.doctor_advice import advise
    from realtime.doctor_verdict import reach_verdict

    verdict = reach_verdict(examination.findings)
    advice = advise(examination.findings, verdict)
    return {**asdict(examination.findings), "verdict": asdict(verdict), "advice": advice}


def _tell(examination: "Examination", wishes: "Wishes") -> None:
    """Prints each finding as soon as it is there."""
    from realtime.doctor_page import Page
    from realtime.doctor_words import SECTIONS

    page = Page()
    page.intro(wishes.preset, wishes.seconds)
    for name in examination.run():
        page.section(SECTIONS[name](examination.findings))


def _tell_verdict(examination: "Examination") -> None:
    from realtime.doctor_advice import advise
    from realtime.doctor_page import Page
    from realtime.doctor_verdict import reach_verdict

    verdict = reach_verdict(examination.findings)
    Page().verdict(examination.findings, verdict, advise(examination.findings, verdict))
