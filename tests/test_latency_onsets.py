"""The onset detector and the 12 tests, with known answers."""

from functools import partial

import numpy as np
import pytest
import signals

from realtime.latency_onsets import FLOOR_DB, RISE_DB, find_onset, rise_db
from realtime.latency_sounds import (
    DECAY_DB,
    HEARD_S,
    MISSED_S,
    SILENCE_S,
    TESTS,
    OnsetTest,
    draw,
    in_a_row,
    run_test,
)

RATE = 48000
NOISE = OnsetTest("noise", 4096, 0.0)
MS = RATE // 1000


def delayed(audio: np.ndarray, by: int) -> np.ndarray:
    return np.concatenate((np.zeros(by, np.float32), audio))[: len(audio)]


@pytest.mark.parametrize("at", [0, 1, 999, 5000])
@pytest.mark.parametrize("f0_hz", [700.0, 2000.0, 9000.0])
def test_a_tone_is_found_where_it_begins(at: int, f0_hz: float) -> None:
    tone = delayed(signals.tone(f0_hz, 0.2, RATE), at)
    onset = find_onset(tone, RATE)
    assert onset is not None
    assert at < onset <= at + 12, "the detector's own delay is a quarter of a millisecond at most"


def test_a_click_is_found_where_it_is_if_it_is_loud_enough() -> None:
    assert find_onset(signals.click(0.1, RATE, 0.05), RATE) in range(2400, 2403)
    assert find_onset(signals.click(0.1, RATE, 0.05, 10.0 ** (FLOOR_DB / 20)), RATE) is None


def test_silence_and_what_is_softer_than_the_floor_have_no_onset() -> None:
    assert find_onset(signals.silence(0.2, RATE), RATE) is None
    assert find_onset(signals.tone(2000.0, 0.2, RATE, 0.9 * 10.0 ** (FLOOR_DB / 20)), RATE) is None


def test_a_slow_swell_is_no_onset_and_a_leap_of_less_than_16_db_is_none() -> None:
    level_db = np.linspace(FLOOR_DB, -10.0, 2 * RATE)
    swell = signals.tone(3000.0, 2.0, RATE, 1.0) * 10.0 ** (level_db / 20.0)
    assert find_onset(swell.astype(np.float32), RATE) is None
    tone = signals.tone(3000.0, 1.0, RATE, 1.0)
    for leap_db, is_onset in ((10.0, False), (24.0, True)):
        tone_db = np.where(np.arange(RATE) < RATE // 2, -30.0, -30.0 + leap_db)
        rise = rise_db((tone * 10.0 ** (tone_db / 20.0)).astype(np.float32), RATE)
        assert (rise[RATE // 2 - 100 :].max() >= RISE_DB) == is_onset


def test_low_tones_are_heard_by_what_they_have_above_600_hz() -> None:
    low = signals.tone(60.0, 0.2, RATE, 0.1)
    assert find_onset(low, RATE) is None
    rich = signals.rich_tone(60.0, 0.2, RATE, 40, 0.5)
    assert find_onset(rich, RATE) is not None


@pytest.mark.parametrize("by", [0, 5 * MS, 20 * MS])
def test_a_pure_delay_has_that_latency_and_no_jitter_of_its_own(by: int) -> None:
    onsets = run_test(NOISE, partial(delayed, by=by), RATE, n_runs=20)
    own = run_test(NOISE, lambda stream: stream, RATE, n_runs=20)
    assert onsets.n_missed == 0
    np.testing.assert_array_equal(np.array(onsets.lags) - by, own.lags)
    assert 0 < np.mean(own.lags) < 0.25 * MS
    assert np.std(own.lags) < 0.1 * MS


def test_what_comes_out_late_or_never_is_missed() -> None:
    late = partial(delayed, by=round(MISSED_S * RATE))
    assert run_test(NOISE, late, RATE, n_runs=5).n_missed == 5
    assert run_test(NOISE, np.zeros_like, RATE, n_runs=5) == (NOISE, [], 5)

    def deaf_to_the_third(stream: np.ndarray) -> np.ndarray:
        sounding = np.flatnonzero(stream)
        begins = sounding[np.diff(sounding, prepend=-RATE) > 0.4 * RATE]
        out = stream.copy()
        out[begins[2] : begins[3]] = 0.0
        return out

    found = run_test(NOISE, deaf_to_the_third, RATE, n_runs=5)
    assert (found.n_missed, len(found.lags)) == (1, 4)


def test_jitter_is_seen() -> None:
    def uneven(stream: np.ndarray) -> np.ndarray:
        half = len(stream) // 2
        return np.concatenate((delayed(stream[:half], 5 * MS), delayed(stream[half:], 9 * MS)))

    lags_ms = np.array(run_test(NOISE, uneven, RATE, n_runs=40).lags) / MS
    assert np.mean(lags_ms) == pytest.approx(7.0, abs=0.5)
    assert np.std(lags_ms) == pytest.approx(2.0, abs=0.2)


def test_there_are_twelve_tests_and_their_sounds_are_what_they_say() -> None:
    assert len(set(TESTS)) == 12
    random = np.random.default_rng(1)
    for test in (*TESTS, OnsetTest("stack", 4096, -6.0)):
        sound = draw(test, RATE, random)
        assert (sound.shape, sound.dtype) == ((test.n_samples,), np.float32)
        begin, heard = sound[: RATE // 20], round(HEARD_S * RATE)
        assert -13.0 < 20 * np.log10(np.abs(begin).max()) - test.level_db <= 0.0
        end_db = test.level_db + DECAY_DB * min(1.0, heard / test.n_samples)
        end = sound[: min(heard, test.n_samples)][-RATE // 100 :]
        assert 20 * np.log10(np.abs(end).max()) == pytest.approx(end_db, abs=15.0)


def test_starts_lie_anywhere_and_silence_is_between() -> None:
    random = np.random.default_rng(2)
    sounds = [np.ones(RATE, np.float32)] * 200
    stream, starts = in_a_row(sounds, RATE, random)
    n_heard = round(HEARD_S * RATE)
    assert all(stream[at - 1] == 0 and (stream[at : at + n_heard] == 1).all() for at in starts)
    assert stream.sum() == 200 * n_heard
    gaps_s = (np.diff(starts) - n_heard) / RATE
    assert gaps_s.min() >= SILENCE_S[0] - 1e-3
    assert gaps_s.max() <= SILENCE_S[1] + 1e-3
    in_block = starts % 128
    assert len(set(in_block // 16)) == 8
    assert 40 < in_block.mean() < 88


def test_equal_seeds_draw_equal_sounds() -> None:
    one, again, other = (run_test(NOISE, np.copy, RATE, 3, seed).lags for seed in (1, 1, 2))
    assert one == again != other
