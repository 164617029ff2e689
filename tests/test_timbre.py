import numpy as np
import pytest
import signals

from training.timbre import Cloud, cloud, compare, cosines, mel_bands, mfcc

RATE = 48000


def saw(f0_hz, seconds=1.0, n_harmonics=30):
    curve = np.full(round(seconds * RATE), f0_hz)
    return signals.harmonic(curve, RATE, [1.0 / k for k in range(1, n_harmonics + 1)])


def test_the_transform_is_orthonormal():
    np.testing.assert_allclose(cosines(40) @ cosines(40).T, np.eye(40), atol=1e-12)


def test_a_flat_spectrum_is_flat_in_every_mel_band():
    # Unit area: noise of 1 per hertz gives 1 per band, whatever its width (bins are 0.98 Hz).
    size = 49152
    sums = mel_bands(RATE, size).sum(axis=1) * RATE / size
    np.testing.assert_allclose(sums, 1.0, rtol=1e-2)


def test_bands_end_at_nyquist():
    bands = mel_bands(16000, 688)
    assert bands.shape == (40, 345)
    assert (bands.sum(axis=1) > 0).all()


def test_frames_by_hand():
    # The cosine transform of a log spectrum in mel bands that is itself a cosine, number 3, is 3.
    audio = saw(220.0)
    found, time_s = mfcc(audio, RATE)
    size = 2064
    frame = audio[:size] * np.hanning(size + 1)[:-1]
    bands = mel_bands(RATE, size) @ np.abs(np.fft.rfft(frame)) ** 2
    log_bands = np.log(bands + 1e-10 * bands.sum())
    n = np.arange(40)
    third = np.sqrt(2 / 40) * np.sum(log_bands * np.cos(np.pi * 3 * (n + 0.5) / 40))
    assert found[0, 2] == pytest.approx(third)
    assert found.shape == (1 + (RATE - size) // (size // 2), 13)
    assert time_s[0] == size / 2 / RATE


def test_level_does_not_count():
    audio = saw(220.0)
    np.testing.assert_allclose(mfcc(audio, RATE)[0], mfcc(1e-3 * audio, RATE)[0], atol=1e-5)


def test_silence_has_no_frames():
    assert mfcc(np.zeros(RATE, np.float32), RATE)[0].shape == (0, 13)
    assert mfcc(np.zeros(100, np.float32), RATE)[0].shape == (0, 13)
    rest = np.concatenate([saw(220.0), np.zeros(RATE, np.float32)])
    assert len(mfcc(rest, RATE)[0]) <= len(mfcc(saw(220.0), RATE)[0]) + 2  # frames across the edge


def test_frames_know_their_note():
    # A second of A3, a second of nothing asked for, a second of A4.
    audio = np.concatenate([saw(220.0), saw(300.0), saw(440.0)])
    time_s = np.arange(300) / 100
    f0_hz = np.repeat([220.0, 0.0, 440.0], 100)
    found = cloud(audio, RATE, time_s, f0_hz)
    assert set(np.round(found.midi, 6)) == {57.0, 69.0}
    assert len(found.midi) == pytest.approx(2 * RATE / 1032, abs=2)
    middle = mfcc(saw(440.0), RATE)[0][5]
    np.testing.assert_allclose(found.frames[-5], middle, atol=0.2)


def slide(seconds, shares, low_hz=220.0):
    """An octave up: a cloud of timbres, not a few points."""
    curve = np.geomspace(low_hz, 2.0 * low_hz, round(seconds * RATE))
    audio = signals.harmonic(curve, RATE, [share / k for k, share in enumerate(shares, 1)])
    return cloud(audio, RATE, np.arange(0.0, seconds, 0.01), curve[:: RATE // 100])


def joined(*clouds):
    return Cloud(*(np.concatenate(parts) for parts in zip(*clouds, strict=True)))


ALL, ODD = [1.0] * 30, [1.0, 0.0] * 15


def test_a_voice_that_sounds_like_the_instrument_is_near_it():
    found = compare(slide(3.0, ODD), slide(2.5, ALL), slide(4.0, ALL))
    assert found is not None
    assert found.ratio < 1 / 3
    nothing_done = compare(slide(3.0, ODD), slide(3.0, ODD), slide(4.0, ALL))
    assert nothing_done is not None
    assert nothing_done.ratio == pytest.approx(1.0, abs=1e-3)


def test_recordings_are_heard_at_the_pitches_of_the_song():
    # An instrument that is hollow in its upper octave, and a perfect voice on a low song.
    low, high = slide(2.0, ALL), slide(6.0, ODD, 440.0)
    instrument = joined(low, high)
    found = compare(slide(3.0, ODD), slide(3.0, ALL), instrument)
    assert found is not None
    assert found.output < 0.1
    assert found.output_at_any_pitch > 0.3
    assert found.singer > 3 * found.output


def test_notes_count_as_often_as_the_song_asks_for_them():
    # The recordings play high most of the time, the song low; the voice is perfect on every note.
    instrument = joined(slide(2.0, ALL), slide(6.0, ODD, 440.0))
    perfect = joined(slide(6.0, ALL), slide(0.5, ODD, 440.0))
    found = compare(perfect, perfect, instrument)
    assert found is not None
    assert found.output < 0.1
    assert found.output_at_any_pitch > 0.3


def test_a_song_outside_of_the_recordings_range_has_no_distance():
    assert compare(slide(3.0, ODD, 880.0), slide(3.0, ALL, 880.0), slide(4.0, ALL)) is None


def test_too_little_sound_has_no_distance():
    assert compare(slide(0.2, ALL), slide(3.0, ALL), slide(3.0, ALL)) is None
