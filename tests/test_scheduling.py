"""Real-time rights: what is asked of the system, and what is said where it refuses."""

import os
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from realtime.scheduling import (
    AUDIO_PRIORITY,
    COMPANION_PRIORITY,
    NO_RIGHTS,
    Rights,
    granted_lines,
    hints,
    lock_memory,
    raise_companions,
    raise_this_thread,
    rights,
    thread_priority,
)

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux's own calls")


class FakeSystem(SimpleNamespace):
    """The scheduler's part of the os module: grants priorities up to a limit."""

    SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_RESET_ON_FORK = 0, 1, 2, 0x40000000

    def __init__(self, highest: int, policy: int = 0) -> None:
        super().__init__(highest=highest, policy=policy, priority=5 if policy else 0)

    def sched_getscheduler(self, _pid: int) -> int:
        return int(self.policy)

    def sched_getparam(self, _pid: int) -> SimpleNamespace:
        return SimpleNamespace(sched_priority=self.priority)

    def sched_param(self, priority: int) -> int:
        return priority

    def sched_setscheduler(self, _pid: int, policy: int, priority: int) -> None:
        if not 1 <= priority <= 99:
            raise OSError("Invalid argument")
        if priority > self.highest:
            raise PermissionError("Operation not permitted")
        self.policy, self.priority = policy, priority


class FakeLibc:
    """Says yes or no to mlockall."""

    def __init__(self, answer: int) -> None:
        self.answer, self.asked = answer, list[int]()

    def mlockall(self, flags: int) -> int:
        self.asked.append(flags)
        return self.answer


def in_a_thread(work: Any) -> Any:
    """What `work` returns in a thread of its own, whose priority ends with it."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def test_a_thread_becomes_a_realtime_one_and_its_children_do_not() -> None:
    system = FakeSystem(highest=95)
    assert raise_this_thread(AUDIO_PRIORITY, system)
    assert system.priority == AUDIO_PRIORITY
    assert system.policy == FakeSystem.SCHED_FIFO | FakeSystem.SCHED_RESET_ON_FORK


@pytest.mark.parametrize("policy", [FakeSystem.SCHED_FIFO, FakeSystem.SCHED_RR])
def test_what_a_sound_server_has_raised_stays_as_it_is(policy: int) -> None:
    system = FakeSystem(highest=95, policy=policy | FakeSystem.SCHED_RESET_ON_FORK)
    assert raise_this_thread(AUDIO_PRIORITY, system)
    assert thread_priority(system) == 5


def test_a_refusal_is_a_value() -> None:
    assert not raise_this_thread(AUDIO_PRIORITY, FakeSystem(highest=0))
    assert not raise_this_thread(AUDIO_PRIORITY, SimpleNamespace())  # no such calls, as on macOS


def test_the_other_threads_come_before_ordinary_programs_and_after_the_audio(
    tmp_path: Path,
) -> None:
    class ManyThreads(FakeSystem):
        policies: ClassVar = {10: 0, 11: 1, 12: 0}

        def sched_getscheduler(self, thread_id: int) -> int:
            if thread_id == 13:
                raise ProcessLookupError("it has ended")
            return int(self.policies[thread_id])

        def sched_setscheduler(self, thread_id: int, policy: int, priority: int) -> None:
            super().sched_setscheduler(thread_id, policy, priority)
            self.policies[thread_id] = priority

    for thread_id in (10, 11, 12, 13):
        (tmp_path / str(thread_id)).mkdir()
    system = ManyThreads(highest=95)
    assert raise_companions(system, tmp_path) == 2
    assert system.policies == {10: COMPANION_PRIORITY, 11: 1, 12: COMPANION_PRIORITY}
    assert system.policy & FakeSystem.SCHED_RESET_ON_FORK
    assert COMPANION_PRIORITY < AUDIO_PRIORITY
    assert raise_companions(FakeSystem(highest=0), tmp_path) == 0


def test_the_highest_priority_is_found_by_trying() -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("Linux's own limits")
    assert rights(FakeSystem(highest=99)).realtime_priority == 99
    assert rights(FakeSystem(highest=0)).realtime_priority == 0


def test_elsewhere_there_is_nothing_to_ask_for_and_nothing_to_change() -> None:
    assert rights(platform="darwin") == NO_RIGHTS
    assert hints(NO_RIGHTS, "darwin") == []
    assert not lock_memory(FakeLibc(0), "darwin")


def test_each_missing_right_has_a_hint_that_says_what_to_do() -> None:
    assert hints(Rights(95, None), "linux") == []
    (priority,) = hints(Rights(0, None), "linux")
    assert "rtprio 95" in priority
    assert "usermod -aG audio" in priority
    (memory,) = hints(Rights(95, 8 << 20), "linux")
    assert "memlock unlimited" in memory
    assert len(hints(NO_RIGHTS, "linux")) == 2


def test_what_was_granted_is_one_line_and_a_hint_for_what_was_not() -> None:
    (all_of_it,) = granted_lines(70, True, Rights(99, None), "linux")
    assert all_of_it == "audio thread at real-time priority 70, memory locked"
    line, *missing = granted_lines(0, False, NO_RIGHTS, "linux")
    assert line == "audio thread without real-time priority, memory not locked"
    assert len(missing) == 2
    # A sound server may give a priority that this user could not take.
    _, hint = granted_lines(65, False, Rights(0, 8 << 20), "linux")
    assert "memlock" in hint
    assert len(granted_lines(0, False, NO_RIGHTS, "darwin")) == 1


@linux_only
def test_memory_is_locked_without_fetching_what_was_never_used() -> None:
    granted, refused = FakeLibc(0), FakeLibc(-1)
    assert lock_memory(granted)
    assert granted.asked[-1] == 1 | 4  # MCL_CURRENT | MCL_ONFAULT
    assert not lock_memory(refused)


@linux_only
def test_on_this_machine_what_is_said_to_be_allowed_is() -> None:
    allowed = rights().realtime_priority
    before = os.sched_getscheduler(0)
    assert in_a_thread(lambda: raise_this_thread(max(allowed, 1))) == (allowed > 0)
    if allowed:
        assert in_a_thread(lambda: raise_this_thread(allowed) and thread_priority()) == allowed
    assert os.sched_getscheduler(0) == before, "this thread was not asked"
