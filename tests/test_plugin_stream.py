"""What the audio thread does with answers that are there, late, or never come."""

import numpy as np
import pytest
import signals

from benchmarks.measures import clicks
from realtime.effects import plugin_stream
from realtime.effects.pace import Pace
from realtime.effects.plugin_frames import FRAME, MAX_CHANGES
from realtime.effects.plugin_stream import PluginStream, StreamForm

RATE = 48_000
FORM = StreamForm(1, 1, RATE, 0, Pace())
TONE = signals.rich_tone(220.0, 1.0, RATE, peak=0.1)[np.newaxis]
DRY = np.pad(TONE, ((0, 0), (128, 0)))[:, :RATE]


class FakeLink:
    """Makes everything four times as loud, at once; some answers never come."""

    def __init__(self, missing=()):
        self.missing = frozenset(missing)
        self.is_hung = False
        self.frames, self.changes, self.resets, self.woken = {}, [], [], []

    def ask(self, number, question):
        self.frames[number] = 4 * question.frame
        self.changes.append(question.changes)
        self.resets.append(question.is_reset)

    def wake(self, number):
        self.woken.append(number)

    def answer(self, number):
        return None if number in self.missing else self.frames.get(number)


def stream(link, **more):
    return PluginStream(FORM, link, 1.0, is_in=True, **more)


def play(player, sound, size=128):
    parts = np.split(sound, range(size, sound.shape[1], size), axis=1)
    return np.concatenate([player.process(part) for part in parts], axis=1)


def worst(sound):
    return clicks(sound[0, 1000:], RATE).worst_ratio


def test_all_answers_in_time_are_the_plug_in_s_sound():
    link = FakeLink()
    player = stream(link)
    np.testing.assert_array_equal(play(player, TONE), 4 * DRY)
    assert player.n_late == 0
    assert link.woken == [*range(2, RATE // FRAME, 2), RATE // FRAME]  # once a block


@pytest.mark.parametrize("missing", [[300], [300, 301, 302], [300, 305], [300, 330, 331], [7]])
def test_a_late_answer_is_counted_and_replaced_by_the_dry_sound_without_a_click(missing):
    player = stream(FakeLink(missing))
    out = play(player, TONE)
    assert player.n_late == len(missing)
    start, end = (missing[0] + 1) * FRAME, (missing[-1] + 1) * FRAME
    np.testing.assert_array_equal(out[0, :start], 4 * DRY[0, :start])
    back = end + 60 * FRAME
    np.testing.assert_array_equal(out[0, back:], 4 * DRY[0, back:])
    quiet = out[0, start + 900 : start + 1000]
    np.testing.assert_allclose(quiet, DRY[0, start + 900 : start + 1000], atol=0.02)
    assert worst(out) < 1.25 * worst(TONE)


def test_while_bypassed_late_answers_change_nothing():
    player = stream(FakeLink(range(100, 400)))
    player.is_in = False
    out = play(player, TONE)
    np.testing.assert_array_equal(out[0, 2000:], DRY[0, 2000:])


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is told."""
    now = [1000.0]
    monkeypatch.setattr(plugin_stream.time, "monotonic", lambda: now[0])
    return now


def test_half_a_second_without_answers_is_a_hang(clock):
    link = FakeLink(range(100, 10_000))
    player = stream(link)
    play(player, TONE[:, : 100 * FRAME])
    for seconds, is_hung in ((0.49, False), (0.02, True)):
        play(player, TONE[:, : round(seconds * RATE)])
        clock[0] += seconds
        play(player, TONE[:, : 2 * FRAME])
        assert link.is_hung is is_hung


def test_who_is_called_faster_than_sound_goes_is_neither_hung_nor_late(clock):
    link = FakeLink(range(10_000))
    player = stream(link)
    play(player, TONE)
    assert not link.is_hung
    assert player.n_late > 700
    assert player.late_share < 0.001


def test_answers_that_had_time_to_come_are_late_for_some_seconds(clock):
    player = stream(FakeLink(range(100, 200)))
    for number in range(1000):
        clock[0] += 128 / RATE
        player.process(TONE[:, :128])
        if number == 100:
            assert 0.01 < player.late_share < 0.1
            assert player.problem.endswith("% of its answers late")
    assert 0.0 < player.late_share < 0.02


def test_another_link_is_crossfaded_to_and_asked_only_for_its_own():
    first, second = FakeLink(), FakeLink()
    player = stream(first)
    parts = [play(player, TONE[:, :12_800])]
    player.offer(None)
    parts.append(play(player, TONE[:, 12_800:25_600]))
    player.offer(second)
    parts.append(play(player, TONE[:, 25_600:]))
    out = np.concatenate(parts, axis=1)
    assert player.n_late == 0
    assert min(second.frames) > max(first.frames)
    np.testing.assert_array_equal(out[0, 15_000:25_600], DRY[0, 15_000:25_600])
    np.testing.assert_array_equal(out[0, 28_000:], 4 * DRY[0, 28_000:])
    assert worst(out) < 1.25 * worst(TONE)


def test_the_sound_from_before_a_reset_is_not_heard():
    link = FakeLink()
    player = stream(link)
    play(player, TONE[:, :1000])
    player.reset()
    out = play(player, TONE[:, 1000:3000])
    np.testing.assert_array_equal(out[0, 128:], 4 * TONE[0, 1000 : 3000 - 128])
    assert not out[0, :128].any()
    assert link.resets.count(True) == 1


def test_a_flood_of_changes_goes_out_a_few_a_frame_and_the_last_value_of_each_counts():
    link = FakeLink()
    player = stream(link)
    for value in (0.1, 0.2):
        for index in range(40):
            player.turn(index, value + index)
    play(player, TONE[:, : 4 * FRAME])
    assert [len(changes) for changes in link.changes] == [MAX_CHANGES, MAX_CHANGES, 8, 0]
    sent = dict(change for changes in link.changes for change in changes)
    assert sent == {index: 0.2 + index for index in range(40)}


def test_longer_blocks_than_it_was_made_for_are_mentioned():
    player = stream(FakeLink())
    play(player, TONE, 128)
    assert player.problem == ""
    player.process(TONE[:, :140])
    assert player.problem == "blocks of 140 samples, not 128: its answers come late"


def test_no_samples_are_no_matter():
    assert stream(FakeLink()).process(np.zeros((1, 0), np.float32)).shape == (1, 0)
