import numpy as np

from training.octaves import repaired_f0_hz

rng = np.random.default_rng(0)


def noisy(f0_hz, n_frames, cents=5.0):
    return (f0_hz * 2 ** (rng.normal(0.0, cents, n_frames) / 1200)).astype(np.float32)


def test_readings_that_agree_stay_bit_for_bit():
    live_hz = noisy(440.0, 100)
    np.testing.assert_array_equal(repaired_f0_hz(live_hz, noisy(440.0, 100)), live_hz)


def test_without_a_reference_nothing_changes():
    live_hz = noisy(440.0, 100)
    np.testing.assert_array_equal(repaired_f0_hz(live_hz, np.zeros(100, np.float32)), live_hz)


def test_common_fundamental_of_a_ringing_arpeggio():
    # 440, 550, 660 over a room that holds them all: the live tracker reads their bass, 110 Hz.
    reference_hz = np.repeat([440.0, 550.0, 660.0], 50).astype(np.float32)
    live_hz = noisy(110.0, 150)
    repaired_hz = repaired_f0_hz(live_hz, reference_hz)
    np.testing.assert_allclose(repaired_hz, live_hz * np.repeat([4, 5, 6], 50), rtol=1e-6)


def test_a_reference_that_slips_up_in_a_steady_note_is_not_believed():
    live_hz = noisy(523.0, 100)
    reference_hz = np.full(100, 523.0, np.float32)
    reference_hz[60:80] *= 2
    np.testing.assert_array_equal(repaired_f0_hz(live_hz, reference_hz), live_hz)


def test_a_reading_an_octave_high_comes_down():
    repaired_hz = repaired_f0_hz(noisy(880.0, 50), np.full(50, 440.0, np.float32))
    np.testing.assert_allclose(repaired_hz, 440.0, rtol=0.02)


def test_frames_without_reference_follow_within_the_note_only():
    live_hz = np.concatenate([noisy(220.0, 50), noisy(330.0, 50)])
    reference_hz = np.zeros(100, np.float32)
    reference_hz[:20] = 440.0
    repaired_hz = repaired_f0_hz(live_hz, reference_hz)
    np.testing.assert_allclose(repaired_hz[:50], live_hz[:50] * 2)
    np.testing.assert_array_equal(repaired_hz[50:], live_hz[50:])


def test_a_note_above_the_reach_of_the_reference_stays():
    live_hz = noisy(2637.0, 100)
    reference_hz = np.zeros(100, np.float32)
    reference_hz[::4] = 1318.5  # now and then it hears something an octave below
    np.testing.assert_array_equal(repaired_f0_hz(live_hz, reference_hz), live_hz)


def test_a_held_note_and_a_flutter_to_no_multiple_take_the_reference():
    reference_hz = np.repeat([587.0, 440.0, 247.0], 50).astype(np.float32)
    live_hz = noisy(reference_hz, 150)
    live_hz[50:60] = 587.0  # the note before, still ringing
    live_hz[120:126] = 941.0
    repaired_hz = repaired_f0_hz(live_hz, reference_hz)
    np.testing.assert_allclose(repaired_hz, reference_hz, rtol=0.02)
    calm = np.r_[0:50, 60:120, 126:150]
    np.testing.assert_array_equal(repaired_hz[calm], live_hz[calm])


def test_a_reference_an_octave_high_for_a_whole_note_is_not_believed():
    live_hz, reference_hz = noisy(523.0, 400), np.full(400, 1046.0, np.float32)
    kept_hz = repaired_f0_hz(live_hz, reference_hz, longest_echo=75.0)
    np.testing.assert_array_equal(kept_hz, live_hz)
    echo_hz = repaired_f0_hz(live_hz[:60], reference_hz[:60], longest_echo=75.0)
    np.testing.assert_allclose(echo_hz, 2 * live_hz[:60], rtol=1e-6)
