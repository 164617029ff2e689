import numpy as np
import pytest
import signals

from training.timbre import (
    N_COEFFICIENTS,
    cosines,
    median_distance,
    mel_bands,
    mfcc,
    mmd,
    mmd_squared,
    timbre_distances,
)

RATE = 48000


def cloud(n, centre=0.0, seed=0):
    return np.random.default_rng(seed).normal(centre, 1.0, (n, N_COEFFICIENTS))


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
    found = mfcc(audio, RATE)
    size = 2064
    frame = audio[:size] * np.hanning(size + 1)[:-1]
    bands = mel_bands(RATE, size) @ np.abs(np.fft.rfft(frame)) ** 2
    log_bands = np.log(bands + 1e-10 * bands.sum())
    n = np.arange(40)
    third = np.sqrt(2 / 40) * np.sum(log_bands * np.cos(np.pi * 3 * (n + 0.5) / 40))
    assert found[0, 2] == pytest.approx(third)
    assert found.shape == (1 + (RATE - size) // (size // 2), 13)


def test_level_does_not_count():
    audio = saw(220.0)
    np.testing.assert_allclose(mfcc(audio, RATE), mfcc(1e-3 * audio, RATE), atol=1e-5)


def test_silence_has_no_frames():
    assert mfcc(np.zeros(RATE, np.float32), RATE).shape == (0, 13)
    assert mfcc(np.zeros(100, np.float32), RATE).shape == (0, 13)
    rest = np.concatenate([saw(220.0), np.zeros(RATE, np.float32)])
    assert len(mfcc(rest, RATE)) <= len(mfcc(saw(220.0), RATE)) + 2  # frames across the edge


def test_one_distribution_is_at_no_distance():
    # Unbiased: over many draws of one distribution the mean is 0 within its own error.
    found = [mmd_squared(cloud(60, seed=2 * n), cloud(60, seed=2 * n + 1), 5.0) for n in range(80)]
    error = np.std(found) / np.sqrt(len(found))
    assert abs(np.mean(found)) < 3 * error
    assert min(found) < 0.0


def test_two_distributions_are_apart_and_more_so_the_further():
    scale = median_distance(cloud(100), cloud(100, 1.0, seed=1))
    near, far = (mmd(cloud(100), cloud(100, centre, seed=1), scale) for centre in (0.5, 2.0))
    assert 0.1 < near < far <= np.sqrt(2.0)


def test_mmd_by_hand():
    # Two points each, on a line: k = exp(-d^2 / 2). Within: one pair each; across: four.
    x, y = np.array([[0.0], [1.0]]), np.array([[3.0], [5.0]])
    k = [np.exp(-(d**2) / 2) for d in (1.0, 2.0, 3.0, 5.0, 2.0, 4.0)]
    assert mmd_squared(x, y, 1.0) == pytest.approx(k[0] + k[1] - 2 * sum(k[2:]) / 4)


def test_the_middle_distance():
    # 0, 1, 3: the distances are 1, 2, 3.
    assert median_distance(np.array([[0.0], [1.0]]), np.array([[3.0]])) == pytest.approx(2.0)


def test_a_voice_that_sounds_like_the_instrument_is_near_it():
    # All slide over the same octave, at different speeds: a cloud each, not a few points.
    def slide(seconds, shares):
        curve = np.geomspace(220.0, 440.0, round(seconds * RATE))
        return signals.harmonic(curve, RATE, shares)

    saw_shares, odd_shares = ([w / k for k, w in enumerate(o * 15, 1)] for o in ([1, 1], [1, 0]))
    instrument, output = slide(4.0, saw_shares), slide(2.5, saw_shares)
    singer = slide(3.0, odd_shares)
    found = timbre_distances(singer, output, instrument, RATE)
    assert found is not None
    assert found.ratio < 1 / 3
    nothing_done = timbre_distances(singer, 0.5 * singer, instrument, RATE)
    assert nothing_done is not None
    assert nothing_done.ratio == pytest.approx(1.0, abs=1e-3)


def test_too_little_sound_has_no_distance():
    assert timbre_distances(saw(220.0, 0.2), saw(220.0), saw(220.0), RATE) is None
