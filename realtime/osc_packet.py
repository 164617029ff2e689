"""OSC's packets: bytes from anybody into messages, and messages into bytes.

Open Sound Control 1.0 (Wright, 2002, https://opensoundcontrol.stanford.edu/spec-1_0.html). The
types are python-osc's; taking a packet apart is our own, as there a packet can be made that never
ends (an element of -4 bytes), or that is deeper than Python's stack.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from pythonosc.parsing import osc_types

Value = float | str | bool | None

BUNDLE = b"#bundle\x00"
IMMEDIATELY_S = 0.0
LONGEST_PACKET = 8192
MOST_MESSAGES = 128
DEEPEST = 4
"""Bundles within bundles."""

MOST_VALUES = 16
DATAGRAM_BYTES = 1400
"""Of what we send: fits one frame of any network."""

LARGEST = 3.4e38

Reader = Callable[[bytes, int], tuple[Any, int]]

READERS: dict[str, Reader] = {
    "i": osc_types.get_int,
    "h": osc_types.get_int64,
    "f": osc_types.get_float,
    "d": osc_types.get_double,
}
CONSTANTS: dict[str, Value] = {"T": True, "F": False, "N": None, "I": 1.0}


class MalformedError(ValueError):
    """Bytes that are no OSC, or more of it than anybody needs."""


class Message(NamedTuple):
    """One message."""

    address: str
    values: tuple[Value, ...]
    at_s: float = IMMEDIATELY_S
    """When it is meant, seconds since 1970; 0: at once."""


def messages_of(packet: bytes) -> list[Message]:
    """All messages of a packet, in order.

    Raises:
        MalformedError: whatever is wrong with it; nothing of it counts then.
    """
    if len(packet) > LONGEST_PACKET:
        raise MalformedError(f"more than {LONGEST_PACKET} bytes")
    messages: list[Message] = []
    try:
        _take_apart(packet, IMMEDIATELY_S, 0, messages)
    except (osc_types.ParseError, UnicodeDecodeError) as error:
        raise MalformedError(str(error)) from None
    return messages


def _take_apart(packet: bytes, at_s: float, depth: int, messages: list[Message]) -> None:
    if not packet.startswith(BUNDLE):
        if len(messages) >= MOST_MESSAGES:
            raise MalformedError(f"more than {MOST_MESSAGES} messages at once")
        messages.append(_message(packet, at_s))
        return
    if depth >= DEEPEST:
        raise MalformedError(f"more than {DEEPEST} bundles within one another")
    at_s, place = osc_types.get_date(packet, len(BUNDLE))
    while place < len(packet):
        n_bytes, place = osc_types.get_int(packet, place)
        if not 0 < n_bytes <= len(packet) - place:
            raise MalformedError(f"an element of {n_bytes} bytes")
        _take_apart(packet[place : place + n_bytes], at_s, depth + 1, messages)
        place += n_bytes


def _message(packet: bytes, at_s: float) -> Message:
    address, place = _text(packet, 0)
    if not address.startswith("/"):
        raise MalformedError("no address")
    if place >= len(packet):  # old senders leave the types out where there are none
        return Message(address, (), at_s)
    types, place = _text(packet, place)
    if not types.startswith(",") or len(types) > MOST_VALUES + 1:
        raise MalformedError("no list of types, or a long one")
    values: list[Value] = []
    for kind in types[1:]:
        value, place = _value(kind, packet, place)
        values.append(value)
    return Message(address, tuple(values), at_s)


def _value(kind: str, packet: bytes, place: int) -> tuple[Value, int]:
    if kind in CONSTANTS:
        return CONSTANTS[kind], place
    if kind in "sS":
        return _text(packet, place)
    if kind not in READERS:
        raise MalformedError(f"a value of type {kind!r}")
    return READERS[kind](packet, place)


def _text(packet: bytes, place: int) -> tuple[str, int]:
    """Up to a zero byte, and filled with more of them to a multiple of four."""
    end = packet.find(b"\x00", place)
    if end < 0:
        raise MalformedError("a text without an end")
    return packet[place:end].decode(), (end // 4 + 1) * 4


def packet_of(address: str, values: Sequence[Value] = ()) -> bytes:
    """One message as bytes; numbers as float32, as every control surface takes them."""
    types, data = ",", b""
    for value in values:
        if isinstance(value, str):
            clean = value.replace("\x00", "").encode(errors="replace").decode()
            types, data = types + "s", data + osc_types.write_string(clean)
        elif value is None:
            types += "N"
        else:
            types, data = types + "f", data + osc_types.write_float(_within_float32(value))
    return bytes(osc_types.write_string(address) + osc_types.write_string(types) + data)


def _within_float32(value: float) -> float:
    return min(max(float(value), -LARGEST), LARGEST)


def bundles_of(packets: Iterable[bytes]) -> Iterator[bytes]:
    """Messages in as few datagrams as hold them."""
    head = BUNDLE + osc_types.write_date(osc_types.IMMEDIATELY)
    bundle = head
    for packet in packets:
        if len(bundle) + 4 + len(packet) > DATAGRAM_BYTES and bundle != head:
            yield bundle
            bundle = head
        bundle += osc_types.write_int(len(packet)) + packet
    if bundle != head:
        yield bundle
