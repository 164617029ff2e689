"""What a training writes: the head of its curve, and records of TensorBoard's log."""

import io
import struct

import numpy as np
import soundfile

from realtime.console.runs_events import masked_crc

HEADING = "step,loss,validation_loss,unix_s\n"


def varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def field(number: int, content: bytes | int) -> bytes:
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def record(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_crc(length)) + data + bytes(4)


def event(step: int, tag: str, what: bytes) -> bytes:
    value = field(1, tag.encode()) + what
    clock = varint(1 << 3 | 1) + struct.pack("<d", 1.8e9)
    return record(clock + field(2, step) + field(5, field(1, value)))


def figure(step: int, tag: str, number: float) -> bytes:
    return event(step, tag, varint(2 << 3 | 5) + struct.pack("<f", number))


def wav() -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.full(800, 0.5), 8000, format="WAV", subtype="PCM_16")
    return file.getvalue()


def sound(step: int, tag: str) -> bytes:
    return event(step, tag, field(6, field(3, 800) + field(4, wav()) + field(5, b"audio/wav")))


# The curve
