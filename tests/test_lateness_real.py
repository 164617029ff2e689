"""Why blocks are late, for real: a slow processor, a held lock, a process that is stopped."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from realtime.lateness import EXPLANATIONS, LateBlocks
from realtime.scheduling import AUDIO_PRIORITY, raise_this_thread
from realtime.session import SWITCH_INTERVAL_S
from realtime.witness import Losses

RATE = 48000


def test_a_really_slow_processor_is_late_by_itself() -> None:
    late = LateBlocks(RATE)
    for _ in range(20):
        late.begin()
        end_s = time.thread_time() + 0.0008  # less than the kernel's tick
        while time.thread_time() < end_s:
            pass
        late.end(24)
    late.judge(Losses())
    assert late.counts["own"] == 20
    assert late.computing.percentile(1) >= 0.0008 * 0.99


def blocks_while(blocker: threading.Thread, late: LateBlocks) -> None:
    """Blocks of 2 ms that give Python's lock away and ask for it again, in a thread that is first:
    else, on a busy machine, it could not even ask.
    """
    if not raise_this_thread(AUDIO_PRIORITY):
        return
    blocker.start()
    while blocker.is_alive():
        late.begin()
        time.sleep(1e-4)
        late.end(96)


def test_a_thread_that_really_waits_for_the_interpreter_is_seen_waiting() -> None:
    numbers = np.random.default_rng(0).random(100_000).tolist()
    late = LateBlocks(RATE)
    blocker = threading.Thread(target=lambda: [sorted(numbers) for _ in range(12)])
    audio = threading.Thread(target=blocks_while, args=(blocker, late))
    interval_s = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    try:
        audio.start()
        audio.join()
    finally:
        sys.setswitchinterval(interval_s)
    if blocker.ident is None:
        pytest.skip("needs the right to real-time priority")
    late.judge(Losses())
    assert late.counts["interpreter"] >= 2
    assert late.counts["own"] == 0


BLOCK_THAT_IS_STOPPED = """
import json, time
from realtime.lateness import LateBlocks
from realtime.witness import Losses
late = LateBlocks(48000)
late.begin()
before_s = time.perf_counter()
print("computing", flush=True)
while (now_s := time.perf_counter()) - before_s < 0.2:  # until it was stopped for so long
    before_s = now_s
late.end(4800)
late.judge(Losses())
print(json.dumps([late.counts, late.kept[0].spent.cpu_s, late.kept[0].span_s]))
"""


def test_a_process_that_is_really_stopped_was_held_up_by_the_machine() -> None:
    command = [sys.executable, "-c", BLOCK_THAT_IS_STOPPED]
    root = Path(__file__).resolve().parent.parent
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "computing\n"
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(0.4)
        os.kill(process.pid, signal.SIGCONT)
        counts, cpu_s, span_s = json.loads(process.communicate(timeout=20)[0])
    assert counts == dict.fromkeys(EXPLANATIONS, 0) | {"machine": 1}
    assert span_s > 0.35
    assert cpu_s < 0.1
