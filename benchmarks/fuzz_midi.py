"""Any bytes at all from MIDI cables: nothing is raised, nothing hangs, no control leaves its range.

    python -m benchmarks.fuzz_midi [--cases 100000] [--seed 0] [--quick] [--json]

A case is a stream of some twenty messages, cut into pieces as a pipe cuts them, to a router with a
map of its own: whole random bytes, right messages of every kind, right ones damaged, and the few
that a receiver has to remember (NRPN, banks, pairs, clock), in any order; learning, presets and
other hands come in between.
"""

import math
import random
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.fuzzing import Findings, fuzz, main

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))  # no package

from desks import FakeInstrument, a_desk, a_preset

from ddsp_core.errors import ChanterelleError
from realtime.controls import CONTROLS
from realtime.desk import Desk
from realtime.mapping import MidiEntry, check_entry
from realtime.midi_clock import MidiClock
from realtime.midi_frames import HEADER, LONGEST, FrameReader
from realtime.midi_gestures import LENGTHS, SYSTEM_LENGTHS
from realtime.midi_learn import MidiLearner
from realtime.midi_router import MidiRouter
from realtime.tempo import Tempo

PORTS = ("knobs", "pedal", "")
REMEMBERED = (0, 1, 6, 20, 32, 33, 38, 64, 96, 97, 98, 99, 100, 101, 120, 123)
REALTIME = (0xF8, 0xF8, 0xFA, 0xFB, 0xFC, 0xFE, 0xFF)
TARGETS = (*(control.name for control in CONTROLS), "echo.mix", "echo.time_s", "hall.mix")
COMMANDS = ("bypass", "panic", "next_preset", "tap_tempo", "record", "learn", "preset", "tempo")


def run(n_cases: int, seed: int) -> Findings:
    """All cases of this seed."""
    with tempfile.TemporaryDirectory() as folder:
        return fuzz(partial(stream, Path(folder)), n_cases, seed)


def stream(folder: Path, chance: random.Random) -> None:
    """One case; raises AssertionError if anything is out of order."""
    presets = [a_preset(name) for name in ("violin", "cello", "flute")]
    desk, instrument, _ = a_desk(presets)
    Tempo(desk)
    router = MidiRouter(desk, MidiClock(desk))
    learner = MidiLearner(desk, router, folder / "midi.yaml")
    router.use(some_entries(chance))
    for data, port, time_s in through_a_pipe(chance):
        router.on_message(data, port, time_s)
        if chance.random() < 0.05:
            another_hand(desk, chance)
    assert router.n_failed == 0, router.last_error
    assert isinstance(learner.waits_for, str)
    check_values(instrument)


def check_values(instrument: FakeInstrument) -> None:
    """Everything stands where it may stand."""
    assert 0 <= instrument.number < len(instrument.presets)
    assert 20 <= instrument.tempo_bpm <= 400
    for name, value in instrument.control_values.items():
        control = instrument.find_control(name)
        assert math.isfinite(value), f"{name}: {value}"
        assert control.minimum <= value <= control.maximum, f"{name}: {value}"


def some_entries(chance: random.Random) -> Iterator[MidiEntry]:
    """Lines that a preset may hold."""
    for _ in range(chance.randrange(12)):
        try:
            entry = MidiEntry.model_validate(a_line(chance))
            check_entry(entry, "midi", lambda name, where: a_desk()[1].find_control(name, where))
        except (ValueError, ChanterelleError):  # what does not go together, or does not exist
            continue
        yield entry


def a_line(chance: random.Random) -> dict[str, object]:
    """What somebody may write; mostly right."""
    sources: dict[str, object] = {
        "cc": chance.choice(REMEMBERED),
        "nrpn": chance.choice((0, 300, 16383)),
        "bend": True,
        "pressure": True,
        "note": chance.randrange(128),
        "key_pressure": chance.randrange(128),
        "program": chance.randrange(1, 129),
    }
    source = chance.choice(list(sources))
    line: dict[str, object] = {source: sources[source]}
    if chance.random() < 0.8:
        line["control"] = chance.choice(TARGETS)
    else:
        line["command"] = chance.choice(COMMANDS)
    options: dict[str, object] = {
        "bits": 14,
        "channel": chance.randrange(1, 17),
        "mode": chance.choice(("absolute", "toggle", "momentary")),
        "curve": chance.choice(("linear", "log", "exponential")),
        "range": [chance.choice((0, 0.5, 1)), chance.choice((0, 1, 2, 60))],
        "value": chance.choice((0, 1, 0.5, "violin", "echo")),
        "pickup": chance.random() < 0.5,
    }
    return line | {key: value for key, value in options.items() if chance.random() < 0.25}


def another_hand(desk: Desk, chance: random.Random) -> None:
    """What else happens while messages come in."""
    kind = chance.randrange(3)
    if kind == 0:
        desk.choose(chance.randrange(-2, 6), "osc")
    elif kind == 1:
        desk.set("room_mix", chance.random(), "osc")
    else:
        desk.do("learn", chance.choice(("room_mix", "echo.mix", "bypass")), "keys")


def through_a_pipe(chance: random.Random) -> Iterator[tuple[bytes, str, float]]:
    """Messages as they arrive from the process of the ports, in pieces of any length."""
    whole = b""
    for data in (a_message(chance)[:LONGEST] for _ in range(chance.randrange(40))):
        time_s = chance.choice((0.0, 1.0, math.nan, -1.0, chance.random() * 10))
        whole += HEADER.pack(time_s, chance.randrange(4), len(data)) + data
    reader = FrameReader()
    while whole:
        at = chance.randrange(1, 64)
        for frame in reader.feed(whole[:at]):
            yield frame.data, PORTS[frame.port % len(PORTS)], frame.time_s
        whole = whole[at:]


def a_message(chance: random.Random) -> bytes:
    """Right, damaged, or nothing of the kind."""
    kind = chance.random()
    if kind < 0.15:
        return chance.randbytes(chance.choice((0, 1, 2, 3, 3, 4, 40)))
    if kind < 0.6:
        value = chance.choice((0, 1, 63, 64, 127, chance.randrange(128)))
        data = bytes([0xB0 | chance.choice((0, 0, 0, 15)), chance.choice(REMEMBERED), value])
    else:
        status = chance.choice(
            [*LENGTHS, *SYSTEM_LENGTHS, 0xF8, 0xF8, 0xFA, 0xFB, 0xFC, 0xFE, 0xFF]
        )
        length = LENGTHS.get(status) or SYSTEM_LENGTHS.get(status, 1)
        channel = chance.randrange(16) if status in LENGTHS else 0
        data = bytes([status | channel, *(chance.randrange(128) for _ in range(length - 1))])
    if chance.random() < 0.1:
        at = chance.randrange(len(data))
        return data[:at] + chance.randbytes(chance.randrange(3)) + data[at + 1 :]
    return data


if __name__ == "__main__":
    sys.exit(main(str(__doc__), {"midi": run}))
