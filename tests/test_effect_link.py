"""A chain keeps the sound going: effects that fail, and effects that rest for an overload."""

from pathlib import Path

import numpy as np
import pytest
from effects import RATE, blocks_of, level_db, one, play, sine
from late_effect import Late

from benchmarks.measures import clicks
from realtime.effects.chain import Chain
from realtime.effects.link import MOST_FAILURES

TONE = sine(220.0, 1.0)
BLOCKS = blocks_of(128, len(TONE))


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 1e9, ValueError("dear me")])
def test_an_effect_that_goes_wrong_is_put_right(wrong: object) -> None:
    late = Late()
    alone = Chain([late], RATE)
    alone.process(TONE[None, :1000])
    late.wrong, resets = wrong, late.n_reset
    out = alone.process(TONE[None, 1000:1500])
    assert np.array_equal(out[0], TONE[900:1400])  # what went in, as late as the effect
    assert (alone.n_bad, late.n_reset) == (1, resets + 1)
    assert alone.problems()[0].startswith("late: put right 1 times")
    late.wrong = None
    alone.process(TONE[None, 1500:1600])
    assert np.array_equal(alone.process(TONE[None, 1600:1700])[0], 0.5 * TONE[1500:1600])


def test_one_that_fails_again_and_again_is_left_out_until_panic() -> None:
    late = Late()
    alone = Chain([late], RATE)
    late.wrong = ValueError("dear me")
    for n in range(2 * MOST_FAILURES):
        alone.process(TONE[None, 100 * n : 100 * (n + 1)])
    assert alone.n_bad == MOST_FAILURES
    assert alone.problems() == ["late: left out: ValueError: dear me"]
    late.wrong = None
    alone.reset()
    alone.process(TONE[None, :500])
    assert np.array_equal(alone.process(TONE[None, 500:600])[0], 0.5 * TONE[400:500])


def test_stereo_from_anywhere_is_seen_as_it_lies() -> None:
    """An effect may hand out a view, whose rows do not follow one another in memory."""
    late = Late(latency=200)
    late.process = lambda block: np.repeat(block, 4, axis=1)[:, ::4]  # type: ignore[method-assign]
    alone = Chain([late], RATE)
    assert np.array_equal(play(alone, TONE, BLOCKS)[0], TONE)


def test_relief_takes_out_the_expensive_and_brings_them_back_in_turn() -> None:
    names = [("a", False), ("b", True), ("c", True), ("d", False)]
    chain = Chain([Late(name, 0, is_expensive=dear) for name, dear in names], RATE)
    chain.bypass("d", True)
    assert [chain.relieve() for _ in range(4)] == ["c", "b", "", ""]
    assert [chain.restore() for _ in range(4)] == ["b", "c", "", ""]


def test_a_relieved_room_goes_and_comes_back_without_a_click(tmp_path: Path) -> None:
    room = one("room", tmp_path, mix=0.5)
    out = play(room, TONE, BLOCKS, {9600: Chain.relieve, 24_000: Chain.restore})
    assert np.array_equal(out[0, 12_000:24_000], TONE[12_000:24_000])
    assert level_db(out[:, 36_000:]) != level_db(TONE[36_000:])
    assert clicks(out[0, 4800:], RATE).worst_ratio < 4.0


def test_a_late_effect_is_as_late_while_it_rests() -> None:
    late = Late(latency=300)
    alone = Chain([late], RATE)
    parts = []
    for n, start in enumerate(range(0, 36_000, 100)):
        if n == 100:
            alone.relieve()
        if n == 200:
            played = late.n_played
            alone.restore()
        parts.append(alone.process(TONE[None, start : start + 100])[0])
    out = np.concatenate(parts)
    assert played < 150  # it rested
    assert np.array_equal(out[13_000:20_000], TONE[12_700:19_700])  # not later, not earlier
    assert np.array_equal(out[22_000:36_000], 0.5 * TONE[21_700:35_700])


def test_bypass_by_hand_outlasts_relief() -> None:
    late = Late(latency=0)
    alone = Chain([late], RATE)
    alone.relieve()
    alone.process(TONE[None, :4800])
    alone.bypass("late", True)
    alone.restore()
    alone.process(TONE[None, :4800])
    alone.process(TONE[None, :4800])
    assert late.is_bypassed
    alone.bypass("late", False)
    assert not late.is_bypassed
