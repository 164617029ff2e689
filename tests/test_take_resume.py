"""A take that a crash has cut short: it is mended, listed, and gone on with at the right time."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from takes import BLOCK, RATE, begin, counting, push_counting

from realtime.take_layout import TakeLayout
from realtime.take_list import how_it_ended, list_takes, open_take
from realtime.take_notes import read_events
from realtime.take_reader import read_sound, read_take
from realtime.take_recorder import TakeRecorder
from realtime.take_sound import pieces

LAYOUTS = [TakeLayout("wav", 24), TakeLayout("flac", 24)]

KILLED = """
import os, signal, sys, time
sys.path.insert(0, {tests!r})
from pathlib import Path
from takes import begin, push_counting
from realtime.take_layout import TakeLayout
take = begin(Path({folder!r}), layout=TakeLayout({file!r}, 24))
for number in range(0, 200, 100):
    push_counting(take, 100, start_block=number)
    time.sleep(0.25)
push_counting(take, 5, start_block=200)
os.kill(os.getpid(), signal.SIGKILL)
"""


def killed_take(folder: Path, layout: TakeLayout) -> Path:
    code = KILLED.format(tests=str(Path(__file__).parent), folder=str(folder), file=layout.file)
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -signal.SIGKILL
    (take,) = folder.iterdir()
    return take


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_killed_take_is_mended_when_it_is_listed(tmp_path, layout):
    folder = killed_take(tmp_path, layout)
    wet = pieces(folder, "wet", layout)[0]
    if layout.file == "wav":
        with wet.open("ab") as file:  # as if it had been killed between the two files
            file.write(bytes(300))
    modified_ns = wet.stat().st_mtime_ns
    assert "ended" not in read_take(folder).about
    (listed,) = list_takes(tmp_path)
    take = listed.take
    assert take is not None
    assert (take.how, how_it_ended(take)) == ("crash", "ended by a crash")
    assert 0 <= 205 * BLOCK - take.n_samples < RATE
    sides = [read_sound(take, side)[:, 0] for side in ("wet", "dry")]
    np.testing.assert_array_equal(sides[0], counting(0, take.n_samples))
    np.testing.assert_array_equal(sides[1], -sides[0])
    assert take.about["ended"]["n_samples"] == take.n_samples
    assert list_takes(tmp_path)[0].take == take
    if layout.file == "wav":
        assert abs(wet.stat().st_mtime_ns - modified_ns) < 1e9


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_killed_take_is_gone_on_with_behind_a_silence_that_lasted_as_long(tmp_path, layout):
    folder = killed_take(tmp_path, layout)
    n_before = read_take(folder).n_samples
    stopped_s = pieces(folder, "wet", layout)[0].stat().st_mtime
    recorder = TakeRecorder(tmp_path, RATE, layout=layout)
    recorder.resume(folder, wait=True)
    began_s = time.time()
    push_counting(recorder, 50, start_block=1000)
    recorder.note({"kind": "midi", "message": [1]})
    push_counting(recorder, 50, start_block=1050)
    recorder.close()
    assert [take.folder for take in recorder.finished] == [folder]
    take = read_take(folder)
    sound = read_sound(take, "wet")[:, 0]
    n_gap = len(sound) - n_before - 100 * BLOCK
    # The new process pushed its blocks at once, so that the last of them was played at began_s.
    assert n_gap / RATE == pytest.approx(began_s - stopped_s - 100 * BLOCK / RATE, abs=0.1)
    np.testing.assert_array_equal(sound[:n_before], counting(0, n_before))
    np.testing.assert_array_equal(sound[n_before : n_before + n_gap], 0.0)
    np.testing.assert_array_equal(sound[n_before + n_gap :], counting(1000 * BLOCK, 100 * BLOCK))
    np.testing.assert_array_equal(read_sound(take, "dry")[:, 0], -sound)
    gap, midi = read_events(folder)
    assert (gap["kind"], gap["sample"], gap["n_samples"]) == ("gap", n_before, n_gap)
    assert midi["sample"] == n_before + n_gap + 50 * BLOCK
    assert take.how == "ended"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_take_that_was_closed_when_the_server_went_is_gone_on_with_in_the_same_process(tmp_path):
    recorder = begin(tmp_path)
    push_counting(recorder, 20)
    recorder.stop()
    time.sleep(0.3)
    push_counting(recorder, 3, start_block=20)  # of this nothing belongs to the take twice
    recorder.resume(recorder.folder, wait=True)
    push_counting(recorder, 10, start_block=23)
    recorder.close()
    sound = read_sound(read_take(recorder.folder), "wet")[:, 0]
    np.testing.assert_array_equal(sound[: 20 * BLOCK], counting(0, 20 * BLOCK))
    np.testing.assert_array_equal(sound[-13 * BLOCK :], counting(20 * BLOCK, 13 * BLOCK))


def test_a_gap_of_hours_is_cut(tmp_path):
    recorder = begin(tmp_path)
    push_counting(recorder, 2)
    recorder.close()
    for path in recorder.folder.glob("*.wav"):
        os.utime(path, (0, 0))  # 1970
    again = TakeRecorder(tmp_path, RATE)
    again.resume(recorder.folder, wait=True)
    push_counting(again, 1)
    again.close()
    (gap,) = (e for e in read_events(again.folder) if e["kind"] == "gap")
    assert gap["n_samples"] == 600 * RATE
    assert gap["lasted_s"] > 1e9


@pytest.mark.parametrize("damage", ["rate", "missing", "no_take"])
def test_what_cannot_be_gone_on_with_becomes_a_new_take(tmp_path, damage):
    recorder = begin(tmp_path)
    push_counting(recorder, 2)
    recorder.close()
    folder = recorder.folder
    if damage == "missing":
        (folder / "dry.wav").unlink()
    said: list[str] = []
    again = TakeRecorder(tmp_path, 44100 if damage == "rate" else RATE, say=said.append)
    again.resume(tmp_path / "nothing" if damage == "no_take" else folder, wait=True)
    push_counting(again, 3)
    again.close()
    assert "a new take" in said[0]
    assert again.folder != folder
    assert read_take(again.folder).n_samples == 3 * BLOCK


def test_a_take_that_is_being_recorded_is_left_alone(tmp_path):
    recorder = begin(tmp_path)
    push_counting(recorder, 2)
    assert open_take(recorder.folder).how == "running"
    other = TakeRecorder(tmp_path, RATE)
    other.resume(recorder.folder, wait=True)
    push_counting(other, 1)
    other.close()
    assert other.folder != recorder.folder
    recorder.close()
    assert open_take(recorder.folder).how == "ended"
