"""A disk that fills up: the performer is warned, the take ends whole, the sound goes on."""

import shutil
from collections import namedtuple

import numpy as np
import pytest
from takes import BLOCK, RATE, begin, counting, push_counting, read_pair
from waiting import wait_until

from realtime import take_disk
from realtime.take_disk import KEPT_BYTES, NOTES_BYTES_S, DiskRoom
from realtime.take_list import how_it_ended
from realtime.take_reader import read_take

Usage = namedtuple("Usage", "total used free")
SOUND_BYTES_S = RATE * 2 * 3
"""Wet and dry in mono, 24 bits."""


class Disk:
    """So many seconds of recording are left on it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, left_s: float) -> None:
        self.left_s = left_s
        monkeypatch.setattr(take_disk, "LOOK_EVERY_S", 0.0)
        monkeypatch.setattr(shutil, "disk_usage", lambda _folder: self.usage())

    def usage(self) -> Usage:
        return Usage(0, 0, KEPT_BYTES + self.left_s * (SOUND_BYTES_S + NOTES_BYTES_S))


def test_it_is_warned_of_in_time_and_once(tmp_path, monkeypatch):
    disk = Disk(monkeypatch, 1000.0)
    said: list[str] = []
    recorder = begin(tmp_path, say=said.append)
    push_counting(recorder, 1)
    wait_until(lambda: recorder.n_written == BLOCK)
    assert recorder.problem == ""
    disk.left_s = 480.0
    wait_until(lambda: recorder.problem != "")
    recorder.close()
    assert said == ["the disk is nearly full: 8 min of recording left"]
    assert recorder.failed is None


def test_the_recording_ends_before_the_disk_is_full_and_the_next_take_may_begin(
    tmp_path, monkeypatch
):
    disk = Disk(monkeypatch, 1000.0)
    recorder = begin(tmp_path)
    push_counting(recorder, 10)
    wait_until(lambda: recorder.n_written == 10 * BLOCK)
    disk.left_s = -1.0
    push_counting(recorder, 10, start_block=10)
    wait_until(lambda: recorder.failed is not None and not recorder.is_recording)
    assert recorder.failed == "the disk is nearly full"
    push_counting(recorder, 10, start_block=20)  # the sound goes on
    (finished,) = recorder.finished
    wet, dry = read_pair(finished.folder)
    np.testing.assert_array_equal(wet, counting(0, len(wet)))
    np.testing.assert_array_equal(dry, -wet)
    take = read_take(finished.folder)
    assert (take.how, how_it_ended(take)) == ("disk full", "ended as the disk was nearly full")
    disk.left_s = 1000.0
    recorder.start(wait=True)
    recorder.close()
    assert recorder.failed is None
    assert len(recorder.finished) == 2


def test_a_real_disk_is_looked_at_once_a_second(tmp_path, monkeypatch):
    room = DiskRoom(tmp_path, SOUND_BYTES_S)
    free = shutil.disk_usage(tmp_path).free
    expected_s = (free - KEPT_BYTES) / (SOUND_BYTES_S + NOTES_BYTES_S)
    assert room.left_s(0.0) == pytest.approx(expected_s, rel=0.1)  # others write, too
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(0, 0, 0))
    assert room.left_s(0.5) > 0.0
    assert room.left_s(1.5) < 0.0
