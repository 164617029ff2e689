"""TFRecord files and the Examples in them: known bytes, damage of every kind, random bytes."""

import contextlib
import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tfrecords import example_bytes, field, record_bytes, slow_crc32c, varint, write_tfrecord

from ddsp_core.errors import AudioError
from training.tfexample import parse_example
from training.tfrecord import Record, crc32c, masked_crc32c, read_record, read_records

WORDS = {"audio": np.arange(5, dtype=np.float32), "pitch": np.array([60, -1]), "id": "flute_1"}


def numbers(data):
    return np.frombuffer(data, np.uint8)


def parsed(path):
    return [parse_example(record) for record in read_records(path)]


def test_checksums_of_the_standards():
    # RFC 3720, B.4: the check value, 32 bytes of zeros, of ones, counting up.
    assert crc32c(numbers(b"123456789")) == 0xE3069283
    assert crc32c(numbers(bytes(32))) == 0x8A9136AA
    assert crc32c(numbers(b"\xff" * 32)) == 0x62A8AB43
    assert crc32c(numbers(bytes(range(32)))) == 0x46DD794E
    # rotated right by 15 bits, plus LevelDB's constant
    assert masked_crc32c(numbers(b"123456789")) == (0x2507C60D + 0xA282EAD8) & 0xFFFFFFFF


@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, 63, 1000])
def test_checksum_of_any_length(length):
    data = np.random.default_rng(length).integers(0, 256, length).astype(np.uint8)
    assert crc32c(data) == slow_crc32c(data.tobytes())


def test_known_bytes(tmp_path):
    """One record that holds Example{features{feature{key: "x" value{float_list{value: 1}}}}}."""
    data = bytes.fromhex("0a0f 0a0d 0a0178 1208 1206 0a04 0000803f")
    path = tmp_path / "one.tfrecord"
    path.write_bytes(record_bytes(data))
    assert path.read_bytes()[:8] == struct.pack("<Q", 17)
    assert {name: list(values) for name, values in parsed(path)[0].items()} == {"x": [1.0]}


@pytest.mark.parametrize("packed", [True, False])
def test_what_is_written_is_read(tmp_path, packed):
    path = tmp_path / "a.tfrecord"
    path.write_bytes(record_bytes(example_bytes(WORDS, packed=packed)) * 2)
    for example in parsed(path):
        assert example.keys() == WORDS.keys()
        np.testing.assert_array_equal(example["audio"], WORDS["audio"])
        np.testing.assert_array_equal(example["pitch"], [60, -1])
        assert example["id"] == [b"flute_1"]


def test_a_record_is_found_again_by_its_place(tmp_path):
    path = write_tfrecord(tmp_path / "a.tfrecord", [WORDS, WORDS, {"x": np.ones(3, np.float32)}])
    for record in read_records(path):
        again = read_record(path, record.number, record.offset)
        np.testing.assert_array_equal(again.data, record.data)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda b: b[:-1], "cut short"),
        (lambda b: b + b"\x01\x02", "record 2 at byte .*cut short: 2 bytes are left"),
        (lambda b: b[:40] + bytes([b[40] ^ 1]) + b[41:], "record 0 at byte 0: damaged.*its data"),
        (lambda b: bytes([b[0] ^ 1]) + b[1:], "record 0 at byte 0: damaged.*its length"),
        (lambda b: b[: len(b) // 2] + b"RIFF" * 20, "record 1 at byte .*its length"),
        (lambda _: b"", "it is empty"),
        (gzip.compress, "gunzip"),
    ],
)
def test_damage_names_file_record_byte_and_what_to_do(tmp_path, change, words):
    path = tmp_path / "bad.tfrecord"
    path.write_bytes(change(record_bytes(example_bytes(WORDS)) * 2))
    with pytest.raises(AudioError, match=words) as caught:
        parsed(path)
    assert "bad.tfrecord" in str(caught.value)
    assert any(word in str(caught.value) for word in ("again", "gunzip"))


def test_no_such_file(tmp_path):
    with pytest.raises(AudioError, match="no such file"):
        parsed(tmp_path / "none.tfrecord")


def test_a_length_is_believed_only_within_bounds(tmp_path):
    for claimed, words in ((2**62, "a record of 4611686018427387904 bytes"), (10**8, "cut short")):
        length = struct.pack("<Q", claimed)
        header = length + struct.pack("<I", masked_crc32c(numbers(length)))
        path = tmp_path / "bomb.tfrecord"
        path.write_bytes(header + bytes(100))
        with pytest.raises(AudioError, match=words):
            parsed(path)


def test_a_wrong_checksum_is_found_wherever_a_bit_flips(tmp_path):
    whole = record_bytes(example_bytes({"x": np.ones(2, np.float32)}))
    path = tmp_path / "flipped.tfrecord"
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        with pytest.raises(AudioError):
            parsed(path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (varint(1 << 3 | 2) + varint(100), "field 1 has 100 bytes, 0 are left"),
        (varint(1 << 3 | 3), "unknown kind 3"),
        (b"\xff" * 11, "a number does not end"),
        (varint(1 << 3) + varint(5), "field 1 holds no message"),
        (field(1, field(1, field(1, b"\xff\xfe"))), "utf-8"),
        (field(1, field(1, field(2, field(2, field(1, b"12345"))))), "four bytes do not fit"),
        (field(1, field(1, field(2, field(2, varint(1 << 3) + varint(5))))), "something else"),
    ],
)
def test_whole_records_that_are_no_example(tmp_path, data, words):
    path = tmp_path / "other.tfrecord"
    path.write_bytes(record_bytes(data))
    with pytest.raises(AudioError, match=words):
        parsed(path)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_are_an_example_or_an_error_for_people(data):
    with contextlib.suppress(AudioError):
        parse_example(Record(Path("x"), 0, 0, numbers(data)))


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 255)), min_size=1, max_size=6))
def test_an_example_with_wrong_bytes_is_an_example_or_an_error_for_people(changes):
    data = bytearray(example_bytes({**WORDS, "f0/hz": np.ones(40, np.float32)}, packed=False))
    for at, byte in changes:
        data[at % len(data)] = byte
    with contextlib.suppress(AudioError):
        parse_example(Record(Path("x"), 0, 0, numbers(bytes(data))))


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.binary(max_size=200))
def test_random_files(tmp_path, data):
    path = tmp_path / "random.tfrecord"
    path.write_bytes(data)
    with pytest.raises(AudioError):
        parsed(path)
