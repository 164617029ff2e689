"""WAV files that grow beyond 4 GiB: their samples, their header and their last byte."""

import struct

import numpy as np
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from takes import RATE, counting

from realtime.long_wav import HEADER_BYTES, LongWav, header
from realtime.pcm import to_bytes


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
        file.write(to_bytes(np.array([0.5], np.float32), 24))
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


def test_the_file_ends_on_an_even_byte(tmp_path):
    for n_samples in (1, 2):
        path = tmp_path / f"{n_samples}.wav"
        file = LongWav(path, RATE)
        file.write(counting(0, 2))
        file.close(n_samples)
        assert path.stat().st_size % 2 == 0
        assert soundfile.info(path).frames == n_samples
