"""Reads tf.train.Example, the message inside a TFRecord, without protobuf.

The wire format (protobuf.dev/programming-guides/encoding) is a run of fields: a varint that holds
number and kind, then a varint, 8 bytes, a length and so many bytes, or 4 bytes. An Example holds
Features (1), these a map (1) from name (1) to Feature (2), and a Feature one list of bytes (1),
floats (2) or int64s (3), whose values (1) come packed into one field or one by one.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.errors import AudioError
from training.tfrecord import TODO, Record

VARINT, EIGHT_BYTES, LENGTH_AND_BYTES, FOUR_BYTES = 0, 1, 2, 5
MAX_FIELDS = 1_000_000
"""In one message; a 4-s example that is not packed has 64,000."""
LONGEST_VARINT = 10

Values = NDArray[np.float32] | NDArray[np.int64] | list[bytes]


class _DamageError(Exception):
    """The bytes are no such message; the text says why."""


class _Field(NamedTuple):
    number: int
    kind: int
    value: int | memoryview


def parse_example(record: Record) -> dict[str, Values]:
    """Name to values of everything in a record's Example; raises AudioError where it is none."""
    try:
        example: dict[str, Values] = {}
        for features in _inside(memoryview(record.data.tobytes()), 1):
            for entry in _inside(features, 1):
                names = [str(name, "utf-8") for name in _inside(entry, 1)]
                for feature in _inside(entry, 2):
                    example[names[-1] if names else ""] = _values(feature)
    except (_DamageError, UnicodeDecodeError) as error:
        given = f"no tf.train.Example ({error})"
        raise AudioError(
            record.where, given, "a file of DDSP's or NSynth's examples", TODO
        ) from None
    return example


def _values(feature: memoryview) -> Values:
    """What the last list in a Feature holds."""
    values: Values = []
    for field in _fields(feature):
        if isinstance(field.value, memoryview):
            if field.number == 1:
                values = [bytes(item) for item in _inside(field.value, 1)]
            elif field.number == 2:
                values = _floats(field.value)
            elif field.number == 3:
                values = _int64s(field.value)
    return values


def _floats(content: memoryview) -> NDArray[np.float32]:
    """Packed, or one by one: five bytes each, the first being field 1 of four bytes."""
    one_by_one = np.frombuffer(content, np.uint8)
    if len(one_by_one) % 5 == 0 and (one_by_one[::5] == 1 << 3 | FOUR_BYTES).all():
        return one_by_one.reshape(-1, 5)[:, 1:].copy().view("<f4").ravel()
    parts = [b""]
    for field in _fields(content):
        if field.number != 1 or not isinstance(field.value, memoryview):
            raise _DamageError("a list of floats holds something else")
        if len(field.value) % 4:
            raise _DamageError("floats of four bytes do not fit into their field")
        parts.append(bytes(field.value))
    return np.frombuffer(b"".join(parts), "<f4")


def _int64s(content: memoryview) -> NDArray[np.int64]:
    numbers: list[int] = []
    for field in _fields(content):
        if isinstance(field.value, int):
            numbers.append(field.value)
            continue
        at = 0
        while at < len(field.value):
            if len(numbers) >= MAX_FIELDS:
                raise _DamageError(f"more than {MAX_FIELDS} whole numbers in one list")
            number, at = _varint(field.value, at)
            numbers.append(number)
    return np.array(numbers, dtype=np.uint64).view(np.int64)


def _inside(content: memoryview, number: int) -> Iterator[memoryview]:
    """The messages (or texts) in the fields of that number."""
    for field in _fields(content):
        if field.number == number:
            if field.kind != LENGTH_AND_BYTES or not isinstance(field.value, memoryview):
                raise _DamageError(f"field {number} holds no message")
            yield field.value


def _fields(content: memoryview) -> Iterator[_Field]:
    """Every field of a message, none of which reaches beyond its end."""
    at = n_fields = 0
    while at < len(content):
        n_fields += 1
        if n_fields > MAX_FIELDS:
            raise _DamageError(f"more than {MAX_FIELDS} fields in one message")
        tag, at = _varint(content, at)
        number, kind = tag >> 3, tag & 7
        if kind == VARINT:
            value, at = _varint(content, at)
            yield _Field(number, kind, value)
            continue
        if kind == LENGTH_AND_BYTES:
            length, at = _varint(content, at)
        elif kind in (EIGHT_BYTES, FOUR_BYTES):
            length = 8 if kind == EIGHT_BYTES else 4
        else:
            raise _DamageError(f"field {number} is of unknown kind {kind}")
        if length > len(content) - at:
            raise _DamageError(f"field {number} has {length} bytes, {len(content) - at} are left")
        yield _Field(number, kind, content[at : at + length])
        at += length


def _varint(content: memoryview, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, low ones first, and where it ends."""
    number = 0
    for n, byte in enumerate(content[at : at + LONGEST_VARINT]):
        number |= (byte & 0x7F) << 7 * n
        if byte < 0x80:
            return number & 0xFFFFFFFFFFFFFFFF, at + n + 1
    raise _DamageError("a number does not end")
