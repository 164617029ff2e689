"""Any packets at all from a network: nothing is raised, nothing hangs, no control leaves its range.

    python -m benchmarks.fuzz_osc [--cases 100000] [--seed 0] [--quick] [--json]

A case is one to six packets, from up to twelve senders, to OSC's answers before a desk: random
bytes, right messages and bundles (of real and of invented addresses, with values of every type),
and right ones damaged, cut or put inside one another. What is sent in return must be OSC too, of
a size that networks take.
"""

import math
import random
import struct
import sys
import time
from pathlib import Path

from pythonosc.osc_packet import OscPacket

from benchmarks.fuzzing import Findings, fuzz, main

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))  # no package

from desks import FakeInstrument, a_desk

from realtime.commands import COMMANDS
from realtime.live_view_state import ViewState
from realtime.osc_addresses import SERVER_WORDS, address_of
from realtime.osc_answers import MOST_WAITING, Answers
from realtime.osc_news import MOST_SUBSCRIBERS, Peer
from realtime.osc_packet import BUNDLE, DATAGRAM_BYTES

NAMES = (
    *FakeInstrument().control_values, *(command.name for command in COMMANDS), *SERVER_WORDS,
    *SERVER_WORDS, "preset/2", "preset/cello", "bypass_effect/echo", "panic/x", "nobody", "", "..",
)  # fmt: skip
WORDS = ("", "D", "minor", "cello", "echo", "room_mix", "0", "1e999", "nan", "ä♭\ud83c", "x" * 300)
NUMBERS = (0.0, 1.0, -1.0, 0.5, 2.0, 9001.0, 440.0, 1e30, math.nan, math.inf, -math.inf)
NTP_EPOCH_S = 2208988800
MOST_SENT_BYTES = 50_000
"""For one case: everything, help and meters, to all subscribers."""


def run(n_cases: int, seed: int) -> Findings:
    """All cases of this seed."""
    return fuzz(some_packets, n_cases, seed)


def some_packets(chance: random.Random) -> None:
    """One case; raises AssertionError if anything is out of order."""
    desk, instrument, _ = a_desk()
    sent: list[bytes] = []
    answers = Answers(desk, ViewState, lambda packet, _peer: sent.append(packet))
    now_s = 1000.0
    for _ in range(chance.randrange(1, 7)):
        peer: Peer = (f"10.0.0.{chance.randrange(12)}", chance.randrange(1024, 65536))
        answers.receive(a_packet(chance, 0), peer, now_s)
        now_s += chance.choice((0.0, 0.01, 0.5, 61.0))
        answers.tick(now_s)
        assert len(answers.subscribers) <= MOST_SUBSCRIBERS
        assert len(answers._waiting) <= MOST_WAITING
    answers.tick(now_s + 2.0)
    assert not answers._waiting
    assert not answers.troubles["failed"], str(answers.troubles)
    check_desk(instrument)
    check_sent(sent)


def check_desk(instrument: FakeInstrument) -> None:
    """Everything stands where it may stand."""
    assert 0 <= instrument.number < len(instrument.presets)
    for name, value in instrument.control_values.items():
        assert instrument.find_control(name).check(value) == value, f"{name}: {value}"


def check_sent(sent: list[bytes]) -> None:
    """A peer understands it, and it is not too much."""
    assert sum(len(packet) for packet in sent) <= MOST_SENT_BYTES
    for packet in sent:
        assert len(packet) <= DATAGRAM_BYTES
        assert OscPacket(packet).messages


def a_packet(chance: random.Random, depth: int) -> bytes:
    """Right, damaged, or nothing of the kind."""
    kind = chance.random()
    if kind < 0.1:
        return chance.randbytes(chance.choice((0, 1, 4, 16, 100, 9000)))
    packet = a_bundle(chance, depth) if kind < 0.3 and depth < 7 else a_message(chance)
    if chance.random() < 0.3:
        packet = damaged(packet, chance)
    return packet


def a_bundle(chance: random.Random, depth: int) -> bytes:
    """At some time, with some elements, some of them of wrong lengths."""
    wait_s = chance.choice((0.0, 0.3, 5.0, -5.0))
    at = struct.pack(">d", 0.0)[:7] + b"\x01"
    if chance.random() < 0.7:
        at = struct.pack(">II", int(time.time() + NTP_EPOCH_S + wait_s), chance.getrandbits(32))
    bundle = BUNDLE + at
    for _ in range(chance.choice((0, 1, 2, 5, 200 if depth == 0 else 3))):
        element = a_packet(chance, depth + 1)
        length = len(element)
        if chance.random() < 0.03:
            length = chance.choice((0, -4, -8, -(1 << 31), (1 << 31) - 1, length + 4, length - 1))
        bundle += struct.pack(">i", length) + element
    return bundle


def a_message(chance: random.Random) -> bytes:
    """To an address that exists, mostly."""
    address = address_of(chance.choice(NAMES))
    if chance.random() < 0.05:
        address = chance.choice(("/", "/chanterelle", "/other/room_mix", "//", "/chanterelle//x"))
    types, data = ",", b""
    for _ in range(chance.choice((0, 1, 1, 1, 1, 1, 2, 5, 20))):
        kind = chance.choice("ffffiiisssTFNIhdbrmt[]cSX")
        types += kind
        data += a_value(kind, chance)
    return text(address) + (text(types) if chance.random() < 0.97 else b"") + data


def a_value(kind: str, chance: random.Random) -> bytes:
    if kind == "f":
        number = chance.choice((*NUMBERS, chance.uniform(-100, 100)))
        return struct.pack(">f", number)
    if kind == "d":
        return struct.pack(">d", chance.choice(NUMBERS))
    if kind == "i":
        return struct.pack(">i", chance.choice((0, 1, -1, 2, 9001, 70000, chance.getrandbits(31))))
    if kind in "ht":
        return chance.randbytes(8)
    if kind in "sS":
        return text(chance.choice(WORDS))
    if kind == "b":
        return struct.pack(">i", chance.choice((0, 4, -4, 1 << 30))) + chance.randbytes(4)
    return b"" if kind in "TFNI[]X" else chance.randbytes(4)


def text(words: str) -> bytes:
    data = words.encode(errors="surrogatepass")
    return data + bytes(4 - len(data) % 4)


def damaged(packet: bytes, chance: random.Random) -> bytes:
    """Bytes changed, left out, doubled, or the end cut off."""
    data = bytearray(packet)
    for _ in range(chance.choice((1, 1, 3, 10))):
        at = chance.randrange(len(data) + 1)
        kind = chance.randrange(4)
        if kind == 0 and at < len(data):
            data[at] = chance.getrandbits(8)
        elif kind == 1:
            del data[at : at + chance.choice((1, 4, 8))]
        elif kind == 2:
            data[at:at] = data[at : at + chance.choice((1, 4, 32))]
        else:
            del data[at:]
    return bytes(data)


if __name__ == "__main__":
    sys.exit(main(str(__doc__), {"osc": run}))
