"""Reads TFRecord files, TensorFlow's frame around serialized messages, without TensorFlow.

A record is its length (uint64, little endian), the masked CRC-32C of these eight bytes, the data
and the masked CRC-32C of the data (TensorFlow, tensorflow/core/lib/io/record_writer.h). The mask,
after LevelDB, rotates the checksum and adds a constant, so that the checksum of data which holds
its own checksum is no special value.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.errors import AudioError

MAX_RECORD_BYTES = 256 * 1024 * 1024
"""More than an hour of 16-kHz float samples in one record."""
HEADER_BYTES, FOOTER_BYTES = 12, 4
POLYNOMIAL = 0x82F63B78
"""Castagnoli's, bits reversed."""
MASK = 0xA282EAD8
GZIP_MAGIC = b"\x1f\x8b"
TODO = "copy or download the file again, or leave it out"

Bytes = NDArray[np.uint8]


class Record(NamedTuple):
    """One record: its file, its number from 0, the byte at which it begins, and what it holds."""

    path: Path
    number: int
    offset: int
    data: Bytes

    @property
    def where(self) -> str:
        """For messages."""
        return f"{self.path}: record {self.number} at byte {self.offset}"


def read_records(path: Path) -> Iterator[Record]:
    """Every record of a file in order, from a memory map: one at a time is in memory.

    Raises:
        AudioError: no such file, an empty, compressed, damaged or truncated one.
    """
    content = _map(path)
    number = offset = 0
    while offset < len(content):
        record = _record_at(content, path, number, offset)
        yield record
        number, offset = number + 1, offset + HEADER_BYTES + len(record.data) + FOOTER_BYTES


def read_record(path: Path, number: int, offset: int) -> Record:
    """One record whose place `read_records` told; raises AudioError as that does."""
    return _record_at(_map(path), path, number, offset)


def crc32c(data: Bytes) -> int:
    """Cyclic redundancy check with Castagnoli's polynomial (RFC 3720, B.4).

    >>> hex(crc32c(np.frombuffer(b"123456789", np.uint8)))
    '0xe3069283'
    """
    return int(_crc32c(data, _TABLES))


def masked_crc32c(data: Bytes) -> int:
    """The checksum as it stands in the file."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + MASK) & 0xFFFFFFFF


def _map(path: Path) -> Bytes:
    if not path.is_file():
        raise AudioError(str(path), "no such file", "a TFRecord file")
    if path.stat().st_size == 0:
        raise AudioError(str(path), "it is empty", "a TFRecord file", TODO)
    content: Bytes = np.memmap(path, dtype=np.uint8, mode="r")
    if content[:2].tobytes() == GZIP_MAGIC:
        todo = f"unpack it: gunzip -c {path.name} > {path.stem}.tfrecord"
        raise AudioError(str(path), "compressed with gzip", "a plain TFRecord file", todo)
    return content


def _record_at(content: Bytes, path: Path, number: int, offset: int) -> Record:
    where = f"{path}: record {number} at byte {offset}"
    left = len(content) - offset
    if left < HEADER_BYTES:
        given = f"cut short: {left} bytes are left"
        raise AudioError(where, given, f"a header of {HEADER_BYTES} bytes", TODO)
    header = content[offset : offset + HEADER_BYTES]
    if masked_crc32c(header[:8]) != _uint32(header[8:]):
        given = "damaged: the checksum of its length is wrong"
        raise AudioError(where, given, "a TFRecord file", TODO)
    length = int.from_bytes(header[:8].tobytes(), "little")
    if length > MAX_RECORD_BYTES:
        allowed = f"at most {MAX_RECORD_BYTES}"
        raise AudioError(
            where, f"a record of {length} bytes", allowed, "split it into shorter ones"
        )
    if left < HEADER_BYTES + length + FOOTER_BYTES:
        given = f"cut short: {left - HEADER_BYTES} bytes are left"
        raise AudioError(where, given, f"{length + FOOTER_BYTES}, as its header says", TODO)
    start = offset + HEADER_BYTES
    data = content[start : start + length]
    if masked_crc32c(data) != _uint32(content[start + length : start + length + FOOTER_BYTES]):
        raise AudioError(where, "damaged: the checksum of its data is wrong", "whole data", TODO)
    return Record(path, number, offset, data)


def _uint32(four: Bytes) -> int:
    return int.from_bytes(four.tobytes(), "little")


def _make_tables() -> NDArray[np.uint32]:
    """Checksum of byte b followed by k zero bytes, for eight bytes at a time. Shape: (8, 256)."""
    crc = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        crc = np.where(crc & 1, crc >> 1 ^ np.uint32(POLYNOMIAL), crc >> 1)
    tables = [crc]
    for _ in range(7):
        tables.append(tables[0][tables[-1] & 0xFF] ^ tables[-1] >> 8)
    return np.stack(tables)


_TABLES = _make_tables()


@njit(nogil=True, cache=True)
def _crc32c(data: Bytes, tables: NDArray[np.uint32]) -> int:
    # Eight bytes a turn: a byte at a time waits for the table each time, 4 times slower.
    crc = np.uint32(0xFFFFFFFF)
    n_whole = len(data) // 8 * 8
    for at in range(0, n_whole, 8):
        low = crc ^ (
            np.uint32(data[at])
            | np.uint32(data[at + 1]) << np.uint32(8)
            | np.uint32(data[at + 2]) << np.uint32(16)
            | np.uint32(data[at + 3]) << np.uint32(24)
        )
        crc = (
            tables[7, low & np.uint32(0xFF)]
            ^ tables[6, low >> np.uint32(8) & np.uint32(0xFF)]
            ^ tables[5, low >> np.uint32(16) & np.uint32(0xFF)]
            ^ tables[4, low >> np.uint32(24)]
            ^ tables[3, data[at + 4]]
            ^ tables[2, data[at + 5]]
            ^ tables[1, data[at + 6]]
            ^ tables[0, data[at + 7]]
        )
    for at in range(n_whole, len(data)):
        crc = tables[0, (crc ^ data[at]) & np.uint32(0xFF)] ^ crc >> np.uint32(8)
    return int(crc ^ np.uint32(0xFFFFFFFF))
