"""`chanterelle soundcheck`: ten seconds of singing, and the instrument knows the singer."""

import argparse
import json
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ddsp_core.errors import AudioError, StreamError
from ddsp_core.units import gain_to_db, note_name
from realtime.cards import FILE, choose_card
from realtime.cli_numbers import seconds_between
from realtime.ending import ended_by_signals, leave_at_once

if TYPE_CHECKING:
    from realtime.card import Card
    from realtime.singer import Singer

Audio = NDArray[np.float32]

RATE = 48000
LOOK_EVERY_S = 0.1
BAR_CELLS, BAR_FLOOR_DB = 20, -60.0
ASK = "Pause for a second, then sing: softly and loudly, low and high."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `chanterelle soundcheck`."""
    parser.add_argument("--singer", default="me", metavar="NAME", help="whose profile (default me)")
    parser.add_argument("--preset", default="violin", help="to say which octave fits its voice")
    device = "number, part of a name, or file:PATH of a recording"
    parser.add_argument("--input", metavar="DEV", help=f"microphone: {device}")
    parser.add_argument("--output", metavar="DEV", help="speaker of the same card; stays silent")
    parser.add_argument(
        "--seconds", type=seconds_between(4.0, 120.0), default=10.0, help="to listen (default 10)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Listens, says what was heard, keeps the profile; returns the exit code."""
    from ddsp_core.checkpoint import load_voice
    from realtime.preset import load_preset
    from realtime.singer import save_singer
    from realtime.soundcheck import check_sound

    voice = load_voice(load_preset(args.preset).voice_dir)
    try:
        audio, rate, let_go = _listen(args)
    except StreamError as error:
        leave_at_once(error)  # PortAudio would hang in its own clean-up
    singer, advice = check_sound(audio, rate)
    path = save_singer(args.singer, singer)
    octave = singer.octave_for(voice.statistics)
    if args.json:
        said = singer.model_dump() | {"octave_shift": octave, "advice": advice, "file": str(path)}
        print(json.dumps(said), flush=True)
    else:
        lines = [*describe(singer), *advice, f"{args.preset}: octave {octave:+d}"]
        lines.append(f"kept in {path}; play with --singer {args.singer}")
        print("\n".join(lines), flush=True)
    if not let_go:
        leave_at_once(None)
    return 0


def describe(singer: "Singer") -> list[str]:
    """What was found, for people."""
    levels, pitches = singer.loudness_quantiles_db, singer.f0_quantiles_hz
    low, middle, high = (note_name(pitches[key])[0] for key in ("5", "50", "95"))
    return [
        f"noise {singer.noise_db:.0f} dB; singing {levels['5']:.0f} to {levels['95']:.0f} dB,"
        f" mostly {levels['50']:.0f}; peak {singer.peak_db:.0f} dB",
        f"from {low} to {high}, mostly {middle}",
        f"input gain {singer.input_gain_db:+.1f} dB, gate at {singer.gate_db:.0f} dB",
    ]


def _listen(args: argparse.Namespace) -> tuple[Audio, int, bool]:
    """What is sung, its rate, and whether the card was left in order."""
    if args.input and args.input.startswith(FILE):
        from realtime.audio_file import read_audio

        return read_audio(Path(args.input.removeprefix(FILE)), RATE), RATE, True
    card = choose_card(args.input, args.output, 256)(RATE)
    heard = Listener(card, args.seconds)
    print(ASK, file=sys.stderr, flush=True)
    audio = heard.listen(is_shown=sys.stderr.isatty())
    return audio, card.sample_rate, heard.let_go


class Listener:
    """Keeps what a card's microphone hears, for so long; the speaker stays silent."""

    def __init__(self, card: "Card", seconds: float) -> None:
        self._card, self._n_wanted = card, round(seconds * card.sample_rate)
        self._blocks: list[Audio] = []
        self._n_heard = 0
        self.let_go = True

    def listen(self, is_shown: bool) -> Audio:
        """The sound; Ctrl-C ends it early. Raises StreamError if the card goes away."""
        stop = threading.Event()
        self.let_go = False
        with ended_by_signals(stop):
            self._card.open(self._on_block)
            while self._n_heard < self._n_wanted and self._card.is_playing():
                if stop.wait(LOOK_EVERY_S):
                    raise KeyboardInterrupt
                if is_shown:
                    self._show()
            self.let_go = self._card.close()
        if is_shown:
            print(file=sys.stderr)
        if not self._blocks:
            raise AudioError("soundcheck", "the microphone gave nothing", "sound")
        return np.concatenate(self._blocks)[: self._n_wanted]

    def _on_block(self, dry: Audio, _flags: object) -> Audio:
        self._blocks.append(dry)
        self._n_heard += len(dry)
        return np.zeros_like(dry)

    def _show(self) -> None:
        recent = self._blocks[-20:]
        peak_db = gain_to_db(max((float(np.abs(block).max()) for block in recent), default=0.0))
        left_s = (self._n_wanted - self._n_heard) / self._card.sample_rate
        print(f"\r{bar(peak_db)} {peak_db:4.0f} dB, {left_s:3.0f} s ", end="", file=sys.stderr)


def bar(peak_db: float) -> str:
    """A meter from -60 dB to full scale.

    >>> bar(-30.0)
    '▮▮▮▮▮▮▮▮▮▮▯▯▯▯▯▯▯▯▯▯'
    """
    filled = round(BAR_CELLS * (1.0 - min(max(peak_db, BAR_FLOOR_DB), 0.0) / BAR_FLOOR_DB))
    return "▮" * filled + "▯" * (BAR_CELLS - filled)
