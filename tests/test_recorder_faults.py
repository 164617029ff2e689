"""Recordings that go wrong: slow, hanging and full disks, and processes that are killed."""

import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from takes import BLOCK, RATE, begin, counting, push_counting, read_pair
from waiting import wait_until

from ddsp_core.errors import AudioError
from realtime import take_recorder
from realtime.long_wav import HEADER_BYTES, LongWav


class StalledDisk:
    """Lets writes wait, as a disk that sleeps does."""

    def __init__(self, monkeypatch):
        self.write = LongWav.write
        self.is_stalled = True
        monkeypatch.setattr(LongWav, "write", self._write_to(self))

    @staticmethod
    def _write_to(disk):
        def write(file, samples):
            while disk.is_stalled:
                time.sleep(0.005)
            disk.write(file, samples)

        return write


def test_a_stalled_disk_costs_sound_but_neither_time_nor_alignment(tmp_path, monkeypatch):
    disk = StalledDisk(monkeypatch)
    take = begin(tmp_path, queue_s=10 * BLOCK / RATE, preroll_s=0.0)
    started_s = time.perf_counter()
    push_counting(take, 30)
    assert time.perf_counter() - started_s < 0.1, "push waited for the disk"
    assert take.n_dropped == 20 * BLOCK
    disk.is_stalled = False
    wait_until(lambda: take.seconds_written > 0)
    push_counting(take, 5, start_block=30)
    take.close()
    wet, dry = read_pair(take.folder)
    expected = counting(0, 35 * BLOCK)
    expected[10 * BLOCK : 30 * BLOCK] = 0.0
    np.testing.assert_array_equal(wet, expected)
    np.testing.assert_array_equal(dry, -expected)
    assert take.seconds_dropped == 20 * BLOCK / RATE


def test_gaps_stand_where_the_sound_was_lost(tmp_path, monkeypatch):
    monkeypatch.setattr(take_recorder, "WRITE_EVERY_S", 60.0)
    take = begin(tmp_path, RATE, queue_s=1.0)
    push_counting(take, 2)
    take._source._n_missing = 2 * BLOCK + RATE
    push_counting(take, 2, start_block=2)
    take.close()
    gap = np.zeros(2 * BLOCK + RATE, np.float32)
    parts = (counting(0, 2 * BLOCK), gap, counting(2 * BLOCK, 2 * BLOCK))
    np.testing.assert_array_equal(read_pair(take.folder)[0], np.concatenate(parts))


def test_a_disk_that_hangs_does_not_hang_the_program(tmp_path, monkeypatch):
    disk = StalledDisk(monkeypatch)
    monkeypatch.setattr(take_recorder, "CLOSE_LIMIT_S", 0.05)
    take = begin(tmp_path, RATE)
    push_counting(take, 1)
    take.close()
    assert take.failed == "the disk did not answer for 0.05 s"
    disk.is_stalled = False
    take._thread.join()


KILLED = """
import sys, time
sys.path.insert(0, {tests!r})
from pathlib import Path
from takes import BLOCK, RATE, begin, push_counting
take = begin(Path({folder!r}), RATE)
started_s = time.monotonic()
for number in range(100000):
    push_counting(take, 1, start_block=number)
    print(number + 1, flush=True)
    time.sleep(max(0.0, started_s + number * BLOCK / RATE - time.monotonic()))
"""


@pytest.mark.parametrize("after_s", [0.35, 1.1, 1.73])
def test_a_killed_process_loses_less_than_a_second(tmp_path, after_s):
    code = KILLED.format(tests=str(Path(__file__).parent), folder=str(tmp_path))
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout.readline() == "1\n"
        time.sleep(after_s)
        process.send_signal(signal.SIGKILL)
        n_pushed = int(process.stdout.read().split()[-1]) * BLOCK
    assert process.returncode == -signal.SIGKILL
    wet, dry = read_pair(next(tmp_path.iterdir()))
    assert n_pushed - len(wet) < RATE
    assert abs(len(wet) - len(dry)) <= BLOCK
    np.testing.assert_array_equal(wet, counting(0, len(wet)))
    np.testing.assert_array_equal(dry, -counting(0, len(dry)))


FULL_DISK = """
import resource, sys, time
sys.path.insert(0, {tests!r})
from pathlib import Path
from takes import BLOCK, RATE, begin, push_counting
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
take = begin(Path({folder!r}), RATE)
for number in range(0, 1000, 100):
    push_counting(take, 100, start_block=number)
    while take.n_written < (number + 100) * BLOCK and not take.failed:
        time.sleep(0.01)
print(take.failed)
take.close()
print(take.failed, take.n_written, sep="; ")
"""


@pytest.mark.parametrize("limit", [100_000, 100_001, 2000])
def test_a_file_that_may_not_grow_stops_the_recording_alone(tmp_path, limit):
    """A limit on the size of files fails as a full disk does: with a part of the last write."""
    code = FULL_DISK.format(tests=str(Path(__file__).parent), folder=str(tmp_path), limit=limit)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    n_samples = (limit - HEADER_BYTES) // 3 // (100 * BLOCK) * 100 * BLOCK
    assert done.stdout.splitlines() == ["File too large", f"File too large; {n_samples}"]
    wet, dry = read_pair(next(tmp_path.iterdir()))
    np.testing.assert_array_equal(wet, counting(0, n_samples))
    np.testing.assert_array_equal(dry, -counting(0, n_samples))


def test_no_room_even_for_the_header_is_told_at_once(tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (HEADER_BYTES - 1, before[1]))
    try:
        with pytest.raises(AudioError, match="No space left"):
            begin(tmp_path, RATE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_one_file_that_fails_ends_both_at_the_same_sample(tmp_path, monkeypatch):
    write = LongWav.write

    def write_until_full(file, samples):
        if "dry" in file._file.name and file.n_samples >= BLOCK:
            write(file, samples[:100])
            raise OSError(28, "No space left on device")
        write(file, samples)

    monkeypatch.setattr(LongWav, "write", write_until_full)
    take = begin(tmp_path, RATE)
    push_counting(take, 1)
    wait_until(lambda: take.n_written == BLOCK)
    push_counting(take, 1, start_block=1)
    wait_until(lambda: take.failed)
    take.close()
    wet, dry = read_pair(take.folder)
    assert take.failed == "No space left on device"
    assert len(wet) == len(dry) == BLOCK + 100


def test_blocks_of_different_lengths_are_a_failure_and_not_a_shift(tmp_path):
    take = begin(tmp_path, RATE)
    with pytest.raises(ValueError, match="128 wet samples for 127 dry ones"):
        take.push(counting(0, BLOCK), counting(0, BLOCK - 1))
    push_counting(take, 1)
    take.close()
    wet, dry = read_pair(take.folder)
    np.testing.assert_array_equal(wet, -dry)
    assert len(wet) == BLOCK
