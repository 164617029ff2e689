"""TensorBoard's log of a run, read on as it grows: figures, and where sounds and pictures lie.

A record is its length (uint64, little endian), a checksum of that, the data and a checksum of the
data (TensorFlow, tensorflow/core/lib/io/record_writer.h). The data is a protobuf message `Event`
(tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto). The length's checksum
is looked at, as a wrong length would lead anywhere; that of the data is not: what does not parse is
left out. A record that is still being written is read the next time.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

HEADER, FOOTER = 12, 4
MOST_RECORD = 64 << 20
MOST_READ = 128 << 20
"""Bytes of one reading; the rest comes with the next."""
MOST_ITEMS = 20_000
POLYNOMIAL, MASK = 0x82F63B78, 0xA282EAD8

EVENT_STEP, EVENT_SUMMARY, EVENT_SESSION = 2, 5, 7
VALUE_TAG, VALUE_SIMPLE, VALUE_IMAGE, VALUE_AUDIO = 1, 2, 4, 6
IN_IMAGE = IN_AUDIO = 4
"""The field of the encoded file in both."""
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

Field = tuple[int, int, int, int]
"""Number, kind, and where its content begins and ends; of a varint its value and 0."""


class Item(NamedTuple):
    """A sound or a picture."""

    kind: str
    """"audio" or "image"."""
    tag: str
    step: int
    path: Path
    offset: int
    length: int

    def read(self) -> bytes:
        """The WAV or PNG file. Raises OSError."""
        with self.path.open("rb") as file:
            file.seek(self.offset)
            return file.read(self.length)


class EventFile:
    """What has been read of one.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._offset = path, 0
        self.items: list[Item] = []
        self.figures: dict[str, list[tuple[int, float]]] = {}
        """Step and value, by tag."""
        self.starts: list[int] = []
        """Steps at which a run went on; what was logged before of them and later was in vain."""
        self.is_broken = False

    def read_on(self) -> bool:
        """Reads what has come; returns whether there was anything. Never raises."""
        begun_at = self._offset
        try:
            with self._path.open("rb") as file:
                for offset, data in self._records(file):
                    self._take(data, offset)
        except OSError:
            return False
        return self._offset > begun_at

    def _records(self, file: BinaryIO) -> Iterator[tuple[int, bytes]]:
        left = MOST_READ
        while left > 0 and not self.is_broken and len(self.items) < MOST_ITEMS:
            file.seek(self._offset)
            header = file.read(HEADER)
            if len(header) < HEADER:
                return
            length, check = struct.unpack("<QI", header)
            if masked_crc(header[:8]) != check or length > MOST_RECORD:
                self.is_broken = True
                return
            data = file.read(length + FOOTER)
            if len(data) < length + FOOTER:
                return
            yield self._offset + HEADER, data[:length]
            self._offset += HEADER + length + FOOTER
            left -= length

    def _take(self, data: bytes, offset: int) -> None:
        try:
            event = {number: (begin, end) for number, _, begin, end in fields(data)}
            step = event.get(EVENT_STEP, (0, 0))[0]
            if EVENT_SESSION in event:
                self.starts.append(step)
            if EVENT_SUMMARY in event:
                for number, _, begin, end in fields(data, *event[EVENT_SUMMARY]):
                    if number == 1:
                        self._take_value(data, begin, end, step, offset)
        except (ValueError, UnicodeDecodeError):
            return

    def _take_value(self, data: bytes, begin: int, end: int, step: int, offset: int) -> None:
        value = {number: place for number, _, *place in fields(data, begin, end)}
        tag = data[slice(*value.get(VALUE_TAG, (0, 0)))].decode()[:200]
        if VALUE_SIMPLE in value:
            (number,) = struct.unpack_from("<f", data, value[VALUE_SIMPLE][0])
            self.figures.setdefault(tag, []).append((step, number))
        for kind, field, inner in (
            ("audio", VALUE_AUDIO, IN_AUDIO),
            ("image", VALUE_IMAGE, IN_IMAGE),
        ):
            if field in value:
                parts = {number: place for number, _, *place in fields(data, *value[field])}
                if inner in parts:
                    first, last = parts[inner]
                    place = (self._path, offset + first, last - first)
                    self.items.append(Item(kind, tag, step, *place))


def fields(data: bytes, at: int = 0, end: int | None = None) -> Iterator[Field]:
    """Of a protobuf message. Raises ValueError where it is none."""
    end = len(data) if end is None else end
    while at < end:
        key, at = _varint(data, at, end)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, at = _varint(data, at, end)
            yield number, kind, value, 0
            continue
        length = {FIXED64: 8, FIXED32: 4}.get(kind, -1)
        if kind == BYTES:
            length, at = _varint(data, at, end)
        if length < 0 or at + length > end:
            raise ValueError("not a protobuf message")
        yield number, kind, at, at + length
        at += length


def masked_crc(data: bytes) -> int:
    """CRC-32C (RFC 3720, B.4), rotated and shifted as it stands in the file."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (POLYNOMIAL if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + MASK) & 0xFFFFFFFF


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= end:
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("not a protobuf message")
