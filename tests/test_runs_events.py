"""TensorBoard's logs, read without it: read on, cut off, damaged, rewound, and their sounds."""

import io

import numpy as np
import pytest
import soundfile
from rig.run_files import event, field, figure, record, sound, wav

from realtime.console.runs_events import EventFile, fields
from realtime.console.runs_shelf import Run
from realtime.console.runs_sounds import groups_of, laid, laid_out


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
