"""Windows find their neighbours again: shuffled, with rests, twice there, or with one missing."""

import numpy as np
import pytest
import signals

from training.overlaps import find_anchor, join_windows, paste

RATE = 16000
WINDOW, HOP = 4 * RATE, RATE


def windows(audio, window=WINDOW, hop=HOP):
    return [audio[at : at + window] for at in range(0, len(audio) - window + 1, hop)]


def joined(cut):
    """Recordings pasted together, longest first."""
    chains = join_windows(len(cut), lambda n: cut[n])
    pasted = [paste([cut[p.window] for p in chain], [p.start for p in chain]) for chain in chains]
    return sorted(pasted, key=len, reverse=True)


@pytest.fixture(scope="module")
def recordings():
    return [signals.noise(20.0, RATE, seed=1), signals.noise(12.0, RATE, seed=2)]


def shuffled(cut, seed=0):
    order = np.random.default_rng(seed).permutation(len(cut))
    return [cut[n] for n in order]


def test_shuffled_windows_become_their_recordings(recordings):
    cut = shuffled([w for audio in recordings for w in windows(audio)])
    assert len(cut) == 17 + 9
    for found, expected in zip(joined(cut), recordings, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_any_window_and_hop(recordings):
    found = joined(shuffled(windows(recordings[1], window=30011, hop=7001)))
    np.testing.assert_array_equal(found[0], recordings[1][: len(found[0])])
    assert len(found) == 1


def test_without_overlap_they_stay_apart(recordings):
    cut = windows(recordings[0], hop=WINDOW)
    assert [len(found) for found in joined(cut)] == [WINDOW] * 5


def test_a_missing_window_is_bridged(recordings):
    cut = windows(recordings[0])
    del cut[5]
    np.testing.assert_array_equal(joined(shuffled(cut))[0], recordings[0])


def test_a_window_that_is_there_twice_counts_once(recordings):
    cut = windows(recordings[0])
    chains = join_windows(len(cut) + 1, lambda n: [*cut, cut[3]][n])
    assert [len(chain) for chain in chains] == [17]


def test_rests_of_digital_silence_do_not_confuse(recordings):
    audio = recordings[0].copy()
    for start_s in (3.0, 8.5, 14.0):
        audio[round(start_s * RATE) : round((start_s + 2.5) * RATE)] = 0.0
    found = joined(shuffled(windows(audio)))
    assert len(found) == 1
    np.testing.assert_array_equal(found[0], audio)


def test_silence_alone_has_no_neighbours():
    assert find_anchor(np.zeros(1000, np.float32)) is None
    cut = [np.zeros(WINDOW, np.float32), signals.noise(4.0, RATE)]
    assert [len(found) for found in joined(cut)] == [WINDOW, WINDOW]


def test_a_sound_in_circles_loses_no_window():
    """200 samples a period, exactly: each window may stand before and after each other."""
    period = signals.noise(200 / RATE, RATE)
    cut = [np.tile(period, 330)[at : at + WINDOW] for at in (0, 50, 100, 150)]
    chains = join_windows(4, lambda n: cut[n])
    assert sorted(piece.window for chain in chains for piece in chain) == [0, 1, 2, 3]


def test_the_same_attack_in_two_recordings_is_no_overlap(recordings):
    earlier, later = recordings[0][:WINDOW].copy(), recordings[1][:WINDOW].copy()
    later[:2000] = earlier[WINDOW // 2 : WINDOW // 2 + 2000]
    assert [len(found) for found in joined([earlier, later])] == [WINDOW, WINDOW]
