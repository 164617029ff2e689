"""Recorded time is dealt once, in shares, over the whole range of the instrument."""

import numpy as np
import pytest

from training.splits import PlayedSpan, Shares, deal_room

SHARES = Shares(validation=0.12, test=0.06)


def notes(n_pitches, n_dynamics, length=900):
    """A folder of single notes: every pitch in every dynamic, pitch by pitch."""
    played = [(60.0 + p, -30.0 + 5.0 * d) for p in range(n_pitches) for d in range(n_dynamics)]
    return [PlayedSpan(0, length, pitch, loudness) for pitch, loudness in played]


def split_of(spans, shares=SHARES):
    return np.array([stretches[0].split for stretches in deal_room(spans, 375.0, shares)])


def test_notes_go_whole_in_the_shares_that_were_asked_for():
    spans = notes(40, 4)
    dealt = deal_room(spans, 375.0, SHARES)
    assert all(len(stretches) == 1 for stretches in dealt)
    splits = split_of(spans)
    assert np.mean(splits == "validation") == pytest.approx(0.12, abs=0.015)
    assert np.mean(splits == "test") == pytest.approx(0.06, abs=0.015)


@pytest.mark.parametrize("n_dynamics", [1, 2, 4, 8])
@pytest.mark.parametrize("split", ["validation", "test"])
def test_what_is_held_back_is_spread_over_pitch_and_dynamics(n_dynamics, split):
    spans = notes(48, n_dynamics)
    held_back = [span for span, s in zip(spans, split_of(spans), strict=True) if s == split]
    octaves = np.bincount([int(span.pitch_midi - 60) // 12 for span in held_back], minlength=4)
    assert octaves.max() - octaves.min() <= 2
    assert octaves.min() >= 1 or len(held_back) < 5
    dynamics = {span.loudness_db for span in held_back}
    assert len(dynamics) >= min(n_dynamics, 3)


def test_the_order_of_the_files_does_not_matter():
    spans = notes(30, 2)
    order = np.random.default_rng(0).permutation(len(spans))
    shuffled = split_of([spans[n] for n in order])
    assert (shuffled == split_of(spans)[order]).all()


def test_long_spans_give_their_end_and_nothing_twice():
    (stretches,) = deal_room([PlayedSpan(100, 10_100, 60.0, -20.0)], 375.0, SHARES)
    assert [s.split for s in stretches] == ["train", "validation", "test"]
    assert [s[:2] for s in stretches] == [(100, 8300), (8300, 9500), (9500, 10_100)]


def test_a_few_short_spans_give_their_ends():
    dealt = deal_room(notes(3, 1, length=5000), 375.0, SHARES)
    assert [len(stretches) for stretches in dealt] == [3, 3, 3]


def test_nothing_is_held_back_where_nothing_is_asked_for():
    assert set(split_of(notes(30, 2), Shares(0.0, 0.0))) == {"train"}
