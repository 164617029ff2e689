"""Why blocks are late: each cause by made-up evidence."""

import math

import pytest

from realtime.lateness import EXPLANATIONS, LateBlock, LateBlocks, cause_of, in_words
from realtime.witness import Losses, Spent, Turns

RATE = 48000
BLOCK_S = 128 / RATE
MS = 1e-3
NO_LOSSES = Losses()


class FakeThread:
    """A thread on a machine of our making: a clock on the wall, and what the thread used."""

    def __init__(self) -> None:
        self.time_s = 100.0
        self.cpu_s = 5.0
        self.turns = Turns(70, 3)
        self.late = LateBlocks(RATE, lambda: self.time_s, lambda: self.cpu_s, lambda: self.turns)

    def live(self, wall_s: float, cpu_s: float = 0.0, waits: int = 0, preempted: int = 0) -> None:
        self.time_s += wall_s
        self.cpu_s += cpu_s
        self.turns = Turns(self.turns.ru_nvcsw + waits, self.turns.ru_nivcsw + preempted)

    def block(self, wall_s: float, cpu_s: float, waits: int = 0, preempted: int = 0) -> None:
        self.late.begin()
        self.live(wall_s, cpu_s, waits, preempted)
        self.late.end(128)

    def play(self, n_blocks: int) -> None:
        """Blocks as they should be; the last one's successor is due now."""
        for _ in range(n_blocks):
            self.block(0.3 * MS, 0.3 * MS)
            self.live(BLOCK_S - 0.3 * MS, waits=1)

    def settle(self) -> None:
        self.play(1500)
        for _ in range(10):
            self.late.judge(Losses())
        assert self.late.n == 0

    def causes(self, losses: Losses = NO_LOSSES) -> dict[str, int]:
        self.late.judge(losses)
        assert sum(self.late.counts.values()) == self.late.n
        return {cause: n for cause, n in self.late.counts.items() if n}


def test_nothing_is_late_while_all_goes_well() -> None:
    thread = FakeThread()
    thread.settle()
    assert thread.causes() == {}
    assert thread.late.computing.percentile(50) == pytest.approx(0.3 * MS, rel=5e-3)


def test_a_thread_that_computed_too_long_was_late_by_itself() -> None:
    thread = FakeThread()
    for _ in range(100):
        thread.block(3.0 * MS, 3.0 * MS)
    assert thread.causes() == {"own": 100}


def test_also_where_it_was_put_aside_on_top_of_that() -> None:
    thread = FakeThread()
    thread.block(9.0 * MS, 3.0 * MS, preempted=2)
    assert thread.causes() == {"own": 1}


@pytest.mark.parametrize("preempted", [1, 0])
def test_a_thread_that_computed_little_was_held_up_by_the_machine(preempted: int) -> None:
    thread = FakeThread()
    thread.settle()
    thread.block(4.3 * MS, 0.3 * MS, preempted=preempted)
    assert thread.causes() == {"machine": 1}


def test_a_thread_that_woke_up_again_and_again_waited_for_the_interpreter() -> None:
    thread = FakeThread()
    thread.settle()
    thread.block(5.3 * MS, 0.5 * MS, waits=60)
    assert thread.causes() == {"interpreter": 1}


def test_a_block_that_was_asked_for_late_is_the_cards_affair() -> None:
    thread = FakeThread()
    thread.settle()
    thread.live(6.0 * MS)
    thread.play(10)
    assert thread.causes() == {"card": 1}


@pytest.mark.parametrize("losses", [Losses(queued_s=5.9 * MS), Losses(stolen_s=10 * MS)])
def test_unless_the_machine_let_the_thread_wait(losses: Losses) -> None:
    thread = FakeThread()
    thread.settle()
    thread.live(6.0 * MS)
    thread.play(10)
    assert thread.causes(losses) == {"machine": 1}


def test_or_it_was_put_aside_or_waited_for_the_interpreter_on_the_way() -> None:
    thread = FakeThread()
    thread.settle()
    thread.live(6.0 * MS, preempted=1)
    thread.play(10)
    assert thread.causes() == {"machine": 1}
    thread.live(6.0 * MS, waits=40)
    thread.play(10)
    assert thread.causes() == {"machine": 1, "interpreter": 1}


def test_cards_that_ask_for_several_blocks_at_once_are_not_late() -> None:
    thread = FakeThread()
    for _ in range(500):
        for _ in range(4):
            thread.block(0.3 * MS, 0.3 * MS)
        thread.live(4 * BLOCK_S - 1.2 * MS, waits=1)
        thread.late.judge(Losses())
    assert thread.causes() == {}


def test_the_block_after_a_late_one_is_not_late_again() -> None:
    thread = FakeThread()
    thread.settle()
    thread.block(9.0 * MS, 0.3 * MS, preempted=1)
    thread.play(10)
    assert thread.causes() == {"machine": 1}


def test_time_that_is_counted_but_far_above_all_history_is_not_clear() -> None:
    thread = FakeThread()
    thread.settle()
    thread.block(11.0 * MS, 11.0 * MS)
    assert thread.causes() == {"unclear": 1}


def test_unless_the_host_says_that_it_stole_it() -> None:
    thread = FakeThread()
    thread.settle()
    thread.block(11.0 * MS, 11.0 * MS)
    assert thread.causes(Losses(stolen_s=10 * MS)) == {"machine": 1}


def test_without_a_history_long_computing_is_its_own() -> None:
    evidence = LateBlock(0.0, 1 * MS, 4 * MS, 3 * MS, Spent(4 * MS, 0, 0, 0), asked_late=False)
    assert cause_of(evidence, Losses(), math.inf) == "own"
    assert cause_of(evidence, Losses(), 1 * MS) == "unclear"
    assert cause_of(evidence, Losses(), 2 * MS) == "own"


def test_the_evidence_is_kept_but_does_not_grow_for_ever() -> None:
    thread = FakeThread()
    for _ in range(1200):
        thread.block(4.0 * MS, 3.0 * MS, waits=1, preempted=2)
        thread.late.judge(Losses())
    assert thread.late.counts["own"] == thread.late.n == 1200
    assert len(thread.late.kept) == 1000
    first = thread.late.kept[0]
    assert (first.cause, first.spent.n_preempted) == ("own", 2)
    assert first.over_s == pytest.approx(4.0 * MS - BLOCK_S)


def test_the_instruments_own_are_always_named() -> None:
    counts = dict.fromkeys(EXPLANATIONS, 0)
    assert in_words(0, counts) == "late 0"
    assert in_words(3, counts | {"machine": 3}) == "late 3: 3 machine, 0 own"
    assert in_words(3, counts | {"own": 1, "card": 2}) == "late 3: 2 card, 1 own"
