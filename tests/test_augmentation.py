import numpy as np
import pytest

from ddsp_core.units import cents_between
from tests import signals
from training.augmentation import Batch, faster, louder, rounded, source_frames

SAMPLE_RATE, HOP_SIZE = 48000, 128


def window(f0_hz: np.ndarray, audio: np.ndarray) -> Batch:
    n = len(f0_hz)
    curves = (np.full((1, n), value, np.float32) for value in (-20.0, 1.0))
    return Batch(
        f0_hz[None].astype(np.float32), *curves, audio[None].astype(np.float32), np.zeros(1, int)
    )


@pytest.mark.parametrize("semitones", [-0.7, -0.1, 0.3, 2.0])
def test_played_faster_a_tone_sounds_where_its_f0_says(semitones):
    n_frames = 375
    n_source = source_frames(n_frames, semitones)
    audio = signals.tone(440.0, n_source * HOP_SIZE / SAMPLE_RATE, SAMPLE_RATE)
    moved = faster(window(np.full(n_source, 440.0), audio), n_frames)
    assert moved.audio.shape == (1, n_frames * HOP_SIZE)
    spectrum = np.abs(np.fft.rfft(moved.audio[0] * np.hanning(n_frames * HOP_SIZE)))
    at = np.argmax(spectrum)
    left, peak, right = np.log(spectrum[at - 1 : at + 2])
    heard_hz = at + (left - right) / (left - 2 * peak + right) / 2  # bins are 1 Hz apart
    assert abs(cents_between(heard_hz, moved.f0_hz[0, 100])) < 1.0
    assert abs(12 * np.log2(heard_hz / 440.0) - semitones) < 0.03


def test_features_stay_with_the_audio():
    n_source, n_frames = 600, 577
    step = 400
    audio = np.zeros(n_source * HOP_SIZE)
    audio[step * HOP_SIZE :] = 1.0
    f0_hz = np.where(np.arange(n_source) < step, 300.0, 600.0)
    moved = faster(window(f0_hz, audio), n_frames)
    heard_at = int(np.argmax(moved.audio[0] > 0.5)) / HOP_SIZE
    told_at = int(np.argmax(moved.f0_hz[0] > 450.0))
    assert abs(heard_at - told_at) <= 1.0
    ratio = n_source / n_frames  # a leap is not passed through
    assert np.all(np.isclose(moved.f0_hz, 300 * ratio) | np.isclose(moved.f0_hz, 600 * ratio))


def test_louder_moves_audio_and_loudness_alike():
    plain = window(np.full(10, 440.0), np.ones(10 * HOP_SIZE))
    softer = louder(plain, -20.0)
    np.testing.assert_allclose(softer.audio, 0.1 * plain.audio, rtol=1e-6)
    np.testing.assert_allclose(softer.loudness_db, plain.loudness_db - 20.0)


@pytest.mark.parametrize("semitones", [-0.7, 0.7])
def test_what_is_moved_keeps_the_noise_floor_of_its_recording(semitones):
    step = np.float32(2.0**-15)
    n_frames = 375
    n_source = source_frames(n_frames, semitones)
    audio = signals.rich_tone(440.0, n_source * HOP_SIZE / SAMPLE_RATE, SAMPLE_RATE)
    recorded = np.round(audio / step) * step
    moved = louder(faster(window(np.full(n_source, 440.0), recorded), n_frames), -18.0)

    def floor_db(samples):
        top = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))[-1000:]
        return 10 * np.log10(np.mean(top**2) / len(samples))

    assert floor_db(moved.audio[0]) < floor_db(recorded) - 15.0
    kept = rounded(moved, step).audio[0]
    assert abs(floor_db(kept) - floor_db(recorded)) < 3.0
