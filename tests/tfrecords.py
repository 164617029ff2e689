"""Writes TFRecord files of tf.train.Example: a checksum bit by bit, protobuf by hand."""

import struct

import numpy as np
import signals

NSYNTH_RATE = 16000


def slow_crc32c(data):
    """A bit at a time, as RFC 3720 defines it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(crc):
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def record_bytes(data, crc32c=slow_crc32c):
    length = struct.pack("<Q", len(data))
    header = length + struct.pack("<I", masked(crc32c(length)))
    return header + data + struct.pack("<I", masked(crc32c(data)))


def write_tfrecord(path, examples, crc32c=None):
    """`crc32c` for long examples; the slow one takes a second for 100 kB."""
    from training.tfrecord import crc32c as quick

    check = crc32c or (lambda data: quick(np.frombuffer(data, np.uint8)))
    path.write_bytes(b"".join(record_bytes(example_bytes(e), check) for e in examples))
    return path


def varint(number):
    number &= 0xFFFFFFFFFFFFFFFF
    digits = []
    while number > 0x7F:
        digits.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*digits, number])


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def example_bytes(values, *, packed=True):
    """A dict of name to floats, integers or texts as a serialized tf.train.Example."""
    entries = [
        field(1, field(1, name.encode()) + field(2, _feature(value, packed)))
        for name, value in values.items()
    ]
    return field(1, b"".join(entries))


def _feature(value, packed):
    if isinstance(value, (str, bytes)):
        text = value.encode() if isinstance(value, str) else value
        return field(1, field(1, text))
    numbers = np.atleast_1d(value)
    if numbers.dtype.kind == "f":
        four = [struct.pack("<f", number) for number in numbers]
        if packed:
            return field(2, field(1, b"".join(four)))
        return field(2, b"".join(varint(1 << 3 | 5) + item for item in four))
    items = [varint(int(number)) for number in numbers]
    if packed:
        return field(3, field(1, b"".join(items)))
    return field(3, b"".join(varint(1 << 3) + item for item in items))


def note_example(family, name, f0_hz, number_only=False):
    """A note of NSynth as TensorFlow Datasets writes it, or as NSynth itself names its family."""
    audio = signals.rich_tone(f0_hz, 1.5, NSYNTH_RATE) * np.linspace(
        1.0, 0.2, 24000, dtype=np.float32
    )
    audio = np.append(audio, np.zeros(8000, np.float32))
    n_frames = len(audio) // 64
    family_keys = (
        {"instrument/family": np.array([8 if family == "string" else 1])}
        if number_only
        else {
            "instrument_family_str": family,
            "note_str": name,
            "sample_rate": np.array([NSYNTH_RATE]),
        }
    )
    return {
        "audio": audio,
        "f0/hz": np.full(n_frames, f0_hz, np.float32),
        "f0/confidence": np.full(n_frames, 0.99, np.float32),
        "loudness/db": np.full(n_frames, -30.0, np.float32),
        "id": name,
        **family_keys,
    }
