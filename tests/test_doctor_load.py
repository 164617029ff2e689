"""Blocks played at the pace of real life: whose fault is a late one?"""

import threading
import time

import numpy as np
import pytest
from fakes import DelayEngine

from realtime.doctor_load import PacedPlayer, Timed, Timing, judge

RATE = 48_000
DEADLINE_S = 480 / RATE  # 10 ms


def timed(done_s: list[float], own_s: list[float], n_calm: int = 100) -> Timed:
    """Blocks of 480, a second apart; the first ones take 2 ms, the last ones what is given."""
    due_s = 1.0 * np.arange(n_calm + len(done_s))
    taken_s = np.array([0.002] * n_calm + done_s)
    own = np.array([0.001] * n_calm + own_s)
    return Timed(480, RATE, 240, Timing(due_s, due_s, due_s + taken_s, own))


def late(load: object) -> tuple[int, int, int]:
    return load.late_own, load.late_machine, load.late_others


def test_blocks_in_time() -> None:
    load = judge(timed([0.009], [0.008]), [])
    assert late(load) == (0, 0, 0)
    assert load.deadline_ms == 10.0
    assert load.p50_ms == pytest.approx(2.0)
    assert load.max_ms == pytest.approx(9.0)
    assert load.own_p999_ms == pytest.approx(8.0)
    assert load.engine_latency_ms == 5.0


def test_a_late_block_is_ours_if_it_was_computed_for_most_of_its_time() -> None:
    assert late(judge(timed([0.012], [0.0115]), [])) == (1, 0, 0)


def test_a_late_block_is_the_machines_if_it_stood_still_long_enough() -> None:
    block = timed([0.012], [0.0115])
    assert late(judge(block, [(100.002, 100.006)])) == (0, 1, 0)
    # What the host of a virtual machine takes may count as computing: it is left out.
    assert judge(block, [(100.002, 100.006)]).own_p999_ms == pytest.approx(1.0)
    assert late(judge(block, [(100.002, 100.003)])) == (1, 0, 0)
    assert late(judge(block, [(99.9, 99.95)])) == (1, 0, 0)


def test_a_late_block_that_waited_is_the_fault_of_others() -> None:
    assert late(judge(timed([0.030], [0.001]), [])) == (0, 0, 1)


def test_a_few_blocks_are_no_measurement() -> None:
    assert judge(timed([], [], n_calm=10), []) is None


class Sleepy(DelayEngine):
    """Waits and computes for given times."""

    waits_s, computes_s = 0.0, 0.0

    def process(self, block: np.ndarray) -> np.ndarray:
        time.sleep(self.waits_s)
        end_s = time.thread_time() + self.computes_s
        while time.thread_time() < end_s:
            pass
        return super().process(block)


def test_a_block_is_played_when_it_is_due_and_both_clocks_run() -> None:
    player = Sleepy()
    player.waits_s, player.computes_s = 0.002, 0.001
    paced = PacedPlayer(player, np.zeros(RATE, np.float32), 480, seconds=0.3, priority=0)
    begun_s = time.monotonic()
    paced.run()
    assert time.monotonic() - begun_s >= 0.3
    timing = paced.timing()
    assert 20 <= len(timing.due_s) <= 30  # a busy machine may leave some out
    assert set(player.block_sizes) == {480}
    assert np.all(timing.begun_s >= timing.due_s)
    assert np.median(timing.done_s - timing.begun_s) >= 0.003
    assert 0.0009 < np.median(timing.own_s) < 0.003


def test_what_is_far_too_slow_ends_in_time() -> None:
    player = Sleepy()
    player.computes_s = 0.004
    paced = PacedPlayer(player, np.zeros(RATE, np.float32), 48, seconds=0.4, priority=0)
    begun_s = time.monotonic()
    paced.run()
    assert time.monotonic() - begun_s < 1.2  # all 400 blocks would take 1.6 s
    assert 20 <= len(paced.timing().due_s) <= 100


def test_ctrl_c_keeps_what_was_played(monkeypatch: pytest.MonkeyPatch) -> None:
    paced = PacedPlayer(DelayEngine(), np.zeros(RATE, np.float32), 480, seconds=5.0, priority=0)
    joined = threading.Thread.join
    is_pressed = False

    def join(thread: threading.Thread, limit_s: float | None = None) -> None:
        nonlocal is_pressed
        joined(thread, limit_s)
        if not is_pressed and len(paced.timing().due_s) >= 20:
            is_pressed = True
            raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "join", join)
    with pytest.raises(KeyboardInterrupt):
        paced.run()
    assert 20 <= len(paced.timing().due_s) < 300  # all of it would be 500
    assert judge(Timed(480, RATE, 0, paced.timing()), []) is not None
