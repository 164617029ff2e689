"""What the system tells of threads and machines, and what is made of it where it tells nothing."""

import itertools
import sys
import time
from pathlib import Path

import pytest

from realtime.witness import Losses, MachineWatch, spent_between, thread_cpu_s, thread_turns


def test_a_machine_tells_what_it_took(tmp_path: Path) -> None:
    task = tmp_path / "self/task/7"
    task.mkdir(parents=True)
    numbers = itertools.count(1)

    def tell(queued_ns: int, stolen: int) -> None:
        (task / "schedstat").write_text(f"{next(numbers)} {queued_ns} 5\n", encoding="ascii")
        stat = f"cpu  1 2 3 4 5 6 7 {stolen} 0 0\ncpu0 1 2 3\n"
        (tmp_path / "stat").write_text(stat, encoding="ascii")

    tell(1_000_000, 200)
    watch = MachineWatch(7, tmp_path)
    tell(4_000_000, 202)
    assert watch.losses() == pytest.approx((0.003, 0.02))
    assert watch.losses() == (0.0, 0.0)


def test_a_thread_that_has_ended_hides_nothing_of_the_machine(tmp_path: Path) -> None:
    schedstat = tmp_path / "self/task/7/schedstat"
    schedstat.parent.mkdir(parents=True)
    schedstat.write_text("1 4000000 5\n", encoding="ascii")
    (tmp_path / "stat").write_text("cpu  1 2 3 4 5 6 7 200 0 0\n", encoding="ascii")
    watch = MachineWatch(7, tmp_path)
    schedstat.unlink()
    (tmp_path / "stat").write_text("cpu  1 2 3 4 5 6 7 203 0 0\n", encoding="ascii")
    assert watch.losses() == pytest.approx((0.0, 0.03))


def test_a_system_that_tells_nothing_took_nothing(tmp_path: Path) -> None:
    assert MachineWatch(7, tmp_path).losses() == Losses(0.0, 0.0)


def test_a_threads_turns_are_counted() -> None:
    before, cpu_s = thread_turns(), thread_cpu_s()
    end_s = time.thread_time() + 0.005
    while time.thread_time() < end_s:
        pass
    time.sleep(0.001)
    spent = spent_between(thread_cpu_s() - cpu_s, before, thread_turns())
    assert 0.005 <= spent.cpu_s < 0.05
    if sys.platform.startswith("linux"):
        assert spent.n_waits >= 1
