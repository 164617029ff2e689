"""OSC packets: as python-osc makes and reads them, and whatever else anybody sends."""

import random
import time

import pytest
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from realtime.osc_packet import (
    BUNDLE,
    DATAGRAM_BYTES,
    DEEPEST,
    LONGEST_PACKET,
    MOST_MESSAGES,
    MalformedError,
    Message,
    bundles_of,
    messages_of,
    packet_of,
)

NOW = bytes(7) + b"\x01"


def built(address: str, *values: object) -> OscMessage:
    builder = OscMessageBuilder(address)
    for value in values:
        builder.add_arg(value)  # type: ignore[arg-type]
    return builder.build()


def element(packet: bytes) -> bytes:
    return len(packet).to_bytes(4, "big") + packet


def test_messages_that_a_peer_builds_are_read() -> None:
    message = built("/chanterelle/key", "D", 3, 0.5, True, False, None, 1 << 40)
    values = ("D", 3, 0.5, True, False, None, 1 << 40)
    assert messages_of(message.dgram) == [Message("/chanterelle/key", values)]


def test_a_message_without_types_is_one_without_values() -> None:
    assert messages_of(b"/panic\x00\x00") == [Message("/panic", ())]


def test_bundles_keep_their_times() -> None:
    at_s = time.time() + 0.25
    inner = OscBundleBuilder(0)  # at once
    inner.add_content(built("/inner", 1))
    outer = OscBundleBuilder(at_s)  # type: ignore[arg-type]
    outer.add_content(built("/outer", 0.5))
    outer.add_content(inner.build())
    first, second = messages_of(outer.build().dgram)
    assert first.at_s == pytest.approx(at_s, abs=1e-3)
    assert (first.address, second.address, second.at_s) == ("/outer", "/inner", 0.0)


def test_a_peer_reads_what_we_build() -> None:
    message = OscMessage(packet_of("/chanterelle/x", ("Sol♭", 0.25, 7, True, None)))
    assert message.address == "/chanterelle/x"
    assert list(message) == ["Sol♭", 0.25, 7.0, 1.0, None]
    assert messages_of(packet_of("/a", ("b\x00c\ud800",)))[0].values == ("bc?",)
    assert messages_of(packet_of("/a", (1e300,)))[0].values[0] == pytest.approx(3.4e38)


def test_bundles_fit_a_datagram_and_hold_everything() -> None:
    packets = [packet_of(f"/chanterelle/control_{n}", (n / 7,)) for n in range(200)]
    bundles = list(bundles_of(packets))
    assert max(len(bundle) for bundle in bundles) <= DATAGRAM_BYTES
    assert len(bundles) <= 200 * 40 // DATAGRAM_BYTES + 1
    assert [m.dgram for bundle in bundles for m in OscBundle(bundle)] == packets
    assert list(bundles_of([])) == []


def nested(depth: int) -> bytes:
    packet = packet_of("/x")
    for _ in range(depth):
        packet = BUNDLE + NOW + element(packet)
    return packet


@pytest.mark.parametrize(
    ("packet", "problem"),
    [
        (b"", "without an end"),
        (b"x\x00\x00\x00,\x00\x00\x00", "no address"),
        (b"/no end", "without an end"),
        (b"/a\x00\x00ff\x00\x00", "no list of types"),
        (b"/a\x00\x00,i\x00\x00\x00", "too short"),
        (b"/\xff\xfe\x00,\x00\x00\x00", "decode"),
        (b"/a\x00\x00,b\x00\x00" + bytes(8), "type 'b'"),
        (b"/a\x00\x00,[]\x00", "type '['"),
        (b"/a\x00\x00," + 20 * b"T" + bytes(3), "a long one"),
        (BUNDLE + b"\x00", "too short"),
        (BUNDLE + NOW + b"\xff\xff\xff\xfc", "an element of -4"),  # never ends elsewhere
        (BUNDLE + NOW + bytes(4), "an element of 0"),
        (BUNDLE + NOW + b"\x7f\xff\xff\xff/a\x00\x00", "an element of 2147483647"),
        (nested(DEEPEST + 1), "within one another"),
        (nested(300), "within one another"),
        (BUNDLE + NOW + (MOST_MESSAGES + 1) * element(b"/a\x00\x00"), "at once"),
        (b"/" + bytes(LONGEST_PACKET), "bytes"),
    ],
)
def test_what_is_no_osc_is_refused(packet: bytes, problem: str) -> None:
    started_s = time.perf_counter()
    with pytest.raises(MalformedError) as caught:
        messages_of(packet)
    assert problem in str(caught.value)
    assert time.perf_counter() - started_s < 0.1


def test_the_deepest_and_largest_that_count() -> None:
    assert len(messages_of(nested(DEEPEST))) == 1
    assert len(messages_of(BUNDLE + NOW + MOST_MESSAGES * element(b"/a\x00\x00"))) == MOST_MESSAGES


def test_cut_and_damaged_packets_are_read_or_refused() -> None:
    rng = random.Random(3)
    good = [nested(3), built("/chanterelle/key", "D", 3, 0.5, True).dgram, packet_of("/a", (1.0,))]
    for _ in range(5000):
        packet = bytearray(rng.choice(good))
        for _ in range(rng.randrange(4)):
            packet[rng.randrange(len(packet))] = rng.randrange(256)
        del packet[rng.randrange(len(packet) + 1) :]
        try:
            messages_of(bytes(packet))
        except MalformedError:
            continue
