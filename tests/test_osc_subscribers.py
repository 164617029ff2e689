"""What OSC's subscribers are sent: everything once, changes, meters, and no echo."""

import pytest
from desks import FakeInstrument
from osc_stage import PHONE, STATE, TABLET, Stage

from realtime.desk import Desk
from realtime.osc_answers import METERS_EVERY_S, Answers
from realtime.osc_news import LEASE_S, MOST_SUBSCRIBERS, REST_S


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_subscriber_is_sent_everything_once(stage: Stage) -> None:
    stage.hear("subscribe", 9001)
    peer = (TABLET[0], 9001)
    told = dict(stage.post[peer])
    assert not stage.post[TABLET]
    for name, value in stage.instrument.control_values.items():
        assert told[f"/chanterelle/{name.replace('.', '/')}"] == (pytest.approx(value, abs=1e-5),)
    assert told["/chanterelle/preset"] == ("violin", 1.0)
    assert told["/chanterelle/record"] == (1.0,)
    assert told["/chanterelle/set/song"] == ("Solveig",)
    n_sent = len(stage.post[peer])
    stage.hear("subscribe", 9001)  # at once again: one more minute, but not everything
    assert len(stage.post[peer]) == n_sent
    stage.now_s += 30.0
    stage.hear("subscribe", 9001)
    assert len(stage.post[peer]) == 2 * n_sent


def test_changes_of_every_hand_are_told(stage: Stage) -> None:
    stage.hear("subscribe")
    stage.tick()
    stage.forget()
    stage.desk.set("echo.mix", 0.5, "midi")
    stage.desk.do("bypass", 1.0, "keys")
    stage.desk.do("preset", "cello", "keys")
    stage.desk.say("hello")
    stage.tick()
    assert stage.got("bypass") == [(1.0,)]
    assert stage.got("preset") == [("cello", 2.0)]
    assert stage.got("message") == [("hello",)]
    assert stage.got("room_mix") == [(pytest.approx(0.4),)]
    assert stage.got("echo/mix") == [(pytest.approx(0.2),)]  # where the preset has put it
    stage.forget()
    stage.tick()
    assert not stage.post[TABLET]


def test_the_last_of_many_movements_is_what_is_told(stage: Stage) -> None:
    stage.hear("subscribe")
    stage.tick()
    stage.forget()
    for step in range(100):
        stage.desk.set("room_mix", step / 128, "midi")
    stage.tick()
    assert stage.got("room_mix") == [(99 / 128,)]


def test_a_moving_fader_is_not_sent_its_own_movements(stage: Stage) -> None:
    stage.hear("subscribe")
    stage.hear("subscribe", sender=PHONE)
    stage.tick()
    stage.forget()
    for step in range(1, 11):
        stage.hear("octave_shift", 0.25 * step)
        stage.tick(0.1)
    assert not stage.got("octave_shift")
    assert len(stage.got("octave_shift", PHONE)) == 10
    stage.tick(REST_S)
    stage.tick(REST_S)
    assert stage.got("octave_shift") == [(2.0,)]  # rounded: the fader stood at 2.5


def test_another_hand_goes_before_the_fader_that_rests(stage: Stage) -> None:
    stage.hear("subscribe")
    stage.tick()
    stage.forget()
    stage.hear("room_mix", 0.25)
    stage.tick()
    stage.desk.set("room_mix", 0.75, "midi")
    for _ in range(10):
        stage.tick(0.1)
    assert stage.got("room_mix") == [(0.75,)]


def test_subscriptions_end_when_nobody_asks_again(stage: Stage) -> None:
    stage.hear("subscribe")
    stage.hear("subscribe", 9001, sender=PHONE)
    stage.tick(LEASE_S - 1.0)
    stage.hear("subscribe")
    stage.tick(1.5)
    assert [subscriber.peer for subscriber in stage.answers.subscribers] == [TABLET]
    stage.hear("unsubscribe")
    stage.forget()
    stage.desk.set("room_mix", 0.5)
    stage.tick(1.0)
    assert not stage.n_packets or not stage.post[TABLET]
    assert stage.answers.due_in_s(stage.now_s) is None


def test_subscribers_are_few(stage: Stage) -> None:
    for number in range(MOST_SUBSCRIBERS + 3):
        stage.hear("subscribe", 9000 + number)
    assert len(stage.answers.subscribers) == MOST_SUBSCRIBERS
    assert stage.answers.troubles["refused"] == 3


def test_meters_come_twenty_times_a_second(stage: Stage) -> None:
    stage.hear("subscribe")
    stage.tick()
    stage.forget()
    for _ in range(1000):
        stage.tick(0.001)
    assert len(stage.got("meters/f0_hz")) == pytest.approx(1.0 / METERS_EVERY_S, abs=1)
    assert stage.got("meters/note")[0] == ("A4",)
    assert stage.got("meters/cents")[0] == (pytest.approx(7.85, abs=0.01),)
    assert stage.got("meters/recording_s")[0] == (3.0,)
    assert stage.got("set/song") == []  # it has not changed


def test_meters_that_fail_are_left_out(stage: Stage) -> None:
    stage.hear("subscribe")
    stage.answers._read_state = lambda: 1 / 0  # type: ignore[assignment, return-value]
    for _ in range(20):
        stage.tick(0.1)
    assert dict(stage.answers.troubles) == {"failed": 20}
    assert len(stage.said) == 1


def test_nobody_listening_nothing_is_kept() -> None:
    desk = Desk(FakeInstrument())
    answers = Answers(
        desk, lambda: STATE, lambda *_: pytest.fail("sent"), lambda: pytest.fail("woken")
    )
    desk.set("room_mix", 0.5)
    answers.tick(0.0)
    assert not answers.news.take()
