"""TensorBoard's logs, read without it: read on, cut off, damaged, rewound, and their sounds."""

import io
import struct

import numpy as np
import pytest
import soundfile

from realtime.console.runs_events import EventFile, fields, masked_crc
from realtime.console.runs_shelf import Run
from realtime.console.runs_sounds import groups_of, laid, laid_out


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


def test_a_log_of_torch_is_understood(tmp_path):
    """What the trainer writes with; the reader here knows nothing of it."""
    torch = pytest.importorskip("torch")
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(str(tmp_path / "board"), purge_step=1)
    writer.add_scalar("gradient/norm", 0.25, 7)
    tone = np.sin(np.arange(800) / 9).astype(np.float32) * 0.5
    writer.add_audio("held_out_1/given", torch.from_numpy(tone[None]), 7, 8000)
    writer.add_image("held_out_1/waveform", np.zeros((4, 4, 3), np.uint8), 7, dataformats="HWC")
    writer.close()
    run = Run("a", tmp_path)
    assert run.read_on()
    assert run.figures == {"gradient/norm": [(7, 0.25)]}
    heard, seen = run.items
    assert (heard.kind, heard.tag, heard.step) == ("audio", "held_out_1/given", 7)
    np.testing.assert_allclose(soundfile.read(io.BytesIO(heard.read()))[0], tone, atol=1e-4)
    assert seen.read().startswith(b"\x89PNG")


def test_a_log_is_read_on_and_half_a_record_waits(tmp_path):
    path = tmp_path / "events.out.tfevents.1"
    whole = figure(1, "speed", 2.0) + sound(1, "held_out_1/played")
    log = EventFile(path)
    for cut in (0, 5, 12, 40, len(whole) - 1):
        path.write_bytes(whole[:cut])
        log.read_on()
    assert log.items == []
    path.write_bytes(whole + b"\x01")
    assert log.read_on()
    assert log.figures == {"speed": [(1, 2.0)]}
    assert log.items[0].read() == wav()


def test_a_damaged_length_ends_a_log_and_a_damaged_message_is_left_out(tmp_path):
    path = tmp_path / "events.out.tfevents.1"
    other = record(b"\xff" * 30)
    path.write_bytes(other + figure(2, "speed", 3.0) + b"\xff" * 40 + figure(3, "speed", 4.0))
    log = EventFile(path)
    log.read_on()
    assert log.figures == {"speed": [(2, 3.0)]}
    assert log.is_broken
    with pytest.raises(ValueError, match="protobuf"):
        list(fields(b"\x0a\xff\xff\xff\xff\x0f"))


def test_what_a_run_logged_in_vain_is_forgotten(tmp_path):
    board = tmp_path / "board"
    board.mkdir()
    first = [figure(step, "speed", step) + sound(step, "a/played") for step in (10, 20, 30)]
    (board / "events.out.tfevents.1").write_bytes(b"".join(first))
    start = record(field(2, 21) + field(7, field(1, 1)))
    second = start + figure(30, "speed", 99.0) + sound(30, "a/played")
    (board / "events.out.tfevents.2").write_bytes(second)
    run = Run("a", tmp_path)
    run.read_on()
    assert run.figures["speed"] == [(10, 10), (20, 20), (30, 99)]
    assert [item.step for item in run.items] == [10, 20, 30]
    assert run.items[-1].path.name.endswith("2")


# What is heard


def test_sounds_are_grouped_and_laid_out(tmp_path):
    run_dir, work = tmp_path / "run", tmp_path / "work"
    (run_dir / "board").mkdir(parents=True)
    work.mkdir()
    log = [sound(1, "held_out_1/given")] + [sound(step, "held_out_1/played") for step in range(20)]
    (run_dir / "board" / "events.out.tfevents.1").write_bytes(b"".join(log))
    (run_dir / "heard").mkdir()
    (run_dir / "heard" / "best.wav").write_bytes(wav())
    (run_dir / "heard" / "linked.wav").symlink_to(tmp_path / "secret.wav")
    (tmp_path / "secret.wav").write_bytes(wav())
    run = Run("run", run_dir)
    run.read_on()
    groups = groups_of(run.items, run_dir)
    assert list(groups) == ["held out 1", "files"]
    titles = [one.title for one in groups["held out 1"].sounds]
    assert titles == ["Recorded", *(f"Step {step}" for step in range(12, 20))]
    assert [one.title for one in groups["files"].sounds] == ["heard/best.wav"]
    lane = laid_out(groups["held out 1"].sounds[0], work)
    assert lane is not None
    assert (work / lane["url"].rpartition("/")[2]).read_bytes() == wav()
    assert lane["duration_s"] == 0.1


def test_a_log_that_holds_something_else_lays_nothing_out(tmp_path):
    path = tmp_path / "events.out.tfevents.1"
    path.write_bytes(event(1, "a/played", field(6, field(4, b"<script>alert(1)</script>"))))
    log = EventFile(path)
    log.read_on()
    assert laid(log.items[0], tmp_path) is None


# Recipes, quality, folders
