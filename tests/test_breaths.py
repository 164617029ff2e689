"""Work beside the audio thread rests, and ends as it would have without."""

import sys
import time

from realtime.breaths import REST_S, WORK_S, breaths


def step() -> float:
    return time.thread_time()


def work(seconds: float) -> float:
    """So long of this thread's computing; how long it took by the clock."""
    begun_s, end_s = time.perf_counter(), step() + seconds
    while step() < end_s:
        pass
    return time.perf_counter() - begun_s


def test_it_rests_after_every_short_piece() -> None:
    before = sys.getprofile()
    with breaths():
        took_s = work(20 * WORK_S)
    assert took_s > 10 * (WORK_S + REST_S)
    assert sys.getprofile() is before
