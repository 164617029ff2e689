"""What a take is made of: FLAC whose writer dies, text that is cut off, memory of the past."""

import os
import signal

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from takes import RATE, counting

from realtime.long_flac import LongFlac, count_samples, cut_flac
from realtime.long_wav import LongWav, count_wav_samples
from realtime.pcm import to_integers
from realtime.take_notes import LineFile, read_events, read_features
from realtime.take_ring import Ring


def killed_flac(path, n_samples, bits, n_channels):
    """A child writes so many samples and is killed."""
    child = os.fork()
    if child == 0:
        file = LongFlac(path, RATE, n_channels, bits)
        for start in range(0, n_samples, 9600):
            block = counting(start, min(9600, n_samples - start))
            file.write(np.repeat(block[:, None], n_channels, 1) if n_channels > 1 else block)
            file.commit()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


@pytest.mark.parametrize(("bits", "n_channels"), [(24, 1), (24, 2), (16, 2)])
def test_a_flac_file_whose_writer_was_killed_plays_but_for_its_last_frame(
    tmp_path, bits, n_channels
):
    path = tmp_path / "a.flac"
    killed_flac(path, 50_000, bits, n_channels)
    read, _ = soundfile.read(path, dtype="float32", always_2d=True)
    assert 0 <= 50_000 - len(read) <= 4096
    assert count_samples(path) == len(read)
    expected = to_integers(counting(0, len(read)), bits) / 2 ** (bits - 1)
    np.testing.assert_array_equal(read, np.repeat(expected[:, None], n_channels, 1))


def test_a_flac_file_ends_where_it_is_told(tmp_path):
    for n_kept in (20_000, 12_345, 0):
        path = tmp_path / f"{n_kept}.flac"
        file = LongFlac(path, RATE)
        file.write(counting(0, 20_000))
        file.commit()
        file.close(n_kept)
        assert count_samples(path) == n_kept
        if n_kept:
            np.testing.assert_array_equal(
                soundfile.read(path, dtype="float32")[0], counting(0, n_kept)
            )
    path = tmp_path / "20000.flac"
    cut_flac(path, 30_000)
    assert count_samples(path) == 20_000
    cut_flac(path, 777)
    assert len(soundfile.read(path)[0]) == 777


def test_a_flac_file_of_hours_keeps_its_count(tmp_path):
    path = tmp_path / "a.flac"
    file = LongFlac(path, RATE)
    file.write(counting(0, 100))
    file.close(100)
    with path.open("r+b") as raw:
        raw.seek(21)
        first = raw.read(1)[0]
        raw.seek(21)
        raw.write(bytes([first & 0xF0 | 3]))  # 36 bits: 74 hours at 48 kHz
    assert count_samples(path) == 3 * 2**32 + 100
    cut_flac(path, 100)
    np.testing.assert_array_equal(soundfile.read(path, dtype="float32")[0], counting(0, 100))


def test_a_wav_file_is_gone_on_with_behind_its_last_whole_sample(tmp_path):
    path = tmp_path / "a.wav"
    first = LongWav(path, RATE, 2, 32)
    stereo = np.column_stack((counting(0, 300), counting(300, 300)))
    first.write(stereo[:100])
    first._file.write(b"half")  # killed in the middle of a sample, before the header was renewed
    first._file.close()
    again = LongWav(path, RATE, 2, 32, go_on=True)
    assert again.n_samples == 100
    again.write(stereo[100:])
    again.close(again.n_samples)
    read, _ = soundfile.read(path, dtype="float32")
    np.testing.assert_array_equal(read, stereo)
    assert count_wav_samples(path) == 300


@pytest.mark.parametrize("content", [b"", b"RIFF", b"x" * 100])
def test_what_is_no_file_of_ours_is_said(tmp_path, content):
    path = tmp_path / "a"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="not a WAV"):
        count_wav_samples(path)
    if content:
        with pytest.raises(ValueError, match="not a FLAC"):
            count_samples(path)


def test_lines_that_are_not_whole_are_left_out_and_written_behind(tmp_path):
    events, features = tmp_path / "events.jsonl", tmp_path / "features.csv"
    events.write_bytes(
        b'{"sample": 7, "kind": "midi"}\n{"sample": 3}\nnoise\n[1]\n{"sample": 9, "k'
    )
    features.write_bytes(b"sample,f0_hz,confidence,loudness_db\n128,440.0,0.9,-20.0\n256,44")
    assert [event["sample"] for event in read_events(tmp_path)] == [3, 7]
    np.testing.assert_array_equal(read_features(tmp_path), [[128, 440.0, 0.9, -20.0]])
    again = LineFile(events)
    again.write(['{"sample": 11}'])
    again.close()
    assert [event["sample"] for event in read_events(tmp_path)] == [3, 7, 11]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 30), max_size=20), st.integers(1, 2))
def test_a_ring_has_the_newest_rows(sizes, n_columns):
    ring = Ring(30, n_columns)
    whole = np.arange(n_columns * sum(sizes), dtype=np.float32).reshape(-1, n_columns)
    for size in sizes:
        ring.put(whole[ring.n : ring.n + size])
        assert ring.oldest == max(ring.n - 30, 0)
        for start in range(ring.oldest, ring.n + 1):
            np.testing.assert_array_equal(ring.get(start, ring.n), whole[start : ring.n])
