import resource
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from ddsp_core.errors import AudioError
from realtime import long_wav, recorder
from realtime.long_wav import FULL_SCALE, HEADER_BYTES, LongWav, header, to_pcm24
from realtime.recorder import Recorder

RATE = 48000
BLOCK = 128


def counting(start: int, n_samples: int) -> np.ndarray:
    """Samples that tell their own number: exact in 24 bits up to 8 million."""
    return (np.arange(start, start + n_samples, dtype=np.float32) + 1) / FULL_SCALE


def push_counting(take: Recorder, n_blocks: int, start_block: int = 0, size: int = BLOCK) -> None:
    for number in range(start_block, start_block + n_blocks):
        block = counting(number * size, size)
        take.push(block, -block)


def read_pair(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    (wet, wet_rate), (dry, dry_rate) = (
        soundfile.read(folder / name, dtype="float32") for name in ("wet.wav", "dry.wav")
    )
    assert wet_rate == dry_rate == RATE
    return wet, dry


def wait_until(condition, limit_s: float = 5.0) -> None:
    end_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end_s, "it did not happen"
        time.sleep(0.01)


def test_every_sample_of_both_arrives_in_order(tmp_path):
    take = Recorder(tmp_path, RATE)
    for size in (1, 16, 480, 8192):
        push_counting(take, 3, size=size)
    take.close()
    wet, dry = read_pair(take.folder)
    expected = np.concatenate([counting(0, 3 * size) for size in (1, 16, 480, 8192)])
    np.testing.assert_array_equal(wet, expected)
    np.testing.assert_array_equal(dry, -expected)
    assert take.failed is None
    assert take.seconds_written == len(expected) / RATE


def test_files_are_24_bit_wav(tmp_path):
    take = Recorder(tmp_path, 44100)
    take.close()
    info = soundfile.info(take.folder / "wet.wav")
    assert (info.format, info.subtype, info.samplerate) == ("WAV", "PCM_24", 44100)
    assert (info.channels, info.frames) == (1, 0)


def test_blocks_are_copied(tmp_path):
    take = Recorder(tmp_path, RATE)
    block = counting(0, BLOCK)
    take.push(block, block)
    block[:] = 9.0
    take.close()
    np.testing.assert_array_equal(read_pair(take.folder)[0], counting(0, BLOCK))


def test_takes_of_the_same_second_do_not_overwrite_each_other(tmp_path):
    takes = [Recorder(tmp_path / "new" / "folder", RATE) for _ in range(3)]
    for number, take in enumerate(takes):
        push_counting(take, number + 1)
        take.close()
    assert len({take.folder for take in takes}) == 3
    for number, take in enumerate(takes):
        assert len(read_pair(take.folder)[0]) == (number + 1) * BLOCK


def test_closing_twice_is_closing_once_and_later_blocks_are_ignored(tmp_path):
    take = Recorder(tmp_path, RATE)
    push_counting(take, 1)
    take.close()
    push_counting(take, 1)
    take.close()
    assert len(read_pair(take.folder)[0]) == BLOCK
    assert take.failed is None


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_folder_that_cannot_be_made_is_an_error_for_people(tmp_path, name):
    (tmp_path / "file").touch()
    with pytest.raises(AudioError, match=r"cannot be written \(.*\): a folder on a disk with room"):
        Recorder(tmp_path / name, RATE)


def test_files_are_playable_while_the_take_runs(tmp_path):
    take = Recorder(tmp_path, RATE)
    push_counting(take, 10)
    wait_until(lambda: take.seconds_written > 0)
    wet, dry = read_pair(take.folder)
    assert len(wet) == len(dry) == 10 * BLOCK
    take.close()


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
    take = Recorder(tmp_path, RATE, queue_s=10 * BLOCK / RATE)
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
    monkeypatch.setattr(recorder, "WRITE_EVERY_S", 60.0)
    take = Recorder(tmp_path, RATE, queue_s=1.0)
    push_counting(take, 2)
    take._n_missing = 2 * BLOCK + RATE
    push_counting(take, 2, start_block=2)
    take.close()
    gap = np.zeros(2 * BLOCK + RATE, np.float32)
    parts = (counting(0, 2 * BLOCK), gap, counting(2 * BLOCK, 2 * BLOCK))
    np.testing.assert_array_equal(read_pair(take.folder)[0], np.concatenate(parts))


def test_a_disk_that_hangs_does_not_hang_the_program(tmp_path, monkeypatch):
    disk = StalledDisk(monkeypatch)
    monkeypatch.setattr(recorder, "CLOSE_LIMIT_S", 0.05)
    take = Recorder(tmp_path, RATE)
    push_counting(take, 1)
    take.close()
    assert take.failed == "the disk did not answer for 0.05 s"
    disk.is_stalled = False
    take._thread.join()


KILLED = """
import sys, time
sys.path.insert(0, {tests!r})
from pathlib import Path
from test_recorder import BLOCK, RATE, Recorder, push_counting
take = Recorder(Path({folder!r}), RATE)
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
from test_recorder import BLOCK, RATE, Recorder, push_counting
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
take = Recorder(Path({folder!r}), RATE)
for number in range(0, 1000, 100):
    push_counting(take, 100, start_block=number)
    while take.n_written < (number + 100) * BLOCK and not take.failed:
        time.sleep(0.01)
print(take.failed)
take.close()
print(take.failed, take.n_written, sep="; ")
"""


@pytest.mark.parametrize("limit", [100_000, 100_001, HEADER_BYTES])
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
            Recorder(tmp_path, RATE)
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
    take = Recorder(tmp_path, RATE)
    push_counting(take, 1)
    wait_until(lambda: take.n_written == BLOCK)
    push_counting(take, 1, start_block=1)
    wait_until(lambda: take.failed)
    take.close()
    wet, dry = read_pair(take.folder)
    assert take.failed == "No space left on device"
    assert len(wet) == len(dry) == BLOCK + 100


def test_blocks_of_different_lengths_are_a_failure_and_not_a_shift(tmp_path):
    take = Recorder(tmp_path, RATE)
    take.push(counting(0, BLOCK), counting(0, BLOCK - 1))
    take.close()
    assert "128 wet samples for 127 dry ones" in str(take.failed)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(width=32), max_size=50))
def test_pcm_is_what_libsndfile_makes_of_it(tmp_path_factory, values):
    samples = np.array(values, np.float32)
    path = tmp_path_factory.getbasetemp() / "pcm.wav"
    path.unlink(missing_ok=True)
    file = LongWav(path, RATE)
    try:
        file.write(samples)
    finally:
        file.close(file.n_samples)
    read, _ = soundfile.read(path, dtype="float32")
    limit = 1.0 - 2.0**-23
    expected = np.clip(np.nan_to_num(samples, nan=0.0), -1.0, limit)
    assert read.shape == samples.shape
    # Half a step of 24 bits, by definition of rounding.
    np.testing.assert_allclose(read, expected, rtol=0, atol=2.0**-24)


def test_a_file_of_5_gib_plays_to_its_end(tmp_path):
    n_samples = 5 * 2**30 // 3
    path = tmp_path / "long.wav"
    with path.open("wb") as file:  # a hole: no disk is filled
        file.write(header(n_samples, RATE))
        file.seek(HEADER_BYTES + 3 * (n_samples - 1))
        file.write(to_pcm24(np.array([0.5], np.float32)))
    with soundfile.SoundFile(path) as long:
        assert (long.format, long.frames) == ("RF64", n_samples)
        long.seek(n_samples - 2)
        np.testing.assert_array_equal(long.read(), [0.0, 0.5])


def test_the_header_changes_kind_exactly_where_32_bits_end():
    around = (2**32 - 1) // 3
    for n_samples in range(around - 40, around + 10):
        n_bytes = HEADER_BYTES + 3 * n_samples
        riff_size = n_bytes + n_bytes % 2 - 8
        kind, size = struct.unpack_from("<4sI", header(n_samples, RATE))
        fits = riff_size < 2**32
        assert (kind, size) == ((b"RIFF", riff_size) if fits else (b"RF64", 2**32 - 1))


def test_a_take_that_becomes_long_changes_on_the_fly(tmp_path, monkeypatch):
    monkeypatch.setattr(long_wav, "MAX_WAV_BYTES", HEADER_BYTES - 8 + 3 * 2 * BLOCK)
    take = Recorder(tmp_path, RATE)
    kinds = []
    for number in range(3):
        push_counting(take, 1, start_block=number)
        wait_until(lambda n=number: take.n_written == (n + 1) * BLOCK)
        kinds.append(soundfile.info(take.folder / "wet.wav").format)
        np.testing.assert_array_equal(read_pair(take.folder)[0], counting(0, (number + 1) * BLOCK))
    take.close()
    assert kinds == ["WAV", "WAV", "RF64"]
    np.testing.assert_array_equal(read_pair(take.folder)[1], -counting(0, 3 * BLOCK))


def test_the_file_ends_on_an_even_byte(tmp_path):
    for n_samples in (1, 2):
        path = tmp_path / f"{n_samples}.wav"
        file = LongWav(path, RATE)
        file.write(counting(0, 2))
        file.close(n_samples)
        assert path.stat().st_size % 2 == 0
        assert soundfile.info(path).frames == n_samples
