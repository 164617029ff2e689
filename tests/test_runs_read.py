"""What the console reads of a training run: files that grow, are cut off, or hold nonsense."""

import io
import json
import math
import os
import shutil
import struct

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.console.runs_curve import CurveFile
from realtime.console.runs_events import EventFile, fields, masked_crc
from realtime.console.runs_recipe import quality_files, read_flat, rows_of
from realtime.console.runs_shelf import Run, find_runs, thinned
from realtime.console.runs_sounds import groups_of, laid, laid_out

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


def test_a_curve_is_read_on_and_half_a_line_waits(tmp_path):
    path = tmp_path / "curve.csv"
    curve = CurveFile(path)
    assert not curve.read_on()
    path.write_text(HEADING + "10,5.5,6.5,1000\n20,5.0,6.")
    assert curve.read_on()
    assert curve.columns == {
        "step": [10], "loss": [5.5], "validation_loss": [6.5], "unix_s": [1000]
    }  # fmt: skip
    with path.open("a") as file:
        file.write("25,1060\n")
    assert curve.read_on()
    assert curve.columns["validation_loss"] == [6.5, 6.25]
    assert not curve.read_on()


def test_a_curve_that_was_rewound_is_read_anew(tmp_path):
    path = tmp_path / "curve.csv"
    path.write_text(HEADING + "10,5,6,1\n20,4,5,2\n30,3,4,3\n")
    curve = CurveFile(path)
    curve.read_on()
    anew = tmp_path / "anew"
    anew.write_text(HEADING + "10,5,6,1\n20,4.5,5.5,2\n30,3,4,3\n40,2,3,4\n")
    anew.replace(path)
    assert curve.read_on()
    assert curve.columns["loss"] == [5, 4.5, 3, 2]
    os.truncate(path, len(HEADING))
    assert curve.read_on()
    assert curve.columns["loss"] == []
    path.unlink()
    assert curve.read_on()
    assert curve.columns == {}


def test_nonsense_in_a_curve_is_counted_and_left_out(tmp_path):
    path = tmp_path / "curve.csv"
    lines = ["10,5,6,1", "x,y,z,t", "20,nan,inf,2", "5,1,1,3", "30,1", "40,3,4,5"]
    path.write_text(HEADING + "\n".join(lines) + "\n")
    curve = CurveFile(path)
    curve.read_on()
    assert curve.columns["step"] == [10, 20, 40]
    assert math.isnan(curve.columns["loss"][1])
    assert curve.n_bad == 3


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 400))
def test_no_bytes_break_a_reader(tmp_path_factory, content, cut):
    folder = tmp_path_factory.mktemp("any")
    for name, reader in (("curve.csv", CurveFile), ("events.out.tfevents.1", EventFile)):
        path = folder / name
        path.write_bytes(content[:cut])
        read = reader(path)
        read.read_on()
        path.write_bytes(content)
        read.read_on()
    assert isinstance(read_flat(folder / "curve.csv"), dict)


# TensorBoard's log


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


def test_recipes_are_compared(tmp_path):
    recipes = {}
    for name, seed in (("a", 1), ("b", 2)):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps({"seed": seed, "loss": {"log_floor": 1e-5, "sizes": [1, 2]}}))
        recipes[name] = read_flat(path)
    assert rows_of(recipes, all_of_them=False) == [["seed", "1", "2"]]
    assert ["loss.log_floor", "1e-05", "1e-05"] in rows_of(recipes, all_of_them=True)
    assert ["loss.sizes", "1, 2", "1, 2"] in rows_of(recipes, all_of_them=True)
    for text in ("[1]", "{", "", "{" * 5000):
        (tmp_path / "a.json").write_text(text)
        assert read_flat(tmp_path / "a.json") == {}


def test_quality_lies_beside_voices_and_nowhere_else(tmp_path):
    run = tmp_path / "run"
    (run / "voice" / "hall").mkdir(parents=True)
    (run / "voice" / "hall" / "quality.json").write_text("{}")
    (tmp_path / "elsewhere.json").write_text("{}")
    (run / "quality.json").symlink_to(tmp_path / "elsewhere.json")
    assert quality_files(run) == [run / "voice" / "hall" / "quality.json"]


def test_folders_of_runs_and_words_for_those_that_are_none(tmp_path):
    assert "--runs" in find_runs(None)[1]
    assert "no such folder" in find_runs(tmp_path / "none")[1]
    assert "no training run" in find_runs(tmp_path)[1]
    run = tmp_path / "a"
    run.mkdir()
    (run / "curve.csv").write_text(HEADING)
    (tmp_path / "linked").symlink_to(run)
    assert find_runs(tmp_path) == ({"a": run}, "")
    assert find_runs(run) == ({"a": run}, "")
    shutil.rmtree(run)
    assert find_runs(tmp_path)[0] == {}


def test_a_run_tells_how_it_stands(tmp_path):
    def standing(text: str, now_s: float, steps: int = 40) -> str:
        (tmp_path / "curve.csv").write_text(HEADING + text)
        (tmp_path / "recipe.json").write_text(json.dumps({"steps": steps}))
        run = Run("a", tmp_path)
        run.read_on()
        return run.row(now_s).state

    text = "10,5,6,1000\n20,4,5,1600\n"
    assert standing("", 0.0) == "nothing to draw yet"
    assert standing(text, 1700.0) == "training, step 20 of 40, 20 min left"
    assert standing(text, 9999.0) == "stopped, step 20 of 40"
    assert standing(text, 1700.0, steps=20) == "finished, step 20 of 20"


def test_long_curves_are_thinned_and_keep_their_end():
    xs = [float(x) for x in range(4999)]
    kept, ys = thinned(xs, xs)
    assert len(kept) <= 2000
    assert kept[-1] == ys[-1] == 4998.0
    assert thinned([], []) == ([], [])
