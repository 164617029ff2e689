"""Recordings: every sample arrives, in order, in files that play while the take still runs."""

import numpy as np
import pytest
import soundfile
from takes import BLOCK, RATE, begin, counting, push_counting, read_pair
from waiting import wait_until

from ddsp_core.errors import AudioError
from realtime import long_wav
from realtime.long_wav import HEADER_BYTES


def test_every_sample_of_both_arrives_in_order(tmp_path):
    take = begin(tmp_path, RATE)
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
    take = begin(tmp_path, 44100)
    take.close()
    info = soundfile.info(take.folder / "wet.wav")
    assert (info.format, info.subtype, info.samplerate) == ("WAV", "PCM_24", 44100)
    assert (info.channels, info.frames) == (1, 0)


def test_blocks_are_copied(tmp_path):
    take = begin(tmp_path, RATE)
    block = counting(0, BLOCK)
    take.push(block, block)
    block[:] = 9.0
    take.close()
    np.testing.assert_array_equal(read_pair(take.folder)[0], counting(0, BLOCK))


def test_takes_of_the_same_second_do_not_overwrite_each_other(tmp_path):
    takes = [begin(tmp_path / "new" / "folder", RATE) for _ in range(3)]
    for number, take in enumerate(takes):
        push_counting(take, number + 1)
        take.close()
    assert len({take.folder for take in takes}) == 3
    for number, take in enumerate(takes):
        assert len(read_pair(take.folder)[0]) == (number + 1) * BLOCK


def test_closing_twice_is_closing_once_and_later_blocks_are_ignored(tmp_path):
    take = begin(tmp_path, RATE)
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
        begin(tmp_path / name, RATE)


def test_files_are_playable_while_the_take_runs(tmp_path):
    take = begin(tmp_path, RATE)
    push_counting(take, 10)
    wait_until(lambda: take.seconds_written > 0)
    wet, dry = read_pair(take.folder)
    assert len(wet) == len(dry) == 10 * BLOCK
    take.close()


def test_a_take_that_becomes_long_changes_on_the_fly(tmp_path, monkeypatch):
    monkeypatch.setattr(long_wav, "MAX_WAV_BYTES", HEADER_BYTES - 8 + 3 * 2 * BLOCK)
    take = begin(tmp_path, RATE)
    kinds = []
    for number in range(3):
        push_counting(take, 1, start_block=number)
        wait_until(lambda n=number: take.n_written == (n + 1) * BLOCK)
        kinds.append(soundfile.info(take.folder / "wet.wav").format)
        np.testing.assert_array_equal(read_pair(take.folder)[0], counting(0, (number + 1) * BLOCK))
    take.close()
    assert kinds == ["WAV", "WAV", "RF64"]
    np.testing.assert_array_equal(read_pair(take.folder)[1], -counting(0, 3 * BLOCK))
